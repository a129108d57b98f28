import ArgumentParser
import MusterProvisioner

extension Target {
    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Try a connection step by step, without changing anything. Ends with 1 when a step fails.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String
        @Flag(help: "Print a JSON array.") var json = false

        func run() async throws {
            let steps = try await options.run { try await $0.testConnection(name, in: options.tenant) }
            if json { Output.json(steps.map(\.json)) } else { Target.show(steps) }
            if steps.contains(where: { $0.outcome == .failed }) { throw ExitCode.failure }
        }
    }

    struct Connect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a connection on: try it, list the groups there, and make work for everybody.",
            discussion: "Where a step fails it stays off, and the command ends with 1.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String

        func run() async throws {
            let (steps, batch) = try await options.run { try await $0.connect(name, in: options.tenant, by: options.actor) }
            Target.show(steps)
            guard let batch else { throw CommandFailure("'\(name)' stays off; repair what failed and try again") }
            Output.line("\(name): on")
            options.show(batch)
        }
    }

    struct Disconnect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Switch a connection off: nothing more is sent; what happens meanwhile is made up for later.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String

        func run() async throws {
            try await options.run { try await $0.disconnect(name, in: options.tenant, by: options.actor) }
            Output.line("\(name): off")
        }
    }

    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a quarantine, and try again what has failed for good.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The target.") var name: String

        func run() async throws {
            let count = try await options.run { try await $0.resume(name, in: options.tenant, by: options.actor) }
            Output.line("\(name): \(count) will be tried again")
        }
    }

    /// Prints what each step of a trial came to.
    fileprivate static func show(_ steps: [ConnectionStep]) {
        Output.table(
            ["RESULT", "STEP", "REQUEST", "ANSWER"], steps.map { [$0.outcome.rawValue, $0.name, $0.request, $0.detail] },
            empty: "Nothing was tried.")
    }
}
