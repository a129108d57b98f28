package import MusterCore
package import SCIM

/// How one person came to a target, step by step.
package struct ProvisioningExplanation: Sendable, Hashable {
    /// One step: import, scope, match, map, plan or apply.
    package struct Step: Sendable, Hashable {
        /// The step.
        package var name: String
        /// What was found or done, line by line.
        package var lines: [String]
    }

    /// The steps in their order.
    package var steps: [Step] = []
    /// Whether the last step went as it should: nothing is broken, even where an approval is still missing.
    package var isGood = true

    /// The explanation as JSON.
    package var json: AttributeValue {
        [
            "good": .boolean(isGood),
            "steps": .array(steps.map { ["name": .string($0.name), "lines": .array($0.lines.map { .string($0) })] }),
        ]
    }

    fileprivate mutating func add(_ name: String, _ lines: [String]) { steps.append(Step(name: name, lines: lines)) }
}

extension Provisioner {
    /// Provisions one person at one target, and tells each step.
    /// - Parameters:
    ///   - person: An id or a userName.
    ///   - planOnly: Whether nothing is made, sent or written.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func provision(
        _ person: String, at name: String, in tenant: Tenant, planOnly: Bool = false, by actor: String
    ) async throws -> ProvisioningExplanation {
        let target = try await known(name, in: tenant)
        let key = try await self.person(person, in: tenant)
        var told = ProvisioningExplanation()
        let prepared: Preparation
        do { prepared = try await prepare(key, at: target) } catch let error as ProvisionerError {
            told.add("map", [error.message])
            told.isGood = false
            return told
        }
        let situation = prepared.situation
        tell(situation, at: target, &told)
        switch prepared.decision {
        case .nothing(let reason), .leave(let reason):
            told.add("plan", ["nothing to do: \(reason)"])
            return told
        case .plan(let plan): told.add("plan", plan.lines)
        }
        guard !planOnly else { return told }
        guard target.row.state == .on else {
            told.add("apply", ["the connection is \(target.row.state.rawValue): nothing is sent until it is switched on"])
            return told
        }
        try await note("target.provision", "\(name) \(key.id)", in: tenant, by: actor)
        try await applyNow(key, at: target, &told)
        return told
    }

    /// Makes the task, works on it at once unless a server beside this process is quicker, and tells how it went.
    private func applyNow(_ key: ResourceKey, at target: KnownTarget, _ told: inout ProvisioningExplanation) async throws {
        let now = clock.now()
        let (name, lease) = (target.row.name, now + settings.lease)
        let (task, last) = try await store.write { transaction -> (ProvisioningTask, Int64) in
            let last =
                try transaction.provisioningRecords(in: key.tenant, target: name, subject: key, before: 0, limit: 1).first?.number ?? 0
            // A plan that was approved is carried out, not planned anew.
            if try transaction.provisioningTask(for: key, at: name)?.state != .approved {
                try transaction.enqueueKeepingHold(ProvisioningTask(target: name, subject: key, due: now, created: now))
            }
            guard var task = try transaction.provisioningTask(for: key, at: name) else {
                throw StoreError(.notFound, "the task is gone")
            }
            guard task.leasedUntil == nil else {
                throw ProvisionerError(.conflict, "a server is provisioning this person just now; try again in a moment")
            }
            // Made and claimed in one transaction: no other worker can have it.
            task.leasedUntil = lease
            task.isByHand = true
            task.attempts = 1
            return (try transaction.update(task), last)
        }
        await work(on: task, at: target)
        let (left, records) = try await store.read { transaction in
            (
                try transaction.provisioningTask(for: key, at: name),
                try transaction.provisioningRecords(in: key.tenant, target: name, subject: key, before: 0, limit: 10)
            )
        }
        var lines = records.reversed().filter { $0.number > last }.flatMap(\.lines)
        if let left {
            switch left.state {
            case .pending: lines.append("plan \(left.number) waits for approval: muster approval approve \(left.number)")
            case .parked: lines.append("the delete guard holds plan \(left.number): muster approval approve \(left.number)")
            case .due, .approved: lines.append("tried again at \(left.due.dateTime): \(left.lastError ?? "not begun")")
            case .failed, .rejected: if lines.isEmpty { lines.append(left.lastError ?? left.state.rawValue) }
            }
            told.isGood = left.state == .pending || left.state == .parked
        }
        told.add("apply", lines.isEmpty ? ["nothing was sent"] : lines)
    }

    private func tell(_ situation: Situation, at target: KnownTarget, _ told: inout ProvisioningExplanation) {
        guard let person = situation.person else { return }
        let user = person.user
        told.add(
            "import",
            [
                "user \(user["userName"]?.string ?? "") (\(person.key.id)), \(person.isActive ? "active" : "not active")",
                "groups: \(person.groups.isEmpty ? "none" : person.groups.map(\.name).joined(separator: ", "))",
                "manager: \(person.manager.map { $0.user["userName"]?.string ?? $0.user.id } ?? "none")",
            ])
        let isInScope = situation.isInScope(of: target.definition)
        var why: [String] = []
        if target.definition.scope.everyone { why.append("everybody goes there") }
        if situation.isAssigned { why.append("assigned, themselves or through a group") }
        if situation.outcome.targets.contains(target.row.name) { why.append("sent by a mapping rule") }
        let groups = person.groups.filter { group in
            target.definition.scope.groups.contains { $0 == group.id || $0.isSameName(as: group.name) }
        }
        if !groups.isEmpty { why.append("in \(groups.map(\.name).joined(separator: ", "))") }
        if !why.isEmpty, !isInScope { why.append("but the scope's filter leaves them out") }
        told.add("scope", [isInScope ? "in the scope" : "not in the scope"] + why)
        let link = situation.link
        told.add(
            "match",
            [
                link?.remoteID.map { "account \($0), \(link?.origin.rawValue ?? ""), \(link?.isActive == true ? "active" : "not active")" }
                    ?? "no account yet: looked up by \(target.definition.matching.joined(separator: ", then ")) before one is made"
            ])
        var mapped = ["rules of version \(situation.rules), \(situation.outcome.fired.count) fired"]
        mapped += situation.outcome.settings.map { "\($0.path) = \($0.value.jsonText)" }
        let wanted = (situation.outcome.groups ?? []) + situation.assignedGroups
        if !wanted.isEmpty { mapped.append("groups at the target: \(wanted.joined(separator: ", "))") }
        if let document = situation.document { mapped.append("document: \(document.jsonText)") }
        told.add("map", mapped)
    }
}

extension ProvisioningPlan {
    /// The plan for a person to read: what it does, each request, and what they should know.
    package var lines: [String] {
        [action.rawValue] + operations.map(\.line) + notes.map { "note: \($0)" }
    }
}

extension PlannedOperation {
    /// One line: `PUT /Users/42 {"userName":…}`.
    package var line: String {
        [method, path, body?.jsonText].compactMap(\.self).joined(separator: " ")
    }
}

extension ProvisioningRecord {
    /// What was sent, line by line, and what went wrong.
    fileprivate var lines: [String] {
        let sent = ((try? AttributeValue(json: detail))?.array ?? []).map { request in
            "\(request["method"]?.string ?? "") \(request["path"]?.string ?? "") -> \(request["status"]?.integer ?? 0)"
        }
        return sent + [error.map { "failed: \($0)" } ?? "\(action): done"]
    }
}
