import ArgumentParser
import Foundation
import Muster
import SCIM
import MusterPlugins

/// `muster plugin`
struct Plugin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write, list and check plugins, and read about their API.",
        subcommands: [New.self, List.self, Check.self, Docs.self, Definitions.self])

    /// What both commands read.
    struct Options: ParsableArguments {
        @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
        @OptionGroup var data: DataOptions
        @OptionGroup var configuration: ConfigurationOptions
        @Flag(help: "Print a JSON array.") var json = false

        func reports() async throws -> [PluginReport] {
            let settings = try configuration.load(data: data.data)
            return try await PluginHost.check(
                directory: URL(filePath: plugins, directoryHint: .isDirectory),
                settings: PluginSettings(
                    settings.plugins, secretsFolder: settings.secretsFolder, environment: ProcessInfo.processInfo.environment))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the plugins: whether each would run with the present settings, and why not.")
        @OptionGroup var options: Options

        func run() async throws {
            let reports = try await options.reports()
            if options.json { return Output.json(reports.map(\.document)) }
            Output.table(
                ["NAME", "VERSION", "STATE", "HOOKS OR REASON"],
                reports.map { [$0.name, $0.version, $0.state.rawValue, $0.reason ?? $0.hooks.joined(separator: ", ")] },
                empty: "There are no plugins in \(options.plugins).")
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look for mistakes in manifests, settings, code and specs.",
            discussion: """
                Reads plugin.json and the code without running a hook: unknown names with the
                nearest known one, fields that ctx does not have in a hook, calls that a phase
                does not allow, permissions that are missing or not needed, and more.

                  muster plugin check                        all plugins in Plugins/
                  muster plugin check --strict --json        for CI

                Rules, switched off in a line by '-- muster: ignore RULE' in it or alone
                above it:

                \(rules)

                Exit codes:
                  0   nothing that fails when it runs
                  1   an error; with --strict, a warning too
                """)
        @OptionGroup var options: Options
        @Flag(help: "Take warnings for errors.") var strict = false

        private static var rules: String {
            LintRule.allCases.map { "  \($0.rawValue.padding(toLength: 20, withPad: " ", startingAt: 0))\($0.sentence)" }
                .joined(separator: "\n")
        }

        func run() async throws {
            let reports = try await options.reports()
            let findings = reports.flatMap(\.diagnostics)
            if options.json {
                Output.json(findings.map { .complex($0.document) })
            } else {
                for finding in findings { Output.line(finding.description) }
                Output.line("\(reports.count) plugins checked, \(findings.count) findings")
            }
            if findings.contains(where: { strict || $0.severity == .error }) { throw ExitCode.failure }
        }
    }
}
