import Foundation
import Logging
import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

/// The last good versions of plugins, over a restart.
@Suite struct StashTests {
    private let plugins: TestPlugins
    private var kept: URL { plugins.directory.appending(path: ".kept") }

    init() throws { plugins = try TestPlugins() }

    /// A host as a new process would make it.
    private func start(pins: PinPolicy? = nil) async throws -> (host: PluginHost, reports: [PluginReport]) {
        let host = PluginHost(
            directory: plugins.directory, store: plugins.store, world: plugins.host.world, settings: PluginSettings(),
            stash: PluginStash(folder: kept), pins: pins, logger: plugins.log.logger)
        return (host, try await host.load())
    }

    private func title(_ host: PluginHost) async throws -> String? {
        try await host.interceptor.map(.create(["userName": "ada"])).after?["title"]?.string
    }

    private func add(_ version: String) throws {
        try plugins.add(
            "probe", lua: "local x = require('lib.x')\nreturn { mapUser = function(ctx) ctx.user.title = x end }",
            files: ["lib/x.lua": "return '\(version)'"])
    }

    @Test("a start beside a broken version serves the last good one, and says so")
    func restart() async throws {
        try add("a")
        _ = try await start()
        try add("b")
        _ = try await start()
        #expect(try FileManager.default.contentsOfDirectory(atPath: kept.path).count == 1, "one version of each")
        try plugins.write("probe/lib/x.lua", "return {")
        let (host, reports) = try await start()
        #expect(try await title(host) == "b")
        #expect(reports.map(\.state) == [.loaded] && reports[0].isBroken)
        #expect(reports[0].diagnostics.map(\.file) == ["probe/lib/x.lua"], "\(reports[0].diagnostics)")
        #expect(plugins.log.lines.contains { $0.level == .error && $0.message.contains("this is the last good version") })
        try add("c")
        #expect(try await host.load().map(\.isBroken) == [false])
        #expect(try await title(host) == "c")
    }

    @Test("a kept version that was touched is not used")
    func touched() async throws {
        try add("a")
        _ = try await start()
        let name = try #require(try FileManager.default.contentsOfDirectory(atPath: kept.path).first)
        try plugins.write(".kept/\(name)/lib/x.lua", "return 'evil'")
        try plugins.write("probe/init.lua", "return {")
        let (host, reports) = try await start()
        #expect(reports.map(\.state) == [.failed])
        #expect(try await title(host) == nil)
    }

    @Test("nothing is kept of a plugin that was never good, and without a stash nothing at all")
    func nothing() async throws {
        try plugins.add("probe", lua: "return {")
        #expect(try await start().reports.map(\.state) == [.failed])
        try add("a")
        try await plugins.host.load()
        #expect(!FileManager.default.fileExists(atPath: kept.path))
    }

    @Test("a kept version must be the pinned one too")
    func pinned() async throws {
        try add("a")
        _ = try await start()
        let file = plugins.directory.appending(path: ".plugins.lock")
        try add("b")
        var pins = PluginPins()
        _ = try pins.pin([], in: plugins.directory)
        try pins.write(to: file)
        try plugins.write("probe/init.lua", "return {")
        #expect(try await start(pins: PinPolicy(file: file)).reports.map(\.state) == [.failed])
    }
}
