import Logging
import Metrics
import MusterCore
import MusterLua
import SCIM
import Synchronization

/// A run after the commit that ended since a destination is to be left alone for now: it is no failure of the plugin's.
struct HeldBack: Error, CustomStringConvertible {
    /// How long to wait.
    var wait: Duration
    /// What the script was told.
    var description: String
}

/// One plugin that runs: its manifest and settings, its machine, and how it behaved lately.
final class Plugin: Sendable {
    let manifest: PluginManifest
    /// The hooks that it offers.
    let hooks: Set<HookName>
    /// The settings with the defaults, as Lua sees them.
    let config: LuaValue
    let machine: PluginMachine
    let mask: SecretMask
    let clock: WallClock
    let logger: Logger
    private let breaker = Mutex(CircuitBreaker())
    private let follower = Mutex<Shadow?>(nil)

    init(
        manifest: PluginManifest, hooks: Set<HookName>, config: LuaValue, machine: PluginMachine, mask: SecretMask, clock: WallClock,
        logger: Logger
    ) {
        self.manifest = manifest
        self.hooks = hooks
        self.config = config
        self.machine = machine
        self.mask = mask
        self.clock = clock
        self.logger = logger
    }

    var name: String { manifest.name }

    /// When its hook `onSchedule` runs; nil where it offers none.
    var schedule: CronExpression? { hooks.contains(.onSchedule) ? manifest.schedule : nil }

    /// As whom it changes the directory.
    var actor: String { PluginEnvironment.actor(name) }

    /// Whether it is held back after it was stopped too often.
    var isPaused: Bool { breaker.withLock { $0.isOpen(at: clock.now()) } }

    /// Another version that runs beside this one without any effect; nil for none.
    var shadow: Shadow? {
        get { follower.withLock { $0 } }
        set { follower.withLock { $0 = newValue } }
    }

    /// Runs a hook once, within its limits.
    /// - Parameter limit: How long it may take where that is less than its own limit.
    /// - Throws: ``PluginFailure``, ``HeldBack``, or `CancellationError` when the caller gave up.
    func run(_ input: HookInput, within limit: Duration? = nil) async throws -> HookOutcome {
        let start = ContinuousClock.now
        do {
            let outcome = try await attempt(input, within: limit)
            shadow?.offer(input, .success(outcome))
            breaker.withLock { $0.recordSuccess() }
            record(input.hook, outcome.word, since: start)
            return outcome
        } catch let failure as PluginFailure {
            if input.hook.phase.isQueued, let heldBack = input.context.heldBack(by: failure) {
                record(input.hook, "postponed", since: start)
                throw heldBack
            }
            shadow?.offer(input, .failure(failure))
            record(input.hook, "failed", since: start)
            note(failure, input)
            throw failure
        }
    }

    /// Runs a hook once, and neither logs nor counts it.
    func attempt(_ input: HookInput, within limit: Duration? = nil) async throws -> HookOutcome {
        let phase = input.hook.phase
        do {
            let wall = manifest.limits.wall(in: phase)
            let value = try await machine.run(input, cpu: manifest.limits.cpu(in: phase), wall: min(limit ?? wall, wall))
            return .done(value ?? .null)
        } catch let error as LuaError {
            if error.kind == .cancelled, Task.isCancelled { throw CancellationError() }
            if error.kind == .runtime, let outcome = HookOutcome(raised: error.value, in: phase) { return outcome }
            throw PluginFailure(error, mask: mask)
        }
    }

    private func record(_ hook: HookName, _ outcome: String, since start: ContinuousClock.Instant) {
        let dimensions = [("plugin", name), ("hook", hook.rawValue)]
        Counter(label: "muster_plugin_runs_total", dimensions: dimensions + [("outcome", outcome)]).increment()
        Timer(label: "muster_plugin_run_seconds", dimensions: dimensions).record(duration: ContinuousClock.now - start)
    }

    /// Tells the operator all that the client is not told, and counts kills.
    private func note(_ failure: PluginFailure, _ input: HookInput) {
        var metadata = metadata(input.context)
        metadata["plugin.place"] = .string(failure.place)
        if !failure.traceback.isEmpty { metadata["plugin.traceback"] = .string(failure.traceback.cut(to: 4096)) }
        logger.error("plugin '\(name)' failed: \(failure.kind): \(failure.description.cut(to: 4096))", metadata: metadata)
        let didOpen = failure.isKill && breaker.withLock { $0.recordKill(at: clock.now()) }
        if didOpen {
            logger.error("plugin '\(name)' was stopped too often and is paused for \(CircuitBreaker.pause)", metadata: metadata)
        }
    }

    /// What log lines about a run carry.
    func metadata(_ context: RunContext) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            "plugin.name": .string(name), "plugin.hook": .string(context.hook.rawValue), "request.id": .string(context.requestID),
        ]
        if let id = context.eventID { metadata["event.id"] = .string(id) }
        return metadata
    }
}

extension PluginManifest.Limits {
    /// The CPU time of one run in a phase.
    func cpu(in phase: HookPhase) -> Duration {
        let own = cpu ?? (phase.isQueued ? .milliseconds(250) : .milliseconds(50))
        // Every request passes through hooks that must not wait.
        return phase.mayWait ? own : min(own, .milliseconds(50))
    }

    /// The time of one run in a phase, waiting included.
    func wall(in phase: HookPhase) -> Duration {
        phase.isQueued ? wall ?? .seconds(30) : min(wall ?? .seconds(2), .seconds(2))
    }
}
