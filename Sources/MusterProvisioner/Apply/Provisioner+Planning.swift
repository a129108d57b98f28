import Logging
import MusterCore
import SCIM
import Synchronization

extension Provisioner {
    /// What is known of one person, with their document, and what is to be done.
    struct Preparation {
        var situation: Situation
        var decision: Planner.Decision
    }

    /// Plans one task and goes on with it as far as it can go; never throws, since whatever happens is written down.
    func work(on claimed: ProvisioningTask, at target: KnownTarget) async {
        // Grows with what is found out, so that what is written down at the end is all of it.
        var task = claimed
        do {
            do {
                if let (plan, situation) = try await approved(task, at: target) {
                    try await carryOut(plan, of: task, in: situation, at: target)
                } else {
                    try await plan(&task, at: target)
                }
            } catch let error as TargetError {
                try await settle(task, at: target, after: error)
            } catch let error as ProvisionerError {
                try await fail(task, at: target, error.message)
            }
        } catch is CancellationError {
            // The claim ends by itself, or at the next start.
        } catch let error as StoreError where error.code == .conflict {
            // A newer change has made other work of it, which nobody may begin before this here has ended.
            try? await store.write { try $0.releaseClaim(of: claimed) }
            wake()
        } catch {
            logger.error(
                "a task could not be written down", metadata: ["target.name": "\(target.row.name)", "error": "\(error)"])
        }
    }

    /// The plan that was approved; nil where there is none, or where its person no longer stands where they stood: nobody gets
    /// an account who should have none by now, or loses one that they should have.
    private func approved(_ task: ProvisioningTask, at target: KnownTarget) async throws -> (ProvisioningPlan, Situation)? {
        guard task.state == .approved, let plan = ProvisioningPlan(bytes: task.plan) else { return nil }
        let situation = try await situation(of: task.subject, at: target)
        let belongs = situation.isInScope(of: target.definition) && situation.person?.isActive ?? false
        if belongs != plan.action.isRemoval { return (plan, situation) }
        let isStill = try await prepare(task.subject, at: target).decision == .plan(plan)
        return isStill ? (plan, situation) : nil
    }

    private func plan(_ task: inout ProvisioningTask, at target: KnownTarget) async throws {
        try await findLost(task.subject, at: target)
        let prepared = try await prepare(task.subject, at: target)
        guard case .plan(let plan) = prepared.decision else { return try await finish(task, at: target, prepared.situation) }
        // One that is tried again was counted when it was tried first.
        let isCounted = task.isRemoval && task.batch == nil
        task.state = .due
        task.approvals = []
        task.plan = plan.json.jsonBytes
        task.action = plan.action.rawValue
        task.isRemoval = plan.action.isRemoval
        task.lastError = nil
        if try await isHeld(&task, isCounted: isCounted, at: target) { return }
        guard target.definition.approval.needed(by: plan).isEmpty else {
            task.state = .pending
            task.leasedUntil = nil
            try await write(&task)
            return
        }
        // What is about to happen counts for the delete guard before it has happened.
        if task.isRemoval { try await write(&task) }
        try await carryOut(plan, of: task, in: prepared.situation, at: target)
    }

    /// Writes a task down under its next revision.
    private func write(_ task: inout ProvisioningTask) async throws {
        let changed = task
        task = try await store.write { try $0.update(changed) }
    }

    /// Parks a task where the delete guard wants so.
    /// - Parameter isCounted: Whether its removal is among those that the store counts.
    /// - Returns: Whether it did.
    private func isHeld(_ task: inout ProvisioningTask, isCounted: Bool, at target: KnownTarget) async throws -> Bool {
        var isHeld = ProvisioningBatch.isHeld(task.batch)
        let (name, tenant, now) = (target.row.name, target.row.tenant, clock.now())
        let threshold = target.definition.guard
        if !isHeld, task.isRemoval {
            let since = now + (.zero - threshold.window)
            let (removals, active) = try await store.read { transaction in
                let active = try transaction.targetLinkCounts(to: name, in: tenant, type: ResourceType.user.name).active
                return (try transaction.removalCount(at: name, in: tenant, since: since), active)
            }
            let before = removals - (isCounted ? 1 : 0)
            if threshold.stops(removals: before + 1, active: active + before) {
                isHeld = true
                let window = max(1, threshold.window.components.seconds) * 1000
                task.batch = "\(ProvisioningBatch.guardPrefix)\(name)-\(now.milliseconds / window)"
            }
        }
        guard isHeld else { return false }
        task.state = .parked
        task.leasedUntil = nil
        let (parked, batch) = (task, task.batch)
        try await store.write { transaction in
            try transaction.update(parked)
            // Removals that wait for an ordinary approval belong to the same flood.
            guard parked.isRemoval else { return }
            var query = ProvisioningTaskQuery(tenant: tenant, target: name, states: [.pending], limit: .max)
            query.unbatchedRemovals = true
            for var other in try transaction.provisioningTasks(query) {
                other.batch = batch
                other.state = .parked
                try transaction.update(other)
            }
        }
        logger.warning(
            "the delete guard holds a plan", metadata: ["target.name": "\(name)", "batch.id": "\(batch ?? "")"])
        return true
    }

