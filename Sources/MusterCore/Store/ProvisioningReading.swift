public import SCIM

/// What can be asked about provisioning.
public protocol ProvisioningReading {
    /// The targets by name; nil for those of all tenants, which come tenant by tenant.
    func provisioningTargets(in tenant: Tenant?) throws -> [ProvisioningTarget]

    /// The target of this name, or nil.
    func provisioningTarget(_ name: String, in tenant: Tenant) throws -> ProvisioningTarget?

    /// Whether a tenant has a target that is not switched off. Asked in every change's transaction, so it must be cheap.
    func hasOpenTargets(in tenant: Tenant) throws -> Bool

    /// The link of a subject to a target, or nil.
    func targetLink(_ subject: ResourceKey, to target: String) throws -> TargetLink?

    /// The link of the account with this id at a target, or nil.
    /// - Parameter type: `User` or `Group`.
    func targetLink(remoteID: String, type: String, to target: String, in tenant: Tenant) throws -> TargetLink?

    /// The links to a target of one type, in the order of the subjects' ids; at most `limit`, those behind the id `after`.
    func targetLinks(to target: String, in tenant: Tenant, type: String, after: String, limit: Int) throws -> [TargetLink]

    /// The links of people who wait for an account of this manager, of ours.
    func targetLinks(awaiting manager: ResourceKey, at target: String) throws -> [TargetLink]

    /// How many accounts of a type are linked: those that are active, and all. A link without an account does not count.
    func targetLinkCounts(to target: String, in tenant: Tenant, type: String) throws -> (active: Int, all: Int)

    /// The links whose subjects left the scope at `time` or before, those that left first at the head; at most `limit`.
    func targetLinks(leftBefore time: Timestamp, target: String, in tenant: Tenant, limit: Int) throws -> [TargetLink]

    /// Who was assigned to a target, in the order of type and id; at most `limit`, those behind `after`.
    func targetAssignments(to target: String, in tenant: Tenant, after: ResourceKey?, limit: Int) throws -> [TargetAssignment]

    /// The assignment of a subject to a target, or nil.
    func targetAssignment(of subject: ResourceKey, to target: String) throws -> TargetAssignment?

    /// The open work, oldest first.
    func provisioningTasks(_ query: ProvisioningTaskQuery) throws -> [ProvisioningTask]

    /// The open work for a subject at a target, or nil.
    func provisioningTask(for subject: ResourceKey, at target: String) throws -> ProvisioningTask?

    /// How the open work stands, for each target that has any; nil for all tenants.
    func provisioningSummaries(in tenant: Tenant?) throws -> [ProvisioningSummary]

    /// How many removals there were at a target since `time`, and are about to be, for the delete guard: records that were not
    /// approved as a batch, and tasks without a batch that are claimed, approved or wait for an approval.
    func removalCounts(at target: String, in tenant: Tenant, since time: Timestamp) throws -> (done: Int, open: Int)

    /// What was done, newest first; those older than the number `before`, 0 for the newest; nil for all targets or subjects.
    func provisioningRecords(
        in tenant: Tenant, target: String?, subject: ResourceKey?, before: Int64, limit: Int
    ) throws -> [ProvisioningRecord]

    /// The acts of administrators, newest first; those older than the number `before`, 0 for the newest.
    /// - Parameter tenant: nil for all.
    func auditEntries(in tenant: Tenant?, before: Int64, limit: Int) throws -> [AuditEntry]
}
