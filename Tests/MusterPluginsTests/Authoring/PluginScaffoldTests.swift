import Foundation
import Testing

@testable import MusterPlugins

@Suite("plugin new")
struct PluginScaffoldTests {
    @Test(
        "a new plugin has no findings and its specs pass, with any hook and with all",
        arguments: HookName.allCases.map { [$0] } + [HookName.allCases])
    func works(hooks: [HookName]) async throws {
        let plugins = try TestPlugins()
        let scaffold = try PluginScaffold(name: "new-one", hooks: hooks.map(\.rawValue))
        let folder = try scaffold.write(into: plugins.directory)
        #expect(folder.lastPathComponent == "new-one")
        let files = try FileManager.default.subpathsOfDirectory(atPath: folder.path).sorted()
        #expect(files == ["README.md", "init.lua", "plugin.json", "spec", "spec/new-one_spec.lua"])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.isSuccess && report.count(.passed) == hooks.count, "\(report.results.map(\.text)) \(report.diagnostics)")
        let checked = try await PluginHost.check(directory: plugins.directory)
        #expect(checked.flatMap(\.diagnostics) == [])
        #expect(checked.first?.state == .loaded && checked.first?.hooks == hooks.map(\.rawValue).sorted())
    }

    @Test("the hooks that were asked for are there, in the order in which a change meets them, once each")
    func hooks() throws {
        let files = try PluginScaffold(name: "x", hooks: ["onCreate", "mapUser", "onCreate"]).files
        let code = try #require(files.first { $0.path == "init.lua" }).text
        #expect(code.matches(of: /function plugin\.(\w+)/).map { String($0.output.1) } == ["mapUser", "onCreate"])
        #expect(code.contains("---@param ctx muster.UserEvent"))
    }

    @Test(
        "refuses names that are none, and hooks that are not there, with the nearest one",
        arguments: [
            ("", "onCreate", "cannot be"), ("Upper", "onCreate", "cannot be"), ("../x", "onCreate", "cannot be"),
            ("-x", "onCreate", "cannot be"),
            ("a b", "onCreate", "cannot be"), ("x", "onCraete", "did you mean 'onCreate'?"), ("x", "", "is no hook"),
        ])
    func refused(name: String, hook: String, message: String) throws {
        let failure = try #require(throws: PluginScaffold.Failure.self) { try PluginScaffold(name: name, hooks: [hook]) }
        #expect(failure.description.contains(message))
    }

    @Test("writes nothing over what is there")
    func existing() throws {
        let plugins = try TestPlugins()
        try plugins.write("mine/notes.txt", "kept")
        #expect(throws: PluginScaffold.Failure.self) {
            try PluginScaffold(name: "mine", hooks: ["onCreate"]).write(into: plugins.directory)
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: plugins.directory.appending(path: "mine").path) == ["notes.txt"])
    }
}
