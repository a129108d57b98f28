import Logging
package import MusterCore
import MusterProvisioner
import SCIM
import Synchronization

/// The reconciliations that administrators asked for over HTTP: one at a time for each target, and the last one's outcome.
///
/// Reading a large target takes longer than a request may, so that one goes on when its request has been answered.
package final class Reconciliations: Sendable {
    /// A reconciliation that is under way, or that was.
    struct Run: Sendable {
        /// Tells it from others at the same target.
        var number = 0
        var mode: ReconcileMode
        var isPlanOnly: Bool
        var actor: String
        var started: Timestamp
        var progress: ReconcileProgress?
        var ended: Timestamp?
        /// What came of it; nil while it is under way.
        var outcome: Result<ReconcileReport, any Error>?
    }

    private struct Key: Sendable, Hashable {
        var tenant: Tenant
        var target: String
    }

    private struct State: Sendable {
        var runs: [Key: Run] = [:]
        /// How many have begun: what tells one from the others at its target.
        var count = 0
    }

    private let clock: WallClock
    private let state = Mutex(State())

    /// Creates a book of no reconciliations.
    package init(clock: WallClock = .system) { self.clock = clock }

    /// The one that is under way at a target, or the last one since the process began; nil where there was none.
    func run(at target: String, in tenant: Tenant) -> Run? { state.withLock { $0.runs[Key(tenant: tenant, target: target)] } }

    /// Forgets what was at a target; what is under way there goes on, and is told of no more.
    func forget(_ target: String, in tenant: Tenant) { state.withLock { $0.runs[Key(tenant: tenant, target: target)] = nil } }

    /// Begins one that nobody has to wait for.
    /// - Returns: What ends when it does; nil where one is under way there.
    func begin(
        at target: String, in tenant: Tenant, mode: ReconcileMode, isPlanOnly: Bool, by actor: String,
        _ work: @escaping @Sendable (_ progress: @escaping @Sendable (ReconcileProgress) -> Void) async throws -> ReconcileReport
    ) -> Task<Void, Never>? {
        let key = Key(tenant: tenant, target: target)
        let started = clock.now()
        let number = state.withLock { state -> Int? in
            if let present = state.runs[key], present.outcome == nil { return nil }
            state.count += 1
            state.runs[key] = Run(number: state.count, mode: mode, isPlanOnly: isPlanOnly, actor: actor, started: started)
            return state.count
        }
        guard let number else { return nil }
        return Task {
            let outcome: Result<ReconcileReport, any Error>
            do {
                outcome = .success(try await work { progress in self.change(number, at: key) { $0.progress = progress } })
            } catch {
                outcome = .failure(error)
                if !(error is ProvisionerError) {
                    Logger.current.error("a reconciliation failed", metadata: ["target.name": "\(target)", "error": "\(error)"])
                }
            }
            let now = self.clock.now()
            self.change(number, at: key) { run in
                run.outcome = outcome
                run.ended = now
            }
        }
    }

    /// Changes what is told of a run, unless it was forgotten.
    private func change(_ number: Int, at key: Key, _ body: (inout Run) -> Void) {
        state.withLock { state in
            guard var run = state.runs[key], run.number == number else { return }
            body(&run)
            state.runs[key] = run
        }
    }
}

extension Reconciliations.Run {
    /// The reconciliation as JSON.
    var document: AttributeValue {
        var map: AttributeMap = [
            "state": .string(state), "mode": .string(mode.rawValue), "planOnly": .boolean(isPlanOnly), "by": .string(actor),
            "started": .string(started.dateTime),
        ]
        if let ended { map.append("ended", .string(ended.dateTime)) }
        if let progress, outcome == nil {
            var steps: AttributeMap = ["phase": .string(progress.phase), "done": .integer(Int64(progress.done))]
            if let all = progress.all { steps.append("all", .integer(Int64(all))) }
            map.append("progress", .complex(steps))
        }
        switch outcome {
        case .success(let report): map.append("report", report.json)
        case .failure(let error as ProvisionerError): map.append("error", .string(error.message))
        case .failure: map.append("error", "the server failed; its log tells more")
        case nil: break
        }
        return .complex(map)
    }

    private var state: String {
        switch outcome {
        case .success: "done"
        case .failure: "failed"
        case nil: "running"
        }
    }
}
