public import MusterCore
public import SCIM

/// A double of a transaction which has nothing to do with provisioning: whatever of it is asked for is refused.
public protocol TransactionWithoutProvisioning: WriteTransaction {}

extension TransactionWithoutProvisioning {
    private var refusal: StoreError { StoreError(.unavailable, "this double knows nothing of provisioning") }

    public func provisioningTargets(in tenant: Tenant?) throws -> [ProvisioningTarget] { throw refusal }
    public func provisioningTarget(_ name: String, in tenant: Tenant) throws -> ProvisioningTarget? { throw refusal }
    public func hasOpenTargets(in tenant: Tenant) throws -> Bool { throw refusal }
    public func targetLink(_ subject: ResourceKey, to target: String) throws -> TargetLink? { throw refusal }
    public func targetLink(remoteID: String, type: String, to target: String, in tenant: Tenant) throws -> TargetLink? { throw refusal }
    public func targetLinks(
        to target: String, in tenant: Tenant, type: String, after: String, limit: Int
    ) throws -> [TargetLink] { throw refusal }
    public func targetLinks(awaiting manager: ResourceKey, at target: String) throws -> [TargetLink] { throw refusal }
    public func targetLinkCounts(to target: String, in tenant: Tenant, type: String) throws -> (active: Int, all: Int) { throw refusal }
    public func targetLinks(
        leftBefore time: Timestamp, target: String, in tenant: Tenant, limit: Int
    ) throws -> [TargetLink] { throw refusal }
    public func targetAssignments(
        to target: String, in tenant: Tenant, after: ResourceKey?, limit: Int
    ) throws -> [TargetAssignment] { throw refusal }
    public func targetAssignment(of subject: ResourceKey, to target: String) throws -> TargetAssignment? { throw refusal }
    public func provisioningTasks(_ query: ProvisioningTaskQuery) throws -> [ProvisioningTask] { throw refusal }
    public func provisioningTask(for subject: ResourceKey, at target: String) throws -> ProvisioningTask? { throw refusal }
    public func provisioningSummaries(in tenant: Tenant?) throws -> [ProvisioningSummary] { throw refusal }
    public func removalCount(at target: String, in tenant: Tenant, since time: Timestamp) throws -> Int { throw refusal }
    public func provisioningRecords(
        in tenant: Tenant, target: String?, subject: ResourceKey?, before: Int64, limit: Int
    ) throws -> [ProvisioningRecord] { throw refusal }
    public func auditEntries(in tenant: Tenant?, before: Int64, limit: Int) throws -> [AuditEntry] { throw refusal }
    public func insert(_ target: ProvisioningTarget) throws { throw refusal }
    public func update(_ target: ProvisioningTarget) throws { throw refusal }
    public func deleteProvisioningTarget(_ name: String, in tenant: Tenant) throws { throw refusal }
    public func save(_ link: TargetLink) throws { throw refusal }
    public func deleteTargetLink(_ subject: ResourceKey, to target: String) throws { throw refusal }
    public func save(_ assignment: TargetAssignment) throws { throw refusal }
    public func deleteTargetAssignment(of subject: ResourceKey, to target: String) throws -> Bool { throw refusal }
    @discardableResult
    public func enqueue(_ task: ProvisioningTask) throws -> Int64 { throw refusal }
    public func claimProvisioningTasks(
        of target: String, in tenant: Tenant, limit: Int, now: Timestamp, leasedUntil: Timestamp
    ) throws -> [ProvisioningTask] { throw refusal }
    @discardableResult
    public func update(_ task: ProvisioningTask) throws -> ProvisioningTask { throw refusal }
    @discardableResult
    public func finish(_ task: ProvisioningTask) throws -> Bool { throw refusal }
    public func releaseClaim(of task: ProvisioningTask) throws { throw refusal }
    public func releaseProvisioningLeases() throws { throw refusal }
    public func append(_ record: ProvisioningRecord) throws { throw refusal }
    public func pruneProvisioningRecords(before time: Timestamp, limit: Int) throws -> Int { throw refusal }
    public func append(_ entry: AuditEntry) throws { throw refusal }
}
