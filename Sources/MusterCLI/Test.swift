import ArgumentParser
import Foundation
import Muster
import MusterPlugins
import SCIM

/// `muster test`
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the specs of plugins.",
        discussion: """
            Each spec/*_spec.lua runs in a Lua machine of its own with the guards, limits
            and permissions of a server; the world around it is made up. With test.world
            a spec drives a real engine as OneLogin, Okta or Entra ID do. Exit code 1
            when a spec fails.

              muster test                          all plugins in Plugins/
              muster test welcome-mail             one of them
              muster test --filter retry           only specs whose name contains 'retry'
            """)

    @Argument(help: "The plugins; all where none is named.") var names: [String] = []
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Option(help: "Only specs whose name contains this.") var filter: String?
    @Flag(help: "Renew snapshots that differ.") var update = false
    @Flag(help: "Print the results as JSON.") var json = false

    func run() async throws {
        let runner = PluginTestRunner(
            directory: URL(filePath: plugins, directoryHint: .isDirectory), updatesSnapshots: update,
            engines: .muster())
        let report = try await runner.run(plugins: names, filter: filter)
        if json {
            Output.line(report.document.jsonText)
        } else {
            for result in report.results { Output.line(result.text) }
            for finding in report.diagnostics { Output.line(finding.description) }
            for name in report.pluginsWithoutSpecs { Output.line("\(name): has no specs") }
            Output.line(report.summary)
        }
        if !report.isSuccess { throw ExitCode.failure }
    }
}
