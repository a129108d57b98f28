import ArgumentParser
import Foundation
import Muster
import SCIM
import MusterPlugins

/// `muster plugin`
struct Plugin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List and check plugins, and bring changes of them into a running server.",
        discussion: """
              muster plugin check --data var        looks for mistakes beforehand
              muster plugin reload --data var       takes changes up, without a restart
              muster plugin pin --data var          lets only these versions load
              muster plugin shadow --data var NAME  shows what a shadow does otherwise
            """,
        subcommands: [List.self, Check.self, Reload.self, Pin.self, Unpin.self, Shadow.self])

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
                pins: PinPolicy(file: URL(filePath: data.folder.pinsPath), isRequired: settings.pluginPins == "required"))
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
            abstract: "Look for mistakes in manifests, settings and code. Exit code 1 when there is one.")
        @OptionGroup var options: Options

        func run() async throws {
            let reports = try await options.reports()
            let findings = reports.flatMap(\.diagnostics)
            if options.json {
                Output.json(findings.map { .complex($0.document) })
            } else {
                for finding in findings { Output.line(finding.description) }
                Output.line("\(reports.count) plugins checked, \(findings.count) findings")
            }
            if findings.contains(where: { $0.severity == .error }) { throw ExitCode.failure }
        }
    }
}
