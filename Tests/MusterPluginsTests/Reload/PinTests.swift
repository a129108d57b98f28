import Foundation
import SCIM
import Testing

@testable import MusterPlugins

@Suite("Pins of plugins") struct PinTests {
    private let plugins: TestPlugins
    private var file: URL { plugins.directory.appending(path: ".plugins.lock") }

    init() throws {
        plugins = try TestPlugins().add("one", lua: "return {}", files: ["lib/x.lua": "return 1"])
        try plugins.add("two", lua: "return {}")
    }

    private func pin(_ names: String...) throws {
        var pins = try PluginPins.read(file) ?? PluginPins()
        _ = try pins.pin(names, in: plugins.directory)
        try pins.write(to: file)
    }

    private func load(isRequired: Bool = false, settings: PluginSettings = PluginSettings()) async throws -> [PluginReport] {
        try await PluginHost(
            directory: plugins.directory, store: plugins.store, world: plugins.host.world, settings: settings,
            pins: PinPolicy(file: file, isRequired: isRequired), logger: plugins.log.logger
        ).load()
    }

    @Test("what was written is read again, and looks the same for the same plugins")
    func written() throws {
        try pin()
        let text = try String(contentsOf: file, encoding: .utf8)
        try pin("two")
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
        let pins = try #require(try PluginPins.read(file))
        #expect(pins.plugins.keys.sorted() == ["one", "two"])
        #expect(pins.plugins["one"]?.files.keys.sorted() == ["init.lua", "lib/x.lua", "plugin.json"])
        // printf 'return 1' | sha256sum
        #expect(pins.plugins["one"]?.files["lib/x.lua"] == "486d9affb60dbb0063b03d8e23a6ccf6364ce203dc3a9f56f20e750eb41ecade")
        #expect(try pins.verify(plugins.directory).isEmpty)
    }

    @Test("a changed, an added and a lost file keep the plugin from loading, and the finding says what was expected and what to do")
    func changed() async throws {
        try pin()
        #expect(try await load().map(\.isBroken) == [false, false])
        try plugins.write("one/init.lua", "return { }")
        let report = try #require(try await load().first)
        #expect(report.state == .failed)
        let finding = try #require(report.diagnostics.first)
        #expect(finding.file == "one/init.lua")
        #expect(finding.summary.contains("expected SHA-256 ") && finding.summary.contains(", found SHA-256 "))
        #expect(finding.detail.contains("muster plugin pin one"))
        try plugins.write("one/init.lua", "return {}")
        #expect(try await load().map(\.isBroken) == [false, false])
        try plugins.write("one/lib/y.lua", "return 2")
        #expect(try await load()[0].diagnostics.first?.file == "one/lib/y.lua")
        try FileManager.default.removeItem(at: plugins.directory.appending(path: "one/lib"))
        #expect(try await load()[0].diagnostics.first?.summary.hasSuffix("found no such file") == true)
    }

    @Test("files that are not run do not count")
    func others() async throws {
        try pin()
        try plugins.write("one/README.md", "read me")
        try plugins.write("one/spec/one_spec.lua", "describe('x', function() end)")
        #expect(try await load().map(\.isBroken) == [false, false])
    }

    @Test("a plugin that is not pinned does not load beside pinned ones; without a file all do, unless pins are required")
    func unpinned() async throws {
        #expect(try await load().map(\.isBroken) == [false, false])
        #expect(try await load(isRequired: true).map(\.isBroken) == [true, true])
        try pin("one")
        let reports = try await load()
        #expect(reports.map(\.isBroken) == [false, true])
        #expect(reports[1].reason?.contains("the plugin is not pinned; its SHA-256 is ") == true)
    }

    @Test(
        "a file that was spoiled lets no plugin in",
        arguments: ["", "{}", "not json", #"{"plugins": {"one": {"sha256": "00", "files": {"init.lua": "00"}}}}"#])
    func spoiled(text: String) async throws {
        try Data(text.utf8).write(to: file)
        let reports = try await load()
        #expect(reports.map(\.isBroken) == [true, true])
        #expect(reports[0].diagnostics.first?.file == ".plugins.lock")
    }

    @Test("a running version goes on when the one in the folder is not pinned")
    func running() async throws {
        try pin()
        let host = PluginHost(
            directory: plugins.directory, store: plugins.store, world: plugins.host.world, settings: PluginSettings(),
            pins: PinPolicy(file: file), logger: plugins.log.logger)
        try await host.load()
        try plugins.write("one/init.lua", "return { mapUser = function() end }")
        let report = try await host.load()[0]
        #expect(report.state == .loaded && report.refusal?.contains("not as it was pinned") == true)
        try pin("one")
        #expect(try await host.load()[0].hooks == ["mapUser"])
    }

    @Test("a shadow runs beside pinned plugins where it has a pin of its own; pinning all again leaves that alone")
    func shadows() async throws {
        try plugins.write("_next/one/plugin.json", #"{"name": "one", "version": "2.0.0", "api": 1}"#)
        try plugins.write("_next/one/init.lua", "return { mapUser = function() end }")
        let folder = plugins.directory.appending(path: "_next/one")
        let settings = PluginSettings(plugins: ["one": .init(shadow: folder.path)])
        #expect(try await load(settings: settings).map(\.shadow) == ["2.0.0", nil])
        try pin()
        let refused = try await load(settings: settings)[0]
        #expect(refused.state == .loaded && refused.shadow == "refused")
        let finding = try #require(refused.diagnostics.last)
        #expect(finding.severity == .warning && finding.summary.contains("the shadow is not pinned; its SHA-256 is "))
        #expect(finding.detail.contains("--shadow \(folder.path)"))

        var pins = try #require(try PluginPins.read(file))
        try pins.pin(shadow: folder, of: "one")
        try pins.write(to: file)
        try pin()
        #expect(try await load(settings: settings).map(\.shadow) == ["2.0.0", nil])
        #expect(try #require(try PluginPins.read(file)).verify(plugins.directory).isEmpty)
        try plugins.write("_next/one/init.lua", "return {}")
        #expect(try await load(settings: settings)[0].diagnostics.last?.summary.contains("not as it was pinned") == true)
    }

    @Test("verifying names what changed, what is not pinned and what is gone; pinning names an unknown plugin")
    func verify() throws {
        try pin()
        try plugins.write("one/lib/x.lua", "return 2")
        try plugins.add("three", lua: "return {}")
        try FileManager.default.removeItem(at: plugins.directory.appending(path: "two"))
        let findings = try #require(try PluginPins.read(file)).verify(plugins.directory)
        #expect(findings.map(\.file) == ["one/lib/x.lua", "three", "two"])
        let error = #expect(throws: Diagnostic.self) { try pin("thre") }
        #expect(error?.detail == "did you mean 'three'?")
        var pins = try #require(try PluginPins.read(file))
        let unpinned = pins.unpin(["two", "four"])
        #expect(unpinned == ["two"])
    }
}
