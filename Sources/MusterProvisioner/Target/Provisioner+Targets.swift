package import MusterCore
package import SCIM
import Synchronization

/// How a target stands.
package struct TargetStatus: Sendable {
    /// The target.
    package var target: KnownTarget
    /// How many accounts Muster manages there that are active.
    package var activeAccounts: Int
    /// How many it manages in all.
    package var accounts: Int
    /// How many tasks there are in each state.
    package var tasks: [ProvisioningTask.State: Int]
}

/// What a target has before it that needs nobody's word.
package struct OpenWork: Sendable, Hashable {
    /// Whether the target is on.
    package var state: ProvisioningTarget.State
    /// Why it is quarantined.
    package var reason: String?
    /// How many people there is work for that waits for nobody.
    package var tasks: Int
    /// Whether the directory changed and the provisioner has not heard of it yet.
    package var hasEvents: Bool
}

extension Provisioner {
    /// All targets of a tenant, by name.
    package func targets(in tenant: Tenant) async throws -> [TargetStatus] {
        let found = try await store.read { transaction in
            let summaries = try transaction.provisioningSummaries(in: tenant)
            return try transaction.provisioningTargets(in: tenant).map { row in
                (row, try transaction.targetLinkCounts(to: row.name, in: tenant, type: ResourceType.user.name), summaries.counts(of: row))
            }
        }
        return try found.map { row, counts, tasks in
            TargetStatus(target: try known(row), activeAccounts: counts.active, accounts: counts.all, tasks: tasks)
        }
    }

