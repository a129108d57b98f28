import Metrics
import MusterCore
import MusterLua
import SCIM

/// Another version of a plugin that runs beside the live one, in a world in which it changes nothing.
///
/// It is handed each run after the live version has ended it, with the same input and with what the live run was told by the
/// world, and is compared with it. Nobody waits for it: runs for which there is no room are dropped and counted.
final class Shadow: Sendable {
    /// Runs that may wait.
    static let queueLimit = 256

    /// What it was made of; where that and the live version are the same, a reload leaves it alone.
    struct Identity: Sendable, Hashable {
        var shadow: PluginIdentity
        var live: PluginIdentity
    }

    private struct Run: Sendable {
        var input: HookInput
        var live: RunEnd
    }

    let identity: Identity
    let ledger: ShadowLedger
    private let queue: AsyncStream<Run>.Continuation

    /// - Parameter version: Loaded in a ``RecordingWorld``.
    init(_ version: Plugin, identity: Identity, ledger: ShadowLedger) {
        self.identity = identity
        self.ledger = ledger
        let (runs, queue) = AsyncStream.makeStream(of: Run.self, bufferingPolicy: .bufferingOldest(Self.queueLimit))
        self.queue = queue
        // The task holds the version, not the shadow: it ends once that is gone and the queue is empty.
        Task {
            for await run in runs { await Self.follow(run, by: version, ledger) }
            await ledger.flush()
        }
    }

    deinit { queue.finish() }

    /// Hands a run over that the live version has ended. Returns at once.
    func offer(_ input: HookInput, _ outcome: Result<HookOutcome, PluginFailure>) {
        ledger.begin()
        guard case .enqueued = queue.yield(Run(input: input, live: RunEnd(outcome: outcome, record: input.context.journal.whole))) else {
            ledger.end()
            ledger.note { $0.dropped += 1 }
            return Self.count("dropped", input.hook, ledger.plugin)
        }
    }

    private static func follow(_ run: Run, by version: Plugin, _ ledger: ShadowLedger) async {
        let hook = run.input.hook
        var lines = ["~ the shadow has no \(hook.rawValue)"]
        if version.hooks.contains(hook) {
            let input = run.input.again(config: version.config, as: run.live.record)
            let outcome: Result<HookOutcome, PluginFailure>
            do { outcome = .success(try await version.attempt(input)) } catch let failure as PluginFailure {
                outcome = .failure(failure)
            } catch {
                return ledger.end()
            }
            let end = RunEnd(outcome: outcome, record: input.context.journal.record)
            lines = RunComparison(of: hook.phase, live: run.live, shadow: end).lines
        }
        let divergence = ShadowReport.Divergence(
            time: version.clock.now(), hook: hook.rawValue, subject: run.input.subject, requestID: run.input.context.requestID,
            eventID: run.input.context.eventID, lines: lines)
        ledger.note { report in
            if lines.isEmpty { report.agreements += 1 } else { report.add(divergence) }
        }
        count(lines.isEmpty ? "agreed" : "diverged", hook, ledger.plugin)
        ledger.end()
    }

    private static func count(_ outcome: String, _ hook: HookName, _ plugin: String) {
        Counter(
            label: "muster_plugin_shadow_runs_total", dimensions: [("plugin", plugin), ("hook", hook.rawValue), ("outcome", outcome)]
        ).increment()
    }
}

extension HookInput {
    /// The same for another version of the plugin, which is told by the world what this run was told.
    fileprivate func again(config: LuaValue, as record: RunRecord) -> HookInput {
        var input = self
        var lazy = context.lazy
        lazy["config"] = { config }
        input.context = RunContext(
            hook: hook, tenant: context.tenant, requestID: context.requestID, eventID: context.eventID, lazy: lazy,
            tape: RunTape(record))
        return input
    }

    /// Whom the run is about, as `User/ID`; "" where that is not known.
    fileprivate var subject: String {
        if let key = data["event"]?["key"]?.string { return key }
        for (field, type) in [("user", "User"), ("group", "Group"), ("resource", data["resourceType"]?.string ?? "")] {
            if let id = data[field]?["id"]?.string { return "\(type)/\(id)" }
        }
        return ""
    }
}
