import ArgumentParser
import MusterCore
import MusterProvisioner

extension Target {
    struct Wait: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Wait until a running server has done what there is to do at a target.",
            discussion: """
                With a progress bar on a terminal, and a line for each tenth without one.
                What waits for an approval, or has failed, does not count.

                Exit codes: 0 all is done, 1 something failed for good, or nothing will be done
                since the target is off or quarantined, 2 the time is over.
                """)
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "How long at most, such as 10m. (default: for ever)") var timeout: TimeSpan?

        func run() async throws {
            let bar = ProgressBar("provisioning")
            let end = timeout.map { ContinuousClock.now + $0.duration }
            let (work, status) = try await options.run { provisioner in
                var all = 0
                while true {
                    let work = try await provisioner.openWork(at: name, in: options.tenant)
                    all = max(all, work.tasks)
                    bar.show(all - work.tasks, of: all)
                    if !work.goesOn || end.map({ $0 <= .now }) ?? false {
                        return (work, try await provisioner.target(name, in: options.tenant))
                    }
                    // Many are not done in a moment.
                    try await Task.sleep(for: .milliseconds(work.tasks < 100 ? 500 : 2000))
                }
            }
            bar.end()
            Output.line(
                "\(name): \(status.target.row.state.rawValue), \(status.activeAccounts) of \(status.accounts) accounts active; "
                    + ProvisioningTask.State.allCases.map { "\(status.tasks[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", "))
            switch work.state {
            case .off: throw CommandFailure("'\(name)' is off; switch it on with 'muster target connect \(name)'")
            case .quarantined:
                throw CommandFailure(
                    "'\(name)' is quarantined: \(work.reason ?? "it failed too often"); try it again with 'muster target resume \(name)'")
            case .on: break
            }
            if work.goesOn {
                if work.hasEvents { Output.note("the server has not looked at all changes of the directory yet") }
                throw ExitCode(2)
            }
            if status.tasks[.failed] ?? 0 > 0 { throw ExitCode(1) }
        }
    }
}

extension OpenWork {
    /// Whether a server will do more by itself.
    fileprivate var goesOn: Bool { state == .on && (tasks > 0 || hasEvents) }
}
