import Logging
import MusterCore
import SCIM
import Synchronization

extension Provisioner {
    /// Sends the requests of a plan in their order, and writes down what came of it. Each can be sent again: what an earlier
    /// attempt did is either noted in the link, or found at the target.
    /// - Throws: ``TargetError``; what was done before it is kept in the link.
    func carryOut(_ plan: ProvisioningPlan, of task: ProvisioningTask, in situation: Situation, at target: KnownTarget) async throws {
        var execution = PlanExecution(
            plan: plan, subject: task.subject, target: target, situation: situation, client: client(of: target), now: clock.now())
        do {
            for operation in plan.operations {
                try await perform(operation, &execution, at: target)
            }
        } catch {
            let reached = execution
            try? await store.write { try reached.saveLink(in: $0) }
            if let error = error as? TargetError, error.code == .notFound, execution.isGone {
                return try await startAnew(task, execution, at: target)
            }
            throw error
        }
        execution.end(
            isInScope: situation.isInScope(of: target.definition), hasLeft: situation.person == nil)
        await hooks.ended(
            ProvisioningHooks.Ending(
                target: task.target, subject: task.subject, person: situation.person, plan: plan,
                remoteID: execution.link?.remoteID ?? situation.link?.remoteID, error: nil, key: "\(task.target)-\(task.number)"))
        let (done, isApproved) = (execution, task.batch != nil && task.state == .approved)
        let (name, tenant) = (target.row.name, target.row.tenant)
        let hasMore = try await store.write { transaction -> Bool in
            try done.saveLink(in: transaction)
            try transaction.append(done.record(isApproved: isApproved))
            try transaction.end(task)
            if let row = try transaction.provisioningTarget(name, in: tenant), row.quarantines > 0, row.state == .on {
                var row = row
                row.quarantines = 0
                try transaction.update(row)
            }
            // A manager whose account was made meanwhile did not see that somebody waits.
            let manager = done.link?.awaitedManager.map { ResourceKey(tenant: tenant, type: ResourceType.user.name, id: $0) }
            let isLate = try manager.flatMap { try transaction.targetLink($0, to: name) }?.remoteID != nil
            if isLate {
                try transaction.enqueueKeepingHold(
                    ProvisioningTask(target: name, subject: task.subject, due: done.now, created: done.now))
            }
            // Whoever waited for this manager gets the link now.
            guard done.link?.remoteID != nil else { return isLate }
            let reports = try transaction.targetLinks(awaiting: task.subject, at: name)
            for report in reports {
                try transaction.enqueueKeepingHold(
                    ProvisioningTask(target: name, subject: report.subject, due: done.now, created: done.now))
            }
            return isLate || !reports.isEmpty
        }
        let key = TargetKey(tenant: tenant, name: name)
        failures.withLock { $0[key] = nil }
        metrics.count(plan.action.rawValue, "done", at: key)
        if hasMore { wake() }
    }

    private func perform(_ operation: PlannedOperation, _ execution: inout PlanExecution, at target: KnownTarget) async throws {
        switch operation.kind {
        case .createUser: try await create(operation, &execution)
        case .createGroup: try await createGroup(operation, &execution, at: target)
        case .updateUser:
            do { try await execution.send(operation) } catch let error as TargetError where error.code == .notFound {
                try await execution.client.confirmPresence()
                execution.isGone = true
                throw error
            }
        case .deactivateUser, .deleteUser:
            // An account that is gone needs no more.
            do { try await execution.send(operation) } catch let error as TargetError where error.code == .notFound {
                try await execution.client.confirmPresence()
                execution.forget()
            }
        case .removeFromGroup:
            do { try await execution.send(operation) } catch let error as TargetError where error.code == .notFound {
                try await execution.client.confirmPresence()
            }
            execution.left(operation)
        case .addToGroup:
            try await execution.send(operation)
            execution.joined(operation)
        }
    }

    /// Makes an account, unless there is one: every creation begins with a look-up, since one that was cut off may have worked.
    private func create(_ operation: PlannedOperation, _ execution: inout PlanExecution) async throws {
        if execution.link?.remoteID != nil { return }
        if let found = try await execution.lookUp() { return try await adopt(found, &execution) }
        execution.intend()
        let intended = execution
        try await store.write { try intended.saveLink(in: $0) }
        do {
            try await execution.send(operation)
        } catch let error as TargetError where error.code == .conflict {
            guard let found = try await execution.lookUp() else {
                throw ProvisionerError(
                    .conflict,
                    "the target says that the account is there already, but no look-up by "
                        + "\(execution.target.definition.matching.joined(separator: ", ")) finds it: \(error)")
            }
            return try await adopt(found, &execution)
        }
        let created = execution
        try await store.write { try created.saveLink(in: $0) }
    }

    private func adopt(_ found: RemoteResource, _ execution: inout PlanExecution) async throws {
        let (target, subject) = (execution.target, execution.subject)
        let owner = try await store.read { transaction in
            try transaction.targetLink(remoteID: found.id, type: subject.type, to: target.row.name, in: subject.tenant)
        }
        if let owner, owner.subject != subject {
            throw ProvisionerError(
                .conflict, "the account '\(found.id)' there belongs to the person \(owner.subject.id) already; a person has to decide")
        }
        execution.adopt(found)
        let adopted = execution
        try await store.write { try adopted.saveLink(in: $0) }
        guard let document = execution.plan.document else { return }
        try await execution.send(
            .updateUser(id: found.id, document: document, previous: nil, dialect: target.definition.dialect))
    }

    private func createGroup(_ operation: PlannedOperation, _ execution: inout PlanExecution, at target: KnownTarget) async throws {
        guard let name = operation.group else { return }
        let group = try await execution.client.groupTurns.run { [client = execution.client] () -> (id: String, requests: [SentRequest]) in
            // Another person's plan may have made it meanwhile.
            let found = try await client.find("Groups", attribute: "displayName", value: name)
            if let id = found.first?.id { return (id, []) }
            let result = try await client.perform(operation, id: nil)
            guard let id = result.remoteID else { throw TargetError(.invalidAnswer, "the target made the group '\(name)' without an id") }
            return (id, result.requests)
        }
        execution.sent += group.requests
        execution.newGroup = group.id
        let (targetName, tenant, made) = (target.row.name, target.row.tenant, TargetGroup(id: group.id, name: name))
        try await store.write { transaction in
            guard var row = try transaction.provisioningTarget(targetName, in: tenant) else { return }
            var groups = TargetGroup.list(row.groups)
            guard !groups.contains(made) else { return }
            groups.append(made)
            row.groups = TargetGroup.bytes(groups)
            try transaction.update(row)
        }
    }

    /// An account that Muster wrote before is gone: what is known of it is dropped, and the person is planned anew.
    private func startAnew(_ task: ProvisioningTask, _ execution: PlanExecution, at target: KnownTarget) async throws {
        let now = clock.now()
        try await store.write { transaction in
            try transaction.deleteTargetLink(task.subject, to: task.target)
            // A newer change has made new work already; then that does it.
            guard try transaction.end(task) else { return }
            try transaction.enqueue(ProvisioningTask(target: task.target, subject: task.subject, due: now, created: task.created))
        }
        logger.info(
            "an account is gone and is looked up or made again",
            metadata: ["target.name": "\(task.target)", "user.id": "\(task.subject.id)"])
        wake()
    }
}
