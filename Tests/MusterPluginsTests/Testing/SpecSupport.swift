import Foundation

@testable import MusterPlugins

/// Runs spec files of one plugin, `probe`.
struct SpecBench {
    let plugins: TestPlugins
    var runner: PluginTestRunner

    init(
        _ specs: [String: String], lua: String = "return { onCreate = function(ctx) end }", manifest: String = "",
        files: [String: String] = [:]
    ) throws {
        plugins = try TestPlugins()
        var all = files
        for (name, text) in specs { all["spec/\(name)_spec.lua"] = text }
        try plugins.add("probe", manifest, lua: lua, files: all)
        runner = PluginTestRunner(directory: plugins.directory)
    }

    func run(filter: String? = nil) async throws -> PluginTestReport { try await runner.run(filter: filter) }

    /// The message with which a spec of this body fails; nil where it passes.
    static func message(_ body: String, lua: String = "return {}", manifest: String = "") async throws -> String? {
        let bench = try SpecBench(["probe": "it('probes', function()\n\(body)\nend)"], lua: lua, manifest: manifest)
        let report = try await bench.run()
        return report.results.first?.message ?? report.diagnostics.first?.description
    }
}
