package import MusterCore
package import SCIM

/// Which plans are meant.
package enum PlanSelection: Sendable, Hashable {
    /// Those with these numbers.
    case numbers([Int64])
    /// All of a batch.
    case batch(String)
    /// All that wait at a target, of an action such as `create` or of any.
    case target(String, action: String?)
}

/// A plan with whom it is for.
package struct PlanDetail: Sendable {
    /// The task.
    package var task: ProvisioningTask
    /// The plan; nil while there is none.
    package var plan: ProvisioningPlan?
    /// The document that the target took last; nil where none did.
    package var before: AttributeValue?
    /// The person's userName; their id where they left the directory.
    package var name: String
    /// How many more administrators have to agree.
    package var missingApprovals: Int
}

extension Provisioner {
    /// The open work, oldest first, with its plans.
    package func plans(_ query: ProvisioningTaskQuery) async throws -> [PlanDetail] {
        let (tasks, details, rows) = try await store.read { transaction in
            let tasks = try transaction.provisioningTasks(query)
            let details = try tasks.map { task in
                (link: try transaction.targetLink(task.subject, to: task.target), user: try transaction.resource(task.subject))
            }
            return (tasks, details, tasks.isEmpty ? [] : try transaction.provisioningTargets(in: query.tenant))
        }
        let approvers = approvers(rows)
        return try zip(tasks, details).map { task, detail in
            let wanted = approvers[TargetKey(tenant: task.subject.tenant, name: task.target)] ?? 1
            return PlanDetail(
                task: task, plan: ProvisioningPlan(bytes: task.plan),
                before: detail.link.flatMap { try? AttributeValue(json: $0.document) },
                name: try detail.user.flatMap { try Resource(stored: $0)["userName"]?.string } ?? task.subject.id,
                missingApprovals: max(0, wanted - task.approvals.count))
        }
    }

    /// How many administrators each target wants. One whose definition cannot be read says nothing, and nothing is sent there.
    private func approvers(_ rows: [ProvisioningTarget]) -> [TargetKey: Int] {
        rows.reduce(into: [:]) { $0[TargetKey(tenant: $1.tenant, name: $1.name)] = (try? known($1))?.definition.approval.approvers }
    }

    /// Approves plans that wait, those that the delete guard holds too. Where a target wants several administrators, each counts
    /// once, and a plan is carried out when there are enough.
    /// - Returns: How many got this approval, and how many of them are carried out now.
    /// - Throws: ``ProvisionerError`` `notFound` when a number names no plan that waits: a newer change may have replaced it;
    ///   `conflict` when nothing of a batch waits, or the delete guard holds it and not all of it is planned yet.
    @discardableResult
    package func approve(_ selection: PlanSelection, in tenant: Tenant, by actor: String) async throws -> (approved: Int, ready: Int) {
        let approvers = approvers(try await store.read { try $0.provisioningTargets(in: tenant) })
        let now = clock.now()
        var (approved, ready) = (0, 0)
        try await decide(selection, in: tenant, by: actor, act: "approval.approve", reason: nil) { task in
            guard !task.approvals.contains(where: { $0.by == actor }) else { return false }
            task.approvals.append(ProvisioningTask.Approval(by: actor, time: now))
            guard task.approvals.count >= approvers[TargetKey(tenant: tenant, name: task.target)] ?? 1 else { return true }
            task.state = .approved
            task.due = now
            task.attempts = 0
            return true
        } counted: { tasks in
            approved += tasks.count
            ready += tasks.filter { $0.state == .approved }.count
        }
        wake()
        return (approved, ready)
    }

    /// Rejects plans that wait. The accounts stay as they are until a newer change makes another plan.
    /// - Returns: How many.
    /// - Throws: As ``approve(_:in:by:)`` does.
    @discardableResult
    package func reject(_ selection: PlanSelection, reason: String?, in tenant: Tenant, by actor: String) async throws -> Int {
        var rejected = 0
        try await decide(selection, in: tenant, by: actor, act: "approval.reject", reason: reason) { task in
            task.state = .rejected
            task.lastError = "rejected by \(actor)" + (reason.map { ": \($0)" } ?? "")
            return true
        } counted: {
            rejected += $0.count
        }
        return rejected
    }

    private func decide(
        _ selection: PlanSelection, in tenant: Tenant, by actor: String, act: String, reason: String?,
        _ change: @escaping @Sendable (inout ProvisioningTask) -> Bool, counted: ([ProvisioningTask]) -> Void
    ) async throws {
        let now = clock.now()
        var after: Int64 = 0
        while true {
            let position = after
            let (changed, last) = try await store.write { transaction -> ([ProvisioningTask], Int64?) in
                let waiting = try Self.waiting(selection, in: tenant, after: position, transaction)
                var changed: [ProvisioningTask] = []
                for var task in waiting where change(&task) {
                    changed.append(try transaction.update(task))
                    var detail: AttributeMap = [
                        "target": .string(task.target), "action": .string(task.action), "type": .string(task.subject.type),
                        "id": .string(task.subject.id),
                    ]
                    if let batch = task.batch { detail.append("batch", .string(batch)) }
                    if let reason { detail.append("reason", .string(reason)) }
                    try transaction.append(
                        AuditEntry(
                            time: now, tenant: tenant, actor: actor, act: act, object: String(task.number),
                            detail: AttributeValue.complex(detail).jsonBytes))
                }
                return (changed, waiting.last?.number)
            }
            counted(changed)
            guard let last, !selection.isOnce else { return }
            after = last
        }
    }

    private static func waiting(
        _ selection: PlanSelection, in tenant: Tenant, after: Int64, _ transaction: any ReadTransaction
    ) throws -> [ProvisioningTask] {
        var query = ProvisioningTaskQuery(tenant: tenant, states: [.pending, .parked], limit: 500)
        query.after = after
        switch selection {
        case .numbers(let numbers):
            return try Set(numbers).sorted().map { number in
                query.number = number
                guard let task = try transaction.provisioningTasks(query).first else {
                    throw ProvisionerError(
                        .notFound, "no plan with the number \(number) waits for approval; a newer change may have replaced it")
                }
                return task
            }
        case .batch(let batch):
            query.batch = batch
            if after == 0 { try check(query, transaction) }
        case .target(let target, let action):
            guard try transaction.provisioningTarget(target, in: tenant) != nil else { throw ProvisionerError.noTarget(target) }
            query.target = target
            query.action = action
            // What the delete guard holds is approved by its batch or one by one, never along with everything else.
            query.states = [.pending]
        }
        return try transaction.provisioningTasks(query)
    }

    /// Sees to it that a batch is decided as a whole: who decides about what the delete guard holds has to have seen all of it.
    private static func check(_ waiting: ProvisioningTaskQuery, _ transaction: any ReadTransaction) throws {
        let batch = waiting.batch ?? ""
        if ProvisioningBatch.isHeld(batch) {
            var unplanned = waiting
            unplanned.states = [.due]
            guard try transaction.provisioningTasks(unplanned).isEmpty else {
                throw ProvisionerError(
                    .conflict,
                    "the batch \(batch) is not planned to its end yet; look at it again in a moment, or decide about plans by their numbers"
                )
            }
        }
        guard try !transaction.provisioningTasks(waiting).isEmpty else {
            throw ProvisionerError(.conflict, "nothing of the batch '\(batch)' waits; see 'muster approval list'")
        }
    }
}

extension PlanSelection {
    /// Whether one look finds all.
    fileprivate var isOnce: Bool { if case .numbers = self { true } else { false } }
}
