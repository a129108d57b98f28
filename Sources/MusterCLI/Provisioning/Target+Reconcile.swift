import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM
import Synchronization

extension Target {
    struct Reconcile: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Read a target, show in what it differs from what it should be, and make work of that.",
            discussion: """
                An account that Muster does not manage is left alone and only listed. A
                reconciliation that is interrupted goes on where it was when it is called
                again within six hours.

                Exit codes: 0 all is well or is put right, 1 it failed, 2 with --plan-only when
                something differs that Muster manages.
                """)
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Show the differences only.") var planOnly = false
        @Flag(help: "Read only what changed there since the last time, where the target can tell.") var incremental = false
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let bar = ReconcileBar()
            let report = try await options.run { provisioner in
                try await provisioner.reconcile(
                    name, in: options.tenant, planOnly: planOnly, mode: incremental ? .incremental : .full, by: options.actor,
                    progress: { bar.show($0) })
            }
            bar.end()
            if json { Output.line(report.json.jsonText) } else { show(report) }
            if planOnly, report.hasDrift { throw ExitCode(2) }
        }

        private func show(_ report: ReconcileReport) {
            for difference in report.differences {
                Output.line(Output.harmless("\(difference.kind.rawValue): \(difference.name)"))
                for line in difference.lines { Output.line("  " + Output.harmless(line)) }
            }
            for note in report.notes { Output.line("note: " + Output.harmless(note)) }
            let counts = ReconcileDifference.Kind.allCases.map { "\(report.counts[$0] ?? 0) \($0.rawValue)" }
            Output.line("\(report.accounts) accounts read, " + counts.joined(separator: ", "))
            if let batch = report.batch { options.show(batch) }
        }
    }
}

/// A progress bar for each phase of a reconciliation; where it is not known how many there are, a line for each thousand.
private final class ReconcileBar: Sendable {
    private struct State {
        var bar: ProgressBar?
        var phase = ""
        var thousands = 0
    }

    private let state = Mutex(State())

    func show(_ progress: ReconcileProgress) {
        state.withLock { state in
            if state.phase != progress.phase {
                state.bar?.end()
                state = State(bar: ProgressBar(progress.phase), phase: progress.phase)
            }
            if let all = progress.all {
                state.bar?.show(progress.done, of: all)
            } else if progress.done / 1000 > state.thousands {
                state.thousands = progress.done / 1000
                Output.note("\(progress.phase): \(progress.done)")
            }
        }
    }

    func end() { state.withLock { $0.bar?.end() } }
}