    /// How one target stands.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func target(_ name: String, in tenant: Tenant) async throws -> TargetStatus {
        let target = try await known(name, in: tenant)
        return try await store.read { transaction in
            let counts = try transaction.targetLinkCounts(to: name, in: tenant, type: ResourceType.user.name)
            let tasks = try transaction.provisioningSummaries(in: tenant).counts(of: target.row)
            return TargetStatus(target: target, activeAccounts: counts.active, accounts: counts.all, tasks: tasks)
        }
    }

    /// What a target has before it that needs nobody's word.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func openWork(at name: String, in tenant: Tenant) async throws -> OpenWork {
        try await store.read { transaction in
            guard let row = try transaction.provisioningTarget(name, in: tenant) else { throw ProvisionerError.noTarget(name) }
            let counts = try transaction.provisioningSummaries(in: tenant).counts(of: row)
            var query = DeliveryQuery(states: [.blocked, .ready, .leased], subscriber: Self.subscriber, limit: 1)
            query.tenant = tenant
            return OpenWork(
                state: row.state, reason: row.reason, tasks: (counts[.due] ?? 0) + (counts[.approved] ?? 0),
                hasEvents: try !transaction.deliveries(query).isEmpty)
        }
    }

    /// Makes a target, or replaces what was decided about it. Where it is on, everybody is planned anew; the delete guard holds
    /// all of it where that would take too much away.
    /// - Parameter mustBeNew: Whether a target that is there already is left as it is.
    /// - Returns: The status, whether it was not there before, warnings, and the work that was made; nil where none was.
    /// - Throws: ``ProvisionerError`` `invalid` with all findings; `conflict` where it must be new and is not.
    @discardableResult
    package func save(
        _ json: AttributeValue, mustBeNew: Bool = false, in tenant: Tenant, by actor: String
    ) async throws -> (status: TargetStatus, isNew: Bool, findings: [Finding], batch: ProvisioningBatch?) {
        let (definition, findings) = TargetDefinition.read(json)
        guard let definition, !findings.contains(where: { $0.severity == .error }) else {
            throw ProvisionerError(.invalid, "the target cannot be used so", findings: findings)
        }
        let (bytes, now) = (json.jsonBytes, clock.now())
        let (row, isChanged, isNew) = try await store.write { transaction -> (ProvisioningTarget, Bool, Bool) in
            if var row = try transaction.provisioningTarget(definition.name, in: tenant) {
                guard !mustBeNew else { throw ProvisionerError(.conflict, "there is a target called '\(row.name)' already") }
                guard row.definition != bytes else { return (row, false, false) }
                let changed = Self.changedMembers(from: (try? AttributeValue(json: row.definition)) ?? .null, to: json)
                if changed.contains("baseURL") { try Self.forgetReconciliations(of: row.name, in: tenant, transaction) }
                row.definition = bytes
                row.modified = now
                try transaction.update(row)
                if row.state != .off {
                    try Replanning(reappliesRules: false, time: now).write(at: row.name, in: tenant, transaction)
                }
                try transaction.append(
                    AuditEntry(
                        time: now, tenant: tenant, actor: actor, act: "target.change", object: row.name,
                        detail: (["changed": .array(changed.map { .string($0) })] as AttributeValue).jsonBytes))
                return (row, true, false)
            }
            let row = ProvisioningTarget(tenant: tenant, name: definition.name, definition: bytes, created: now)
            try transaction.insert(row)
            try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: "target.create", object: row.name))
            return (row, true, true)
        }
        let target = try known(row)
        let batch = isChanged && row.state != .off ? try await enqueueAll(at: target, reappliesRules: false) : nil
        wake()
        return (try await self.target(definition.name, in: tenant), isNew, findings, batch)
    }

    /// The names of the members that differ.
    private static func changedMembers(from old: AttributeValue, to new: AttributeValue) -> [String] {
        let (before, after) = (old.complex ?? [:], new.complex ?? [:])
        let names = before.members.map(\.name) + after.members.map(\.name).filter { before[$0] == nil }
        return names.filter { before[$0] != after[$0] }
    }

    /// Removes a target with everything that is known about its accounts; the accounts stay as they are.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func deleteTarget(_ name: String, in tenant: Tenant, by actor: String) async throws {
        let now = clock.now()
        do {
            try await store.write { transaction in
                try transaction.deleteProvisioningTarget(name, in: tenant)
                try Self.forgetReconciliations(of: name, in: tenant, transaction)
                try Replanning.crossOut(at: name, in: tenant, transaction)
                try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: "target.delete", object: name))
            }
        } catch let error as StoreError where error.code == .notFound { throw ProvisionerError.noTarget(name) }
    }

    /// Tries the connection without changing anything: each step with what came back.
    package func testConnection(_ name: String, in tenant: Tenant) async throws -> [ConnectionStep] {
        await client(of: try await known(name, in: tenant)).test()
    }

    /// Switches the connection on: probes the target, lists its groups, and makes work for everybody. Where a step fails it
    /// stays off.
    /// - Returns: Each step, and the work that was made; nil where it could not be switched on.
    package func connect(
        _ name: String, in tenant: Tenant, by actor: String
    ) async throws -> (steps: [ConnectionStep], batch: ProvisioningBatch?) {
        let target = try await known(name, in: tenant)
        let client = client(of: target)
        let steps = await client.test()
        guard !steps.contains(where: { $0.outcome == .failed }) else { return (steps, nil) }
        let groups: [TargetGroup]
        do { groups = try await client.groups() } catch let error as TargetError {
            throw ProvisionerError(.target, "the groups of '\(name)' cannot be listed: \(error)")
        }
        let now = clock.now()
        let row = try await store.write { transaction -> ProvisioningTarget in
            guard var row = try transaction.provisioningTarget(name, in: tenant) else { throw ProvisionerError.noTarget(name) }
            row.switchOn(at: now)
            row.groups = TargetGroup.bytes(groups)
            try transaction.update(row)
            try Replanning(reappliesRules: false, time: now).write(at: name, in: tenant, transaction)
            try transaction.append(
                AuditEntry(
                    time: now, tenant: tenant, actor: actor, act: "target.connect", object: name,
                    detail: (["groups": .integer(Int64(groups.count))] as AttributeValue).jsonBytes))
            return row
        }
        failures.withLock { $0[TargetKey(tenant: tenant, name: name)] = nil }
        let batch = try await enqueueAll(at: try known(row), reappliesRules: false)
        wake()
        return (steps, batch)
    }

    /// Switches the connection off: nothing more is sent, and what happens meanwhile is made up for when it is switched on.
    package func disconnect(_ name: String, in tenant: Tenant, by actor: String) async throws {
        try await change(name, in: tenant, by: actor, act: "target.disconnect") { row in
            row.state = .off
            row.reason = nil
            row.resumesAt = nil
        }
    }

    /// Ends a quarantine, and gives everything that failed another try.
    /// - Returns: How many tasks are tried again.
    @discardableResult
    package func resume(_ name: String, in tenant: Tenant, by actor: String) async throws -> Int {
        let now = clock.now()
        let count = try await store.write { transaction -> Int in
            guard var row = try transaction.provisioningTarget(name, in: tenant) else { throw ProvisionerError.noTarget(name) }
            if row.state == .quarantined {
                row.switchOn(at: now)
                try transaction.update(row)
            }
            var (query, count) = (ProvisioningTaskQuery(tenant: tenant, target: name, states: [.failed], limit: 500), 0)
            while true {
                let failed = try transaction.provisioningTasks(query)
                guard let last = failed.last else { break }
                for task in failed {
                    try transaction.enqueue(
                        ProvisioningTask(target: name, subject: task.subject, batch: task.batch, due: now, created: task.created))
                }
                count += failed.count
                query.after = last.number
            }
            try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: "target.resume", object: name))
            return count
        }
        failures.withLock { $0[TargetKey(tenant: tenant, name: name)] = nil }
        wake()
        return count
    }

    private func change(
        _ name: String, in tenant: Tenant, by actor: String, act: String, _ body: @escaping @Sendable (inout ProvisioningTarget) -> Void
    ) async throws {
        let now = clock.now()
        try await store.write { transaction in
            guard var row = try transaction.provisioningTarget(name, in: tenant) else { throw ProvisionerError.noTarget(name) }
            body(&row)
            row.modified = now
            try transaction.update(row)
            try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: act, object: name))
        }
        wake()
    }

    /// Writes down an act that needs no transaction of its own.
    func note(_ act: String, _ object: String, _ detail: AttributeMap = [:], in tenant: Tenant, by actor: String) async throws {
        let entry = AuditEntry(
            time: clock.now(), tenant: tenant, actor: actor, act: act, object: object,
            detail: detail.isEmpty ? [] : AttributeValue.complex(detail).jsonBytes)
        try await store.write { try $0.append(entry) }
    }
}

extension ProvisioningTarget {
    /// Switches it on, with nothing left of a quarantine.
    mutating func switchOn(at now: Timestamp) {
        state = .on
        reason = nil
        resumesAt = nil
        quarantines = 0
        modified = now
    }
}

extension [ProvisioningSummary] {
    /// How many tasks of a target there are in each state.
    fileprivate func counts(of target: ProvisioningTarget) -> [ProvisioningTask.State: Int] {
        first { $0.tenant == target.tenant && $0.target == target.name }?.counts ?? [:]
    }
}