    /// Finds the account whose creation was cut off, so that it is neither made again nor left behind when its person leaves.
    private func findLost(_ subject: ResourceKey, at target: KnownTarget) async throws {
        let name = target.row.name
        guard var link = try await store.read({ try $0.targetLink(subject, to: name) }), link.remoteID == nil,
            let document = try? AttributeValue(json: link.document)
        else { return }
        let client = client(of: target)
        if let found = try await client.lookUp(document, for: subject, at: target) {
            link.remoteID = found.id
            link.isActive = found.isActive
        } else {
            try await client.confirmPresence()
        }
        link.document = []
        let known = link
        do {
            try await store.write { transaction in
                if known.remoteID == nil { try transaction.deleteTargetLink(subject, to: name) } else { try transaction.save(known) }
            }
        } catch let error as StoreError where error.code == .conflict {
            throw ProvisionerError(
                .conflict, "the account '\(known.remoteID ?? "")' there belongs to another person; a person has to decide whose it is")
        }
    }

    // MARK: Situations

    /// What is known of a person, without their document.
    func situation(of subject: ResourceKey, at target: KnownTarget) async throws -> Situation {
        let (tenant, now) = (target.row.tenant, clock.now())
        return try await store.read { transaction in
            let reader = SituationReader(target: target, rules: try Self.newestRules(in: tenant, transaction)) { version, transaction in
                try Self.rules(version, in: tenant, transaction)
            }
            return try reader.situation(of: subject, now: now, in: transaction)
        }
    }

    /// What is known of a person, with what they become at the target and what is to be done.
    /// - Throws: ``ProvisionerError`` where a script refuses the person.
    func prepare(_ subject: ResourceKey, at target: KnownTarget, isForced: Bool? = nil) async throws -> Preparation {
        var situation = try await situation(of: subject, at: target)
        let planner = Planner(target.definition, groups: target.groups, isForced: isForced)
        guard let person = situation.person, situation.isInScope(of: target.definition) else {
            return Preparation(situation: situation, decision: planner.decide(situation))
        }
        let rendering = target.definition.template.render(person, settings: situation.outcome.settings)
        situation.awaitsManager = rendering.awaitsManager
        situation.notes = rendering.notes
        do {
            switch try await hooks.map(rendering.document, person, target.row.name) {
            case .document(let document): situation.document = document
            // Nothing that scripts say keeps an account open: what was sent last is deactivated.
            case .skip where !person.isActive, .reject where !person.isActive: break
            case .skip(let reason): return Preparation(situation: situation, decision: .nothing("a plugin skips them: \(reason)"))
            case .reject(let reason): throw ProvisionerError(.invalid, "a plugin refuses: \(reason)")
            }
        } catch let error as ProvisionerError where !person.isActive {
            logger.warning(
                "a plugin failed for somebody who is not active; they are deactivated all the same",
                metadata: ["target.name": "\(target.row.name)", "user.id": "\(subject.id)", "error": "\(error.message)"])
        }
        return Preparation(situation: situation, decision: planner.decide(situation))
    }

    // MARK: Ends

    /// Ends a task that needed nothing to be sent.
    func finish(_ task: ProvisioningTask, at target: KnownTarget, _ situation: Situation) async throws {
        let isInScope = situation.isInScope(of: target.definition)
        let now = clock.now()
        try await store.write { transaction in
            if var link = try transaction.targetLink(task.subject, to: task.target), link.remoteID != nil {
                let before = link
                link.leftScope = isInScope ? nil : link.leftScope ?? now
                link.rules = situation.rules
                if link != before { try transaction.save(link) }
            }
            try transaction.end(task)
        }
    }

