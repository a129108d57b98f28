import ArgumentParser
import Foundation
import Muster
import SCIM
import MusterPlugins

/// `muster plugin`
struct Plugin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write, check and list plugins, read about their API, and bring changes into a running server.",
        discussion: """
              muster plugin new NAME                writes one, with a spec that passes
              muster plugin check --data var        looks for mistakes beforehand
              muster plugin reload --data var       takes changes up, without a restart
              muster plugin pin --data var          lets only these versions load
              muster plugin shadow --data var NAME  shows what a shadow does otherwise
              muster plugin schedule --data var     lists schedules, with their last runs
            """,
        subcommands: [
            New.self, List.self, Check.self, Docs.self, Definitions.self, Reload.self, Pin.self, Unpin.self, Shadow.self,
            Schedule.self,
        ])

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
                    settings.plugins, secretsFolder: settings.secretsFolder, environment: ProcessInfo.processInfo.environment),
                pins: data.folder.pins(settings))
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the plugins: whether each would run with the present settings, and why not.",
            discussion: """
                Beside a running server, SERVER says which version of each it runs. 'last good'
                means that the version in the folder was refused and an earlier one goes on.
                """)
        @OptionGroup var options: Options

        func run() async throws {
            let reports = try await options.reports()
            let served = options.data.folder.pluginsServed
            func server(_ name: String) -> String { served?[name] ?? "-" }
            if options.json {
                return Output.json(
                    reports.map { report in
                        var document = report.document.complex ?? [:]
                        document.append("server", served.map { _ in .string(server(report.name)) } ?? .null)
                        return .complex(document)
                    })
            }
            Output.table(
                ["NAME", "VERSION", "STATE"] + (served == nil ? [] : ["SERVER"]) + ["HOOKS OR REASON"],
                reports.map { report in
                    [report.name, report.version, report.state.rawValue] + (served == nil ? [] : [server(report.name)])
                        + [report.reason ?? report.hooks.joined(separator: ", ")]
                },
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
