import ArgumentParser
import MusterCore
import MusterProvisioner
import SCIM
import Synchronization

/// `muster mapping`
struct Mapping: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "See and change the rules that decide who goes where, with which attributes and groups.",
        discussion: """
            The rules are one JSON list. New ones hold for new people at once; for the
            others when they are reapplied.

              muster mapping show --data var > rules.json
              muster mapping test ada@example.com --data var --rules rules.json
              muster mapping set rules.json --data var
              muster mapping reapply --data var
            """,
        subcommands: [Show.self, Save.self, Check.self, Test.self, Reapply.self])

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the rules as JSON; their version goes to standard error.")
        @OptionGroup var options: ProvisionerOptions

        func run() async throws {
            let (version, rules) = try await options.run { try await $0.mappings(in: options.tenant) }
            Output.line(rules.indentedText)
            Output.note(version == 0 ? "no rules were saved yet" : "version \(version)")
        }
    }

    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Replace the rules by those of a file.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The file; - for standard input.") var file: JSONFile

        func run() async throws {
            let rules = try file.read()
            let (version, findings) = try await options.run { try await $0.saveMappings(rules, in: options.tenant, by: options.actor) }
            Output.findings(findings)
            Output.line("version \(version) holds for new people; for all others after 'muster mapping reapply'")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for mistakes in a file of rules; ends with 1 where there are errors.")
        @Argument(help: "The file; - for standard input.") var file: JSONFile

        func run() async throws {
            let (rules, findings) = MappingRules.read(try file.read())
            for finding in findings { Output.line(Output.harmless(finding.description)) }
            if findings.contains(where: { $0.severity == .error }) { throw ExitCode.failure }
            Output.line("\(rules.json.array?.count ?? 0) rules can be used")
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show which rules fire for one user, and why; nothing is changed.")
        @OptionGroup var options: ProvisionerOptions
        @Argument(help: "The user: an id or a userName.") var user: String
        @Option(help: "A file of rules to try. (default: those that are saved)") var rules: JSONFile?
        @Flag(help: "Print one JSON object.") var json = false

        func run() async throws {
            let tried = try rules?.read()
            let trace = try await options.run { try await $0.testMappings(tried, on: user, in: options.tenant) }
            if json { return Output.line(trace.json.jsonText) }
            for line in trace.lines { Output.line(Output.harmless(line)) }
        }
    }

    struct Reapply: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Apply the newest rules to everybody at every target that is on.",
            discussion: """
                Where that would deactivate or delete more accounts than a target's guard
                allows, all of its work waits until somebody approves the batch; the command
                says how.
                """)
        @OptionGroup var options: ProvisionerOptions

        func run() async throws {
            let bar = SharedBar("reapply")
            let batches = try await options.run { provisioner in
                try await provisioner.reapplyMappings(in: options.tenant, by: options.actor) { bar.show($0, of: $1) }
            }
            bar.end()
            if batches.isEmpty { Output.line("no target is on") }
            for batch in batches { options.show(batch) }
        }
    }
}

/// A progress bar that tasks share.
final class SharedBar: Sendable {
    private struct State { var bar: ProgressBar }
    private let state: Mutex<State>

    init(_ title: String) { state = Mutex(State(bar: ProgressBar(title))) }

    func show(_ done: Int, of total: Int) { state.withLock { $0.bar.show(done, of: total) } }
    func end() { state.withLock { $0.bar.end() } }
}
