package import MusterCore
import SCIM

extension Provisioner {
    private static func stateSetting(_ name: String, _ tenant: Tenant) -> String { "provisioning.reconcile.\(name):\(tenant.name)" }
    private static func timeSetting(_ name: String, _ tenant: Tenant) -> String { "provisioning.reconciled.\(name):\(tenant.name)" }

    /// Reads a target, shows in what it differs from what it should be, and makes work of that: as far as its approvals and the
    /// delete guard allow, everything is put right. Where nothing differs, nothing is written there.
    ///
    /// One that is interrupted goes on where it was when it is called again within six hours.
    /// - Parameters:
    ///   - planOnly: Whether only the differences are wanted.
    ///   - mode: How much is read. An incremental one reads all where there was none before, or where the target cannot tell.
    /// - Throws: ``ProvisionerError`` `notFound`, `target`; `CancellationError`.
    package func reconcile(
        _ name: String, in tenant: Tenant, planOnly: Bool = false, mode: ReconcileMode = .full, by actor: String,
        progress: @escaping @Sendable (ReconcileProgress) -> Void = { _ in }
    ) async throws -> ReconcileReport {
        var target = try await known(name, in: tenant)
        let client = client(of: target)
        let (now, key, timeKey) = (clock.now(), Self.stateSetting(name, tenant), Self.timeSetting(name, tenant))
        try await note(
            "target.reconcile", name, ["planOnly": .boolean(planOnly), "mode": .string(mode.rawValue)], in: tenant, by: actor)
        do {
            // Whoever answers 404 to everything has not lost its accounts.
            try await client.confirmPresence()
            let groups = try await client.groups()
            if planOnly { target.groups = groups } else { target = try await refreshGroups(of: target, groups) }
            let reconciler = Reconciler(provisioner: self, target: target, client: client, progress: progress)
            let (kept, last) = try await store.read { (try $0.setting(key), try $0.setting(timeKey).flatMap { Int64($0) }) }
            let since = mode == .incremental ? last.map { Timestamp(milliseconds: $0) } : nil
            let effective: ReconcileMode = since == nil ? .full : .incremental
            let begun = ReconcileState(text: kept, mode: effective, now: now) ?? ReconcileState(mode: effective, started: now)
            @Sendable func keep(_ state: ReconcileState) async throws {
                let text = String(decoding: state.json.jsonBytes, as: UTF8.self)
                try await store.write { try $0.setSetting(key, text) }
            }
            let state: ReconcileState
            do { state = try await reconciler.run(begun, since: since, keep: keep) } catch let error as TargetError
                where since != nil && (error.code == .refused || error.code == .unsupported)
            {
                // It cannot tell what changed lately.
                state = try await reconciler.run(ReconcileState(mode: .full, started: now), since: nil, keep: keep)
            }
            var report = ReconcileReport(differences: state.differences, accounts: state.accounts, mode: state.mode)
            report.notes = state.notes
            if !planOnly, !state.drifted.isEmpty { report.batch = try await correct(state, at: target) }
            try await store.write { transaction in
                try transaction.setSetting(key, "")
                // What was only looked at is still to be found by an incremental one.
                if !planOnly { try transaction.setSetting(timeKey, String(state.started.milliseconds)) }
            }
            wake()
            return report
        } catch let error as TargetError {
            throw ProvisionerError(.target, "'\(name)' could not be read: \(error); call it again to go on where it was")
        }
    }

    /// Forgets how far reconciliations are, and when there was one: for a target that is another by now, or gone.
    static func forgetReconciliations(of name: String, in tenant: Tenant, _ transaction: any WriteTransaction) throws {
        for key in [stateSetting(name, tenant), timeSetting(name, tenant)] { try transaction.setSetting(key, "") }
    }

    /// Keeps the groups that the target has now.
    private func refreshGroups(of target: KnownTarget, _ groups: [TargetGroup]) async throws -> KnownTarget {
        guard groups != target.groups else { return target }
        let (name, tenant) = (target.row.name, target.row.tenant)
        let row = try await store.write { transaction -> ProvisioningTarget in
            guard var row = try transaction.provisioningTarget(name, in: tenant) else { throw ProvisionerError.noTarget(name) }
            row.groups = TargetGroup.bytes(groups)
            try transaction.update(row)
            return try transaction.provisioningTarget(name, in: tenant) ?? row
        }
        return try known(row)
    }

    /// Makes work for those in whom the target differs. What Muster believed of their accounts is dropped, so that everything is
    /// written.
    private func correct(_ state: ReconcileState, at target: KnownTarget) async throws -> ProvisioningBatch {
        let (name, tenant, now) = (target.row.name, target.row.tenant, clock.now())
        let ids = state.drifted.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let removed = Set(state.differences.filter { $0.kind == .extra }.compactMap(\.person))
        let missing = Set(state.differences.filter { $0.kind == .missing }.compactMap(\.person))
        let (active, gone) = try await store.read { transaction in
            let key = { ResourceKey(tenant: tenant, type: ResourceType.user.name, id: $0) }
            return (
                try transaction.targetLinkCounts(to: name, in: tenant, type: ResourceType.user.name).active,
                try missing.filter { try transaction.targetLink(key($0), to: name)?.remoteID != nil }
            )
        }
        // Accounts that are gone by the hundred are more likely a target that is not itself.
        let isParked = target.definition.guard.stops(removals: removed.union(gone).count, active: active)
        let batch = (isParked ? ProvisioningBatch.guardPrefix : "batch-") + makeID()
        for chunk in ids.chunks(of: 200) {
            try await store.write { transaction in
                for id in chunk {
                    let key = ResourceKey(tenant: tenant, type: ResourceType.user.name, id: id)
                    if var link = try transaction.targetLink(key, to: name) {
                        if gone.contains(id) {
                            // It is looked up once more by what was sent, before another is made.
                            link.remoteID = nil
                        } else {
                            // What is to be written is what differs from what is there.
                            link.document = (state.present[id] ?? .complex([:])).jsonBytes
                            link.groups.removeAll { state.lost[id]?.contains($0) ?? false }
                            if removed.contains(id) { link.isActive = true }
                        }
                        try transaction.save(link)
                    }
                    try transaction.enqueueKeepingHold(
                        ProvisioningTask(target: name, subject: key, batch: batch, due: now, created: now))
                }
            }
        }
        return ProvisioningBatch(
            id: batch, target: name, people: ids.count, removals: removed.count, active: active, isParked: isParked)
    }
}
