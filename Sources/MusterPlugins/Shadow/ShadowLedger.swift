import Logging
import MusterCore
import SCIM
import Synchronization

/// Counts what a shadow does, and keeps it in the store: at most once a second, and never in the way of a request.
final class ShadowLedger: Sendable {
    private struct State {
        var report: ShadowReport
        /// Runs that were handed to the shadow and have not come back.
        var pending = 0
        var isChanged = false
        var isFlushing = false
        var hasContinued = false
    }

    /// The plugin.
    let plugin: String
    private let tenant: Tenant
    private let values: PluginValues
    private let interval: Duration
    private let logger: Logger
    private let state: Mutex<State>

    init(_ report: ShadowReport, plugin: String, tenant: Tenant, values: PluginValues, interval: Duration = .seconds(1), logger: Logger) {
        self.plugin = plugin
        self.tenant = tenant
        self.values = values
        self.interval = interval
        self.logger = logger
        state = Mutex(State(report: report))
    }

    /// The report so far; of runs of this process alone until it was first kept.
    var report: ShadowReport { state.withLock { $0.report } }

    /// Runs that are not compared yet.
    var pending: Int { state.withLock { $0.pending } }

    /// A run is handed over.
    func begin() { state.withLock { $0.pending += 1 } }

    /// A run that was handed over has come to nothing.
    func end() { state.withLock { $0.pending -= 1 } }

    /// Changes the report, which is then kept before long.
    func note(_ change: (inout ShadowReport) -> Void) {
        let isFirst = state.withLock { state in
            change(&state.report)
            state.isChanged = true
            defer { state.isFlushing = true }
            return !state.isFlushing
        }
        guard isFirst else { return }
        Task {
            try? await Task.sleep(for: interval)
            state.withLock { $0.isFlushing = false }
            await flush()
        }
    }

    /// Keeps the report in the store.
    func flush() async {
        guard state.withLock({ $0.isChanged }) else { return }
        do {
            try await values.update(plugin, tenant) { [self] old in
                let earlier = old.flatMap { PluginValue(bytes: $0) }.flatMap { ShadowReport($0.value) }
                return state.withLock { state in
                    if !state.hasContinued, let earlier { state.report.continueFrom(earlier) }
                    state.hasContinued = true
                    state.isChanged = false
                    return PluginValue(state.report.stored)
                }
            }
        } catch {
            state.withLock { $0.isChanged = true }
            logger.warning(
                "what the shadow of plugin '\(plugin)' does cannot be kept: \(error)", metadata: ["plugin.name": .string(plugin)])
        }
    }
}
