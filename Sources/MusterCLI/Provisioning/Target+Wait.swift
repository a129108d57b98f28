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

                Exit codes: 0 all is done, 1 something failed for good, 2 the time is over.
                """)
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Option(help: "How long at most, such as 10m. (default: for ever)") var timeout: TimeSpan?

        private static let open: [ProvisioningTask.State] = [.due, .approved]

        func run() async throws {
            let bar = ProgressBar("provisioning")
            let end = timeout.map { ContinuousClock.now + $0.duration }
            let status = try await options.run { provisioner in
                var all = 0
                while true {
                    let status = try await provisioner.target(name, in: options.tenant)
                    let left = Self.open.reduce(0) { $0 + (status.tasks[$1] ?? 0) }
                    all = max(all, left)
                    bar.show(all - left, of: all)
                    if left == 0 || end.map({ $0 <= .now }) ?? false { return status }
                    try await Task.sleep(for: .milliseconds(500))
                }
            }
            bar.end()
            Output.line(
                "\(name): \(status.target.row.state.rawValue), \(status.activeAccounts) of \(status.accounts) accounts active; "
                    + ProvisioningTask.State.allCases.map { "\(status.tasks[$0] ?? 0) \($0.rawValue)" }.joined(separator: ", "))
            if Self.open.contains(where: { status.tasks[$0] ?? 0 > 0 }) { throw ExitCode(2) }
            if status.tasks[.failed] ?? 0 > 0 { throw ExitCode(1) }
        }
    }
}