    /// Ends a task that a person has to look at.
    func fail(_ task: ProvisioningTask, at target: KnownTarget, _ reason: String, detail: [UInt8] = []) async throws {
        var failed = task
        failed.state = .failed
        failed.leasedUntil = nil
        failed.lastError = reason
        let (ended, now) = (failed, clock.now())
        let (person, link) = try await store.read { transaction in
            let (subject, name) = (task.subject, task.target)
            return (try Person(subject, target: name, in: transaction), try transaction.targetLink(subject, to: name))
        }
        if let plan = ProvisioningPlan(bytes: task.plan) {
            await hooks.ended(
                ProvisioningHooks.Ending(
                    target: task.target, subject: task.subject, person: person, plan: plan, remoteID: link?.remoteID, error: reason,
                    key: "\(task.target)-\(task.number)"))
        }
        try await store.write { transaction in
            try transaction.update(ended)
            try transaction.append(
                ProvisioningRecord(
                    time: now, target: task.target, subject: task.subject, action: task.action, isRemoval: false, detail: detail,
                    error: reason))
        }
        metrics.count(task.action.isEmpty ? "none" : task.action, "failed", at: TargetKey(tenant: target.row.tenant, name: task.target))
        logger.warning(
            "a person could not be provisioned",
            metadata: ["target.name": "\(task.target)", "user.id": "\(task.subject.id)", "error": "\(reason)"])
    }

    /// Decides what becomes of a task after the target did not do as it was asked.
    func settle(_ task: ProvisioningTask, at target: KnownTarget, after error: TargetError) async throws {
        let key = TargetKey(tenant: target.row.tenant, name: target.row.name)
        if error.stopsTarget {
            try await release(task)
            return try await quarantine(target, error.description)
        }
        guard error.isRetryable else { return try await fail(task, at: target, error.description) }
        let count = failures.withLock { failures in
            failures[key, default: 0] += error.code == .throttled ? 0 : 1
            return failures[key, default: 0]
        }
        // While the whole target is down, no person uses up attempts.
        guard count < settings.failuresBeforeQuarantine else {
            try await release(task)
            return try await quarantine(target, error.description)
        }
        guard task.attempts < settings.maximumAttempts || error.code == .throttled else {
            return try await fail(task, at: target, error.description)
        }
        var retried = task
        retried.leasedUntil = nil
        retried.lastError = error.description
        if error.code == .throttled { retried.attempts = max(0, task.attempts - 1) }
        retried.due = clock.now() + (error.retryAfter ?? settings.wait(after: task.attempts, random: random()))
        let again = retried
        _ = try await store.write { try $0.update(again) }
    }

    /// Gives a claim back; the attempt does not count.
    private func release(_ task: ProvisioningTask) async throws {
        var released = task
        released.leasedUntil = nil
        released.attempts = max(0, task.attempts - 1)
        let again = released
        _ = try await store.write { try $0.update(again) }
    }

    // MARK: Quarantine

    private func quarantine(_ target: KnownTarget, _ reason: String) async throws {
        let (name, tenant, now, settings) = (target.row.name, target.row.tenant, clock.now(), settings)
        let isNew = try await store.write { transaction -> Bool in
            guard var row = try transaction.provisioningTarget(name, in: tenant), row.state == .on else { return false }
            row.state = .quarantined
            row.reason = reason
            row.resumesAt = now + settings.quarantine(after: row.quarantines)
            row.quarantines += 1
            row.modified = now
            try transaction.update(row)
            return true
        }
        failures.withLock { $0[TargetKey(tenant: tenant, name: name)] = nil }
        if isNew { logger.error("a target is quarantined", metadata: ["target.name": "\(name)", "error": "\(reason)"]) }
    }

    /// Tries a target whose quarantine is over.
    /// - Returns: Whether it works again.
    func probe(_ target: KnownTarget) async throws -> Bool {
        let failure = await client(of: target).test().first { $0.outcome == .failed }
        let (name, tenant, now, settings) = (target.row.name, target.row.tenant, clock.now(), settings)
        try await store.write { transaction in
            guard var row = try transaction.provisioningTarget(name, in: tenant), row.state == .quarantined else { return }
            if let failure {
                row.reason = "\(failure.name): \(failure.detail)"
                row.resumesAt = now + settings.quarantine(after: row.quarantines)
                row.quarantines += 1
            } else {
                // How often it failed counts on until something has really been done there.
                row.state = .on
                row.reason = nil
                row.resumesAt = nil
            }
            row.modified = now
            try transaction.update(row)
        }
        return failure == nil
    }
}

extension WriteTransaction {
    /// Removes a task that is done; where a newer one has taken its place, that one may begin now.
    /// - Returns: Whether it was the newest.
    @discardableResult
    func end(_ task: ProvisioningTask) throws -> Bool {
        if try finish(task) { return true }
        try releaseClaim(of: task)
        return false
    }
}
