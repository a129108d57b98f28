import MusterCore
import MusterTesting
import SCIM
import Synchronization

/// A store that fails when it is told to.
final class FlakyStore: Store {
    private let base: any Store
    private let down = Mutex(false)
    private let writes = Mutex(0)
    /// Called before a claim or a settlement is passed on; throws to let it fail.
    private let tamper: @Sendable (Step) throws -> Void

    enum Step: Sendable {
        case claim(subscriber: String)
        case settle(Delivery)
    }

    init(_ base: any Store, tamper: @escaping @Sendable (Step) throws -> Void = { _ in }) {
        self.base = base
        self.tamper = tamper
    }

    /// Whether everything fails.
    var isDown: Bool {
        get { down.withLock { $0 } }
        set { down.withLock { $0 = newValue } }
    }

    /// How many writes were tried.
    var writeCount: Int { writes.withLock { $0 } }

    func read<T: Sendable>(
        _ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T {
        if isDown { throw StoreError(.unavailable, "down") }
        return try await base.read(extent, body)
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        writes.withLock { $0 += 1 }
        if isDown { throw StoreError(.unavailable, "down") }
        return try await base.write { [tamper] in try body(TamperedTransaction(base: $0, tamper: tamper)) }
    }
}

/// Passes the queue's calls on; the worker makes no others.
private struct TamperedTransaction: TransactionWithoutProvisioning {
    let base: any WriteTransaction
    let tamper: @Sendable (FlakyStore.Step) throws -> Void

    func claimDeliveries(for subscribers: [String], limit: Int, now: Timestamp, leasedUntil: Timestamp) throws -> [Delivery] {
        for subscriber in subscribers { try tamper(.claim(subscriber: subscriber)) }
        return try base.claimDeliveries(for: subscribers, limit: limit, now: now, leasedUntil: leasedUntil)
    }
    func settle(_ delivery: Delivery, _ settlement: DeliverySettlement) throws {
        try tamper(.settle(delivery))
        try base.settle(delivery, settlement)
    }
    func record(_ record: [UInt8]?, of delivery: Delivery) throws { try base.record(record, of: delivery) }
    func releaseLeases() throws { try base.releaseLeases() }
    func pruneDeliveries(before time: Timestamp, limit: Int) throws -> Int { try base.pruneDeliveries(before: time, limit: limit) }
    func queueSummary() throws -> [String: QueueSummary] { try base.queueSummary() }

    // What a worker has no business with.
    private var refusal: StoreError { StoreError(.unavailable, "not for a worker") }
    func resource(_ key: ResourceKey) throws -> StoredResource? { throw refusal }
    func resources(_ query: ResourceQuery) throws -> ResourcePage { throw refusal }
    func forEachResource(of type: String, in tenant: Tenant, _ body: (StoredResource) throws -> Void) throws { throw refusal }
    func resources(of type: String, in tenant: Tenant, where attribute: String, equals value: IndexValue) throws -> [StoredResource] {
        throw refusal
    }
    func tenants() throws -> [Tenant] { throw refusal }
    func hasTenant(_ tenant: Tenant) throws -> Bool { throw refusal }
    func createTenant(_ tenant: Tenant) throws { throw refusal }
    func deleteTenant(_ tenant: Tenant) throws { throw refusal }
    func secret(_ attribute: String, of key: ResourceKey) throws -> [UInt8]? { throw refusal }
    func setSecret(_ attribute: String, of key: ResourceKey, to value: [UInt8]?) throws { throw refusal }
    func changes(in tenant: Tenant, after number: Int64, limit: Int) throws -> [NumberedChange] { throw refusal }
    func changeBounds(in tenant: Tenant) throws -> (oldest: Int64, newest: Int64)? { throw refusal }
    func forEachMember(of group: ResourceKey, _ body: (Membership) throws -> Void) throws { throw refusal }
    func memberCount(of group: ResourceKey) throws -> Int { throw refusal }
    func groups(of member: ResourceKey) throws -> [Membership] { throw refusal }
    func indirectGroups(of member: ResourceKey) throws -> [Membership] { throw refusal }
    func types(of ids: [String], among types: [String], in tenant: Tenant) throws -> [String: String] { throw refusal }
    func deliveries(_ query: DeliveryQuery) throws -> [Delivery] { throw refusal }
    func recordedDeliveries(
        to subscriber: String, after number: Int64, fromChange change: Int64, limit: Int
    ) throws -> [RecordedDelivery] { throw refusal }
    func accessToken(id: String) throws -> AccessToken? { throw refusal }
    func accessTokens() throws -> [AccessToken] { throw refusal }
    func pluginValue(_ key: String, plugin: String, tenant: Tenant, now: Timestamp) throws -> [UInt8]? { throw refusal }
    func setting(_ name: String) throws -> String? { throw refusal }
    func insert(_ resource: StoredResource, index: [IndexEntry]) throws { throw refusal }
    func update(_ resource: StoredResource, expected: Int64, index: [IndexEntry]) throws { throw refusal }
    func touch(_ key: ResourceKey, lastModified: Timestamp) throws -> Meta { throw refusal }
    func delete(_ key: ResourceKey, expected: Int64) throws { throw refusal }
    func reindex(_ key: ResourceKey, index: [IndexEntry]) throws { throw refusal }
    func addMembers(_ members: [ResourceKey], to group: ResourceKey) throws -> [ResourceKey] { throw refusal }
    func removeMembers(ids: [String], from group: ResourceKey) throws -> [ResourceKey] { throw refusal }
    func removeAllMembers(of group: ResourceKey) throws -> [ResourceKey] { throw refusal }
    func append(_ change: ChangeRecord, _ events: [(event: LifecycleEvent, subscribers: [String])]) throws { throw refusal }
    func redriveDeliveries(_ query: DeliveryQuery, now: Timestamp) throws -> Int { throw refusal }
    func dropDeliveries(_ query: DeliveryQuery, reason: String) throws -> Int { throw refusal }
    func insert(_ token: AccessToken) throws { throw refusal }
    func revokeAccessToken(_ idOrName: String, at time: Timestamp) throws -> Bool { throw refusal }
    func setExpiry(ofAccessToken id: String, to time: Timestamp?) throws -> Bool { throw refusal }
    func noteUse(ofAccessToken id: String, at time: Timestamp) throws { throw refusal }
    func setPluginValue(_ key: String, _ value: [UInt8]?, plugin: String, tenant: Tenant, expires: Timestamp?) throws {
        throw refusal
    }
    func setSetting(_ name: String, _ value: String) throws { throw refusal }
}
