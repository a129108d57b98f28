import Logging
package import MusterCore
import MusterLua
package import SCIM
import Synchronization

/// A run of `onSchedule` that this node has taken.
package struct ScheduledRun: Sendable {
    let plugin: Plugin
    let tenant: Tenant
    let claim: ScheduleState.Claim
    let schedule: CronExpression
}

extension PluginHost {
    /// Where the state of a schedule is kept, among the plugin's own values.
    static let scheduleKey = HostAPI.reservedPrefix + "schedule"
    /// How long a run may be at work before another node takes it; longer than any run may take.
    static let scheduleLease = Duration.seconds(180)

    /// Whether a plugin has a schedule.
    package var hasSchedules: Bool { current.plugins.contains { $0.schedule != nil } }

    /// Takes the runs of `onSchedule` that are due for a tenant; each is given to one node alone. A schedule that cannot be read
    /// holds up no other.
    /// - Returns: The runs, and when to look again; nil where there is no schedule.
    package func claimScheduledRuns(in tenant: Tenant) async -> (runs: [ScheduledRun], nextLook: Timestamp?) {
        var (runs, nextLook): ([ScheduledRun], Timestamp?) = ([], nil)
        for plugin in current.plugins {
            guard let schedule = plugin.schedule, !plugin.isPaused else { continue }
            do {
                let (claim, next) = try await claim(schedule, of: plugin, in: tenant)
                if let claim { runs.append(ScheduledRun(plugin: plugin, tenant: tenant, claim: claim, schedule: schedule)) }
                nextLook = [nextLook, next].compactMap(\.self).min()
            } catch {
                logger.error(
                    "the schedule of plugin '\(plugin.name)' cannot be read",
                    metadata: ["plugin.name": .string(plugin.name), "tenant": .string(tenant.name), "error": "\(error)"])
            }
        }
        return (runs, nextLook)
    }

    /// Takes the run of one plugin that is due for a tenant.
    private func claim(
        _ schedule: CronExpression, of plugin: Plugin, in tenant: Tenant
    ) async throws -> (claim: ScheduleState.Claim?, nextLook: Timestamp?) {
        let (now, values) = (world.clock.now(), world.values(plugin.name))
        let before = try await values.get(Self.scheduleKey, tenant)
        let known = before.flatMap { ScheduleState(stored: $0) }
        var state = known ?? ScheduleState(startingAt: now)
        let claim = state.claim(schedule, now: now, lease: Self.scheduleLease)
        let nextLook = state.nextLook(schedule)
        // Most looks find nothing due, and need not write.
        if known != nil, claim == nil { return (nil, nextLook) }
        // All is decided by now: the transaction only sees to it that nobody was faster.
        let isTaken = Mutex(false)
        try await values.update(Self.scheduleKey, tenant) { [state] stored in
            guard stored == before else { return stored.flatMap { PluginValue(bytes: $0) } }
            isTaken.withLock { $0 = true }
            return state.stored
        }
        return isTaken.withLock(\.self) ? (claim, nextLook) : (nil, now)
    }

    /// Runs the hook and notes how it went: a failure is tried again with the manifest's waits, until the schedule's next
    /// time comes.
    package func run(_ run: ScheduledRun) async {
        let (plugin, claim) = (run.plugin, run.claim)
        let (due, error, counts) = await attempt(run)
        if let error {
            let ending = due.map { "tried again at \($0.dateTime)" } ?? "given up until its next time"
            plugin.logger.warning(
                "plugin '\(plugin.name)': onSchedule failed, \(ending)",
                metadata: ["plugin.name": .string(plugin.name), "tenant": .string(run.tenant.name), "error": .string(error)])
        }
        // In a task of its own: one that is cancelled could not write.
        await Task { [world] in
            do {
                try await world.values(plugin.name).update(Self.scheduleKey, run.tenant) { bytes in
                    guard var state = bytes.flatMap({ ScheduleState(stored: $0) }) else { return nil }
                    state.settle(claim, due: due, error: error, counts: counts)
                    return state.stored
                }
            } catch {
                // The lease ends by itself; the run comes again under the same idempotency keys.
                plugin.logger.error(
                    "the end of onSchedule cannot be noted", metadata: ["plugin.name": .string(plugin.name), "error": "\(error)"])
            }
        }.value
    }

    private func attempt(_ run: ScheduledRun) async -> (due: Timestamp?, error: String?, counts: Bool) {
        let plugin = run.plugin
        func again(after wait: Duration?, _ reason: String) -> (Timestamp?, String?, Bool) {
            let retry = plugin.manifest.retry
            var usual = retry.base
            for _ in 1..<max(1, run.claim.attempt) where usual < retry.maximum { usual *= 2 }
            let due = world.clock.now() + (wait ?? min(usual, retry.maximum))
            let isLast = run.claim.attempt >= retry.maximumAttempts || run.schedule.next(after: run.claim.slot).map { due >= $0 } ?? false
            return (isLast ? nil : due, plugin.mask.masked(reason).cut(to: 1024), true)
        }
        do {
            switch try await plugin.run(HookInput(run.claim, of: plugin.name, in: run.tenant, config: plugin.config)) {
            case .done, .skip, .reject: return (nil, nil, true)
            case .retry(let after, let reason): return again(after: after, reason)
            case .fail(let reason): return (nil, plugin.mask.masked(reason).cut(to: 1024), true)
            }
        } catch is CancellationError {
            return (world.clock.now(), nil, false)
        } catch let heldBack as HeldBack {
            return (world.clock.now() + heldBack.wait, nil, false)
        } catch {
            return again(after: nil, (error as? PluginFailure)?.description ?? "\(error)")
        }
    }
}

extension HookInput {
    /// The input of `onSchedule`.
    init(_ claim: ScheduleState.Claim, of plugin: String, in tenant: Tenant, config: LuaValue) {
        let slot = claim.slot.dateTime
        let id = "schedule-\(plugin)-\(tenant.name)-\(slot)"
        self.init(
            hook: .onSchedule,
            data: [
                "event": [
                    "id": .string(id), "type": .string(HookName.onSchedule.rawValue), "time": .string(slot),
                    "attempt": .integer(Int64(claim.attempt)), "key": .string("Schedule/\(plugin)"),
                    "idempotencyKey": .string(RunContext.idempotencyKey(of: id, for: plugin)),
                ],
                "request": ["id": .string(id), "client": "schedule", "tenant": .string(tenant.name)],
            ],
            context: RunContext(hook: .onSchedule, tenant: tenant, requestID: id, eventID: id, lazy: ["config": { config }]))
    }
}
