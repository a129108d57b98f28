package import MusterCore
package import SCIM

/// A double of a transaction which has nothing to do with provisioning: whatever of it is asked for is refused.
package protocol TransactionWithoutProvisioning: WriteTransaction {}

extension TransactionWithoutProvisioning {
    private var refusal: StoreError { StoreError(.unavailable, "this double knows nothing of provisioning") }

    package func provisioningTargets(in tenant: Tenant?) throws -> [ProvisioningTarget] { throw refusal }
    package func provisioningTarget(_ name: String, in tenant: Tenant) throws -> ProvisioningTarget? { throw refusal }
    package func hasOpenTargets(in tenant: Tenant) throws -> Bool { throw refusal }
    package func targetLink(_ subject: ResourceKey, to target: String) throws -> TargetLink? { throw refusal }
    package func targetLink(remoteID: String, type: String, to target: String, in tenant: Tenant) throws -> TargetLink? { throw refusal }
    package func targetLinks(
        to target: String, in tenant: Tenant, type: String, after: String, limit: Int
    ) throws -> [TargetLink] { throw refusal }
    package func targetLinks(awaiting manager: ResourceKey, at target: String) throws -> [TargetLink] { throw refusal }
    package func targetLinkCounts(to target: String, in tenant: Tenant, type: String) throws -> (active: Int, all: Int) { throw refusal }
    package func targetLinks(
        leftBefore time: Timestamp, target: String, in tenant: Tenant, limit: Int
    ) throws -> [TargetLink] { throw refusal }
    package func targetAssignments(
        to target: String, in tenant: Tenant, after: ResourceKey?, limit: Int
    ) throws -> [TargetAssignment] { throw refusal }
    package func targetAssignment(of subject: ResourceKey, to target: String) throws -> TargetAssignment? { throw refusal }
    package func provisioningTasks(_ query: ProvisioningTaskQuery) throws -> [ProvisioningTask] { throw refusal }
    package func provisioningTask(for subject: ResourceKey, at target: String) throws -> ProvisioningTask? { throw refusal }
    package func provisioningSummaries(in tenant: Tenant?) throws -> [ProvisioningSummary] { throw refusal }
    package func removalCount(at target: String, in tenant: Tenant, since time: Timestamp) throws -> Int { throw refusal }
    package func provisioningRecords(
        in tenant: Tenant, target: String?, subject: ResourceKey?, before: Int64, limit: Int
    ) throws -> [ProvisioningRecord] { throw refusal }
    package func auditEntries(in tenant: Tenant?, before: Int64, limit: Int) throws -> [AuditEntry] { throw refusal }
    package func insert(_ target: ProvisioningTarget) throws { throw refusal }
    package func update(_ target: ProvisioningTarget) throws { throw refusal }
    package func deleteProvisioningTarget(_ name: String, in tenant: Tenant) throws { throw refusal }
    package func save(_ link: TargetLink) throws { throw refusal }
    package func deleteTargetLink(_ subject: ResourceKey, to target: String) throws { throw refusal }
    package func save(_ assignment: TargetAssignment) throws { throw refusal }
    package func deleteTargetAssignment(of subject: ResourceKey, to target: String) throws -> Bool { throw refusal }
    @discardableResult
    package func enqueue(_ task: ProvisioningTask) throws -> Int64 { throw refusal }
    package func claimProvisioningTasks(
        of target: String, in tenant: Tenant, except subjects: Set<ResourceKey>, limit: Int, now: Timestamp, leasedUntil: Timestamp
    ) throws -> [ProvisioningTask] { throw refusal }
    @discardableResult
    package func update(_ task: ProvisioningTask) throws -> ProvisioningTask { throw refusal }
    @discardableResult
    package func finish(_ task: ProvisioningTask) throws -> Bool { throw refusal }
    package func releaseClaim(of task: ProvisioningTask) throws { throw refusal }
    package func releaseProvisioningLeases() throws { throw refusal }
    package func append(_ record: ProvisioningRecord) throws { throw refusal }
    package func pruneProvisioningRecords(before time: Timestamp, limit: Int) throws -> Int { throw refusal }
    package func append(_ entry: AuditEntry) throws { throw refusal }
}
