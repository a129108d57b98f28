public import SCIM

/// What can be written about provisioning.
public protocol ProvisioningWriting {
    /// Adds a target.
    /// - Throws: ``StoreError`` `conflict` when there is one of this name, `notFound` when there is no such tenant.
    func insert(_ target: ProvisioningTarget) throws

    /// Replaces a target; its version grows by one.
    /// - Throws: ``StoreError`` `conflict` when its version is not the one that `target` names, `notFound`.
    func update(_ target: ProvisioningTarget) throws

    /// Removes a target with its links, assignments, tasks and records.
    /// - Throws: ``StoreError`` `notFound`.
    func deleteProvisioningTarget(_ name: String, in tenant: Tenant) throws

    /// Adds a link or replaces the one of its subject and target.
    /// - Throws: ``StoreError`` `conflict` when another subject has the account, `notFound` when there is no such target.
    func save(_ link: TargetLink) throws

    /// Removes a link; nothing where there is none.
    func deleteTargetLink(_ subject: ResourceKey, to target: String) throws

    /// Adds an assignment or replaces the one of its subject and target.
    /// - Throws: ``StoreError`` `notFound` when there is no such target.
    func save(_ assignment: TargetAssignment) throws

    /// Removes an assignment.
    /// - Returns: Whether there was one.
    func deleteTargetAssignment(of subject: ResourceKey, to target: String) throws -> Bool

    /// Makes work for a subject at a target: a task in the place of the one that there may be, under a new number. Where a worker
    /// has the old one, the new one is under the same claim until it is released: never are two at work on one account.
    /// - Returns: The number.
    /// - Throws: ``StoreError`` `notFound` when there is no such target.
    @discardableResult
    func enqueue(_ task: ProvisioningTask) throws -> Int64

    /// Claims tasks of a target that are due or approved, and not held: the oldest first, at most `limit`. A claim counts as an
    /// attempt and holds until `leasedUntil`; one that ended before `now` is claimed anew.
    /// - Parameter subjects: Whom the worker is at work on still: they are not claimed, however old their claim is.
    func claimProvisioningTasks(
        of target: String, in tenant: Tenant, except subjects: Set<ResourceKey>, limit: Int, now: Timestamp, leasedUntil: Timestamp
    ) throws -> [ProvisioningTask]

    /// Replaces a task by its number, under a new revision.
    /// - Throws: ``StoreError`` `conflict` when there is none of this number and revision: a newer change replaced it, or somebody
    ///   else wrote it.
    @discardableResult
    func update(_ task: ProvisioningTask) throws -> ProvisioningTask

    /// Removes a task that is done.
    /// - Returns: Whether there was one of its number and revision; a newer one stays.
    @discardableResult
    func finish(_ task: ProvisioningTask) throws -> Bool

    /// Ends the claim that a worker had on a task, where a newer one has taken its place and inherited the claim.
    func releaseClaim(of task: ProvisioningTask) throws

    /// Gives back all claims but those of commands: for the start of a store's server, whose earlier process cannot be at work.
    func releaseProvisioningLeases() throws

    /// Adds a record of what was done.
    func append(_ record: ProvisioningRecord) throws

    /// Forgets records from before `time`; at most `limit`.
    /// - Returns: How many.
    func pruneProvisioningRecords(before time: Timestamp, limit: Int) throws -> Int

    /// Adds an act of an administrator. Entries are never changed.
    func append(_ entry: AuditEntry) throws
}
