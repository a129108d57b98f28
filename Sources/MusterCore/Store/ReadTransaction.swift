public import SCIM

/// What can be asked of a consistent state. Used only inside the closure that it is given to.
public protocol ReadTransaction: ProvisioningReading {
    // MARK: Resources

    /// The resource, or nil.
    func resource(_ key: ResourceKey) throws -> StoredResource?

    /// One page of a search.
    func resources(_ query: ResourceQuery) throws -> ResourcePage

    /// Calls `body` with every resource of a type in the order of creation, holding one at a time.
    func forEachResource(of type: String, in tenant: Tenant, _ body: (StoredResource) throws -> Void) throws

    /// The resources of `type` that have `value` at the indexed attribute called `attribute`.
    func resources(of type: String, in tenant: Tenant, where attribute: String, equals value: IndexValue) throws -> [StoredResource]

    /// What is kept of a secret attribute, such as the hash of a password; nil when there is none.
    func secret(_ attribute: String, of key: ResourceKey) throws -> [UInt8]?

    // MARK: Tenants

    /// All tenants, the default one first, the others in the order of creation.
    func tenants() throws -> [Tenant]

    /// Whether there is this tenant; the default one always is.
    func hasTenant(_ tenant: Tenant) throws -> Bool

    // MARK: Membership

    /// Calls `body` with each direct member of a group, in the order in which they joined.
    func forEachMember(of group: ResourceKey, _ body: (Membership) throws -> Void) throws

    /// The number of direct members of a group.
    func memberCount(of group: ResourceKey) throws -> Int

    /// The groups that `member` is a direct member of, in the order in which it joined them.
    func groups(of member: ResourceKey) throws -> [Membership]

    /// The groups that `member` belongs to through other groups only, each once: those that hold a group that holds it,
    /// and so on upward, the nearest first. Those that it is a direct member of are left out.
    func indirectGroups(of member: ResourceKey) throws -> [Membership]

    /// The members and types of those `ids` that name a resource of `types` in `tenant`: the types by id.
    func types(of ids: [String], among types: [String], in tenant: Tenant) throws -> [String: String]

    // MARK: Queue

    /// Deliveries, newest first.
    func deliveries(_ query: DeliveryQuery) throws -> [Delivery]

    /// How the queue stands, by subscriber; those for which nothing waits and nothing is set aside are left out.
    func queueSummary() throws -> [String: QueueSummary]

    /// Deliveries to a subscriber with what is kept of their last attempts, oldest first: those behind the delivery `number`
    /// that belong to the change numbered `change` or a later one; at most `limit`. May look at every delivery there is.
    func recordedDeliveries(to subscriber: String, after number: Int64, fromChange change: Int64, limit: Int) throws -> [RecordedDelivery]

    // MARK: Changes

    /// The changes of a tenant with a greater number than `number`, oldest first, with their events in order; at most
    /// `limit`.
    ///
    /// Numbers grow in the order of the commits: who has seen a change will find none with a smaller number later.
    func changes(in tenant: Tenant, after number: Int64, limit: Int) throws -> [NumberedChange]

    /// The number from which on every change of a tenant is kept, none having been forgotten, and that of its newest change
    /// ever; nil when there never was one.
    func changeBounds(in tenant: Tenant) throws -> (oldest: Int64, newest: Int64)?

    // MARK: Tokens, plugin values, settings

    /// The token with this id, revoked or not.
    func accessToken(id: String) throws -> AccessToken?

    /// All tokens, oldest first.
    func accessTokens() throws -> [AccessToken]

    /// The value of `key` in a plugin's own space, unless it expired before `now`.
    func pluginValue(_ key: String, plugin: String, tenant: Tenant, now: Timestamp) throws -> [UInt8]?

    /// A setting that the store itself or the engine keeps, such as the fingerprint of the index.
    func setting(_ name: String) throws -> String?
}
