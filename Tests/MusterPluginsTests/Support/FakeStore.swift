import MusterCore
import MusterTesting
import SCIM
import Synchronization

/// A store in memory that keeps plugins' values and a few resources; everything else is not to be asked of it.
final class FakeStore: Store {
    struct State: Sendable {
        var values: [String: (bytes: [UInt8], expires: Timestamp?)] = [:]
        var resources: [ResourceKey: StoredResource] = [:]
    }
    let state = Mutex(State())

    func read<T: Sendable>(
        _ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T {
        while let gate = gate.withLock({ $0 }) { for await _ in gate {} }
        return try body(Transaction(state: self))
    }

    private let gate = Mutex<AsyncStream<Never>?>(nil)

    /// Lets all reads wait.
    /// - Returns: What lets them go on.
    func hold() -> @Sendable () -> Void {
        let (stream, continuation) = AsyncStream.makeStream(of: Never.self)
        gate.withLock { $0 = stream }
        return { [self] in
            gate.withLock { $0 = nil }
            continuation.finish()
        }
    }

    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        try serial.withLock { _ in try body(Transaction(state: self)) }
    }

    private let serial = Mutex(())

    /// Keeps a resource's document.
    func add(_ type: String, _ id: String, _ document: AttributeValue) {
        let meta = Meta(resourceType: type, created: .init(milliseconds: 0), lastModified: .init(milliseconds: 0), version: 1)
        let key = ResourceKey(type: type, id: id)
        let stored = StoredResource(key: key, document: document.jsonBytes, meta: meta, documentVersion: 1, display: nil)
        state.withLock { $0.resources[key] = stored }
    }
}

private struct Transaction: TransactionWithoutProvisioning {
    let state: FakeStore

    private var unexpected: StoreError { StoreError(.unavailable, "the fake store does not do this") }

    func resource(_ key: ResourceKey) throws -> StoredResource? { state.state.withLock { $0.resources[key] } }
    func pluginValue(_ key: String, plugin: String, tenant: Tenant, now: Timestamp) throws -> [UInt8]? {
        state.state.withLock { state in
            state.values["\(tenant.name)/\(plugin)/\(key)"].flatMap { entry in
                entry.expires.map { $0 > now } ?? true ? entry.bytes : nil
            }
        }
    }
    func setPluginValue(_ key: String, _ value: [UInt8]?, plugin: String, tenant: Tenant, expires: Timestamp?) throws {
        state.state.withLock { $0.values["\(tenant.name)/\(plugin)/\(key)"] = value.map { ($0, expires) } }
    }

    func resources(_ query: ResourceQuery) throws -> ResourcePage { throw unexpected }
    func forEachResource(of type: String, in tenant: Tenant, _ body: (StoredResource) throws -> Void) throws { throw unexpected }
    func resources(of type: String, in tenant: Tenant, where attribute: String, equals value: IndexValue) throws -> [StoredResource] {
        throw unexpected
    }
    func tenants() throws -> [Tenant] { throw unexpected }
    func hasTenant(_ tenant: Tenant) throws -> Bool { throw unexpected }
    func createTenant(_ tenant: Tenant) throws { throw unexpected }
    func deleteTenant(_ tenant: Tenant) throws { throw unexpected }
    func secret(_ attribute: String, of key: ResourceKey) throws -> [UInt8]? { throw unexpected }
    func setSecret(_ attribute: String, of key: ResourceKey, to value: [UInt8]?) throws { throw unexpected }
    func changes(in tenant: Tenant, after number: Int64, limit: Int) throws -> [NumberedChange] { throw unexpected }
    func changeBounds(in tenant: Tenant) throws -> (oldest: Int64, newest: Int64)? { throw unexpected }
    func forEachMember(of group: ResourceKey, _ body: (Membership) throws -> Void) throws { throw unexpected }
    func memberCount(of group: ResourceKey) throws -> Int { throw unexpected }
    func groups(of member: ResourceKey) throws -> [Membership] { throw unexpected }
    func indirectGroups(of member: ResourceKey) throws -> [Membership] { throw unexpected }
    func types(of ids: [String], among types: [String], in tenant: Tenant) throws -> [String: String] { throw unexpected }
    func deliveries(_ query: DeliveryQuery) throws -> [Delivery] { throw unexpected }
    func queueSummary() throws -> [String: QueueSummary] { throw unexpected }
    func accessToken(id: String) throws -> AccessToken? { throw unexpected }
    func accessTokens() throws -> [AccessToken] { throw unexpected }
    func setting(_ name: String) throws -> String? { throw unexpected }
    func insert(_ resource: StoredResource, index: [IndexEntry]) throws { throw unexpected }
    func update(_ resource: StoredResource, expected: Int64, index: [IndexEntry]) throws { throw unexpected }
    func touch(_ key: ResourceKey, lastModified: Timestamp) throws -> Meta { throw unexpected }
    func delete(_ key: ResourceKey, expected: Int64) throws { throw unexpected }
    func reindex(_ key: ResourceKey, index: [IndexEntry]) throws { throw unexpected }
    func addMembers(_ members: [ResourceKey], to group: ResourceKey) throws -> [ResourceKey] { throw unexpected }
    func removeMembers(ids: [String], from group: ResourceKey) throws -> [ResourceKey] { throw unexpected }
    func removeAllMembers(of group: ResourceKey) throws -> [ResourceKey] { throw unexpected }
    func append(_ change: ChangeRecord, _ events: [(event: LifecycleEvent, subscribers: [String])]) throws { throw unexpected }
    func claimDeliveries(for subscribers: [String], limit: Int, now: Timestamp, leasedUntil: Timestamp) throws -> [Delivery] {
        throw unexpected
    }
    func settle(_ delivery: Delivery, _ settlement: DeliverySettlement) throws { throw unexpected }
    func record(_ record: [UInt8]?, of delivery: Delivery) throws { throw unexpected }
    func recordedDeliveries(
        to subscriber: String, after number: Int64, fromChange change: Int64, limit: Int
    ) throws -> [RecordedDelivery] { throw unexpected }
    func releaseLeases() throws { throw unexpected }
    func redriveDeliveries(_ query: DeliveryQuery, now: Timestamp) throws -> Int { throw unexpected }
    func dropDeliveries(_ query: DeliveryQuery, reason: String) throws -> Int { throw unexpected }
    func pruneDeliveries(before time: Timestamp, limit: Int) throws -> Int { throw unexpected }
    func insert(_ token: AccessToken) throws { throw unexpected }
    func revokeAccessToken(_ idOrName: String, at time: Timestamp) throws -> Bool { throw unexpected }
    func setExpiry(ofAccessToken id: String, to time: Timestamp?) throws -> Bool { throw unexpected }
    func noteUse(ofAccessToken id: String, at time: Timestamp) throws { throw unexpected }
    func setSetting(_ name: String, _ value: String) throws { throw unexpected }
}
