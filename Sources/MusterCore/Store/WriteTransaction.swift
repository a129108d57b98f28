public import SCIM

/// What can be done in a transaction. Used only inside the closure that it is given to.
public protocol WriteTransaction: ReadTransaction, ProvisioningWriting {
    // MARK: Resources

    /// Adds a resource with its index entries.
    /// - Throws: ``StoreError`` `uniqueness` when a unique entry is taken, `conflict` when the key is, `notFound` when there
    ///   is no such tenant.
    func insert(_ resource: StoredResource, index: [IndexEntry]) throws

    /// Replaces document, meta, display and index entries of a resource.
    /// - Parameter expected: The ``StoredResource/documentVersion`` that the change was made from.
    /// - Throws: ``StoreError`` `conflict` when it is another by now, `notFound`, `uniqueness`.
    func update(_ resource: StoredResource, expected: Int64, index: [IndexEntry]) throws

    /// Moves only the version (by one) and the time of a group whose members changed.
    /// - Returns: The new meta.
    func touch(_ key: ResourceKey, lastModified: Timestamp) throws -> Meta

    /// Removes a resource with its index entries and, as group and as member, its memberships.
    /// - Throws: ``StoreError`` `notFound`, or `conflict` when the document version is not `expected`.
    func delete(_ key: ResourceKey, expected: Int64) throws

    /// Replaces the index entries of a resource, leaving all else alone.
    func reindex(_ key: ResourceKey, index: [IndexEntry]) throws

    /// Sets or, with nil, removes what is kept of a secret attribute. It goes with the resource and is in no document,
    /// event or index.
    /// - Throws: ``StoreError`` `notFound` when there is no such resource.
    func setSecret(_ attribute: String, of key: ResourceKey, to value: [UInt8]?) throws

    // MARK: Tenants

    /// Adds a tenant.
    /// - Throws: ``StoreError`` `conflict` when there is one of this name.
    func createTenant(_ tenant: Tenant) throws

    /// Removes a tenant other than the default one with everything that is its own: resources, memberships, secrets,
    /// changes, events, deliveries, tokens, plugin values.
    /// - Throws: ``StoreError`` `notFound`, or `conflict` for the default one.
    func deleteTenant(_ tenant: Tenant) throws

    // MARK: Membership

    /// Adds members that are not there yet.
    /// - Returns: Those that were really added.
    /// - Throws: ``StoreError`` `unknownMember` when one does not exist.
    func addMembers(_ members: [ResourceKey], to group: ResourceKey) throws -> [ResourceKey]

    /// Removes members that are there.
    /// - Returns: Those that were really removed.
    func removeMembers(ids: [String], from group: ResourceKey) throws -> [ResourceKey]

    /// Removes every member.
    /// - Returns: Those that were removed.
    func removeAllMembers(of group: ResourceKey) throws -> [ResourceKey]

    // MARK: Events and queue

    /// Writes a change, its events, and for each event one delivery to each of its subscribers.
    /// - Throws: ``StoreError`` `notFound` when there is no such tenant.
    func append(_ change: ChangeRecord, _ events: [(event: LifecycleEvent, subscribers: [String])]) throws

    /// Claims deliveries that are due: the oldest unfinished one of each (subscriber, subject), at most `limit`.
    ///
    /// A claim counts as an attempt and holds until `leasedUntil`; leases that ended before `now` are claimed anew.
    func claimDeliveries(for subscribers: [String], limit: Int, now: Timestamp, leasedUntil: Timestamp) throws -> [Delivery]

    /// Ends a claim.
    /// - Throws: ``StoreError`` `conflict` when the delivery is no longer held under this lease.
    func settle(_ delivery: Delivery, _ settlement: DeliverySettlement) throws

    /// Keeps what the attempt at a delivery did, in place of what an earlier one did, until the delivery is forgotten; nil
    /// keeps nothing. Of a delivery that is not there nothing is kept.
    func record(_ record: [UInt8]?, of delivery: Delivery) throws

    /// Makes every leased delivery ready again: for the start of the only worker of a store.
    func releaseLeases() throws

    /// Puts deliveries that were set aside back to ready with no attempts made.
    /// - Returns: How many.
    func redriveDeliveries(_ query: DeliveryQuery, now: Timestamp) throws -> Int

    /// Drops unfinished or set-aside deliveries for good.
    /// - Returns: How many.
    func dropDeliveries(_ query: DeliveryQuery, reason: String) throws -> Int

    /// Forgets finished deliveries, and changes and events that no delivery needs, from before `time`; at most `limit`.
    /// - Returns: How many deliveries were forgotten.
    func pruneDeliveries(before time: Timestamp, limit: Int) throws -> Int

    // MARK: Tokens, plugin values, settings

    /// Adds a token.
    /// - Throws: ``StoreError`` `conflict` when there is one of this id, `notFound` when there is no such tenant.
    func insert(_ token: AccessToken) throws

    /// Revokes the token with this id or name.
    /// - Returns: Whether there was one that was not revoked yet.
    func revokeAccessToken(_ idOrName: String, at time: Timestamp) throws -> Bool

    /// Sets when the token with this id expires; nil for never.
    /// - Returns: Whether there is one that is not revoked.
    func setExpiry(ofAccessToken id: String, to time: Timestamp?) throws -> Bool

    /// Notes that the token with this id was used; an earlier time than the one that is noted changes nothing.
    func noteUse(ofAccessToken id: String, at time: Timestamp) throws

    /// Sets or, with nil, removes a value in a plugin's own space.
    /// - Parameter expires: When it ends; nil for never.
    /// - Throws: ``StoreError`` `notFound` when there is no such tenant to keep a value for.
    func setPluginValue(_ key: String, _ value: [UInt8]?, plugin: String, tenant: Tenant, expires: Timestamp?) throws

    /// Sets a setting.
    func setSetting(_ name: String, _ value: String) throws
}

/// How a claim ends.
public enum DeliverySettlement: Sendable, Hashable {
    /// Handled: acknowledged once and for all.
    case delivered
    /// To be tried again at `due`.
    case retry(due: Timestamp, error: String)
    /// Given up.
    case setAside(error: String)
    /// Given back untried at `due`: the attempt does not count.
    case release(due: Timestamp)
}
