import Foundation
import Logging
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite("Reload of plugins") struct ReloadTests {
    /// A plugin that writes its version and how often this machine was asked.
    static func counting(_ version: String) -> String {
        """
        local calls = 0
        return { mapUser = function(ctx)
          calls = calls + 1
          ctx.user.title = "\(version):" .. calls
        end }
        """
    }

    private func title(_ plugins: TestPlugins, _ host: PluginHost? = nil) async throws -> String? {
        try await (host ?? plugins.host).interceptor.map(.create(["userName": "ada"])).after?["title"]?.string
    }

    @Test("a changed plugin runs in its new version, and one that is as it was keeps its machine")
    func changed() async throws {
        let plugins = try TestPlugins().add("one", lua: Self.counting("a"))
        try plugins.add(
            "two", lua: "local calls = 0\nreturn { mapUser = function(ctx) calls = calls + 1; ctx.user.nickName = tostring(calls) end }")
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:1")
        try plugins.add("one", lua: Self.counting("b"))
        #expect(try await plugins.host.load().map(\.isBroken) == [false, false])
        let after = try await plugins.create(["userName": "ada"]).after
        #expect(after?["title"] == "b:1")
        #expect(after?["nickName"] == "2")
        #expect(plugins.log.lines.filter { $0.message.hasPrefix("plugin one") }.count == 1)
        #expect(plugins.log.lines.filter { $0.message.hasPrefix("plugin two") }.isEmpty)
    }

    @Test("a module of lib, the manifest, a setting and a secret each count as a change")
    func identity() async throws {
        let secret = Shared("first")
        let plugins = try TestPlugins(settings: PluginSettings(secret: { _ in secret.value }))
        try plugins.add(
            "probe", #""permissions": {"secrets": ["KEY"]}, "config": {"type": "object", "properties": {"size": {"type": "integer"}}}"#,
            lua: Self.counting("a") + "-- " + "require 'lib.x'", files: ["lib/x.lua": "return 1"])
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:1")
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:2", "nothing changed")
        try plugins.write("probe/lib/x.lua", "return 2")
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:1", "a module")
        secret.value = "second"
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:1", "a secret")
        let settings = PluginSettings(plugins: ["probe": .init(config: ["size": 2])], secret: { _ in secret.value })
        try await plugins.host.load(settings)
        #expect(try await title(plugins) == "a:1", "a setting")
        try await plugins.host.load()
        #expect(try await title(plugins) == "a:2", "the settings stay")
    }

    @Test("a version that is broken is refused with file and line; the last good one goes on, and the others' changes take effect")
    func refused() async throws {
        let plugins = try TestPlugins().add("one", lua: Self.counting("a"))
        try plugins.add("two", lua: "return {}")
        try await plugins.host.load()
        try plugins.add("one", #""description": "broken""#, lua: "return {\n  mapUser = function(ctx) if end\n}")
        try plugins.add("two", lua: "return { checkUser = function(ctx) ctx.reject { detail = 'no' } end }")
        let reports = try await plugins.host.load()
        #expect(reports.map(\.isBroken) == [true, false])
        #expect(reports.map(\.state) == [.loaded, .loaded])
        #expect(reports[0].refusal?.hasPrefix("one/init.lua:2: error: syntax error") == true, "\(reports[0])")
        #expect(reports[0].line.contains("this is the last good version, the one in the folder is refused: one/init.lua:2"))
        #expect(try await title(plugins) == "a:1")
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        let lines = plugins.log.lines.filter { $0.level == .error }.count
        try await plugins.host.load()
        #expect(plugins.log.lines.filter { $0.level == .error }.count == lines, "the same again is no news")

        try plugins.add("one", lua: Self.counting("c"))
        #expect(try await plugins.host.load().map(\.isBroken) == [false, false])
        #expect(try await title(plugins) == "c:1")
    }

    @Test("a setting or a missing secret that breaks a running plugin is refused too; switching it off is obeyed")
    func settings() async throws {
        let schema = #""config": {"type": "object", "properties": {"size": {"type": "integer"}}}"#
        let plugins = try TestPlugins().add("probe", schema, lua: Self.counting("a"))
        try await plugins.host.load()
        let reports = try await plugins.host.load(PluginSettings(plugins: ["probe": .init(config: ["size": "large"])]))
        #expect(reports[0].refusal?.contains("plugins.probe.config.size") == true)
        #expect(try await title(plugins) == "a:1")
        let off = try await plugins.host.load(PluginSettings(plugins: ["probe": .init(isEnabled: false)]))
        #expect(off.map(\.state) == [.off] && !off[0].isBroken)
        #expect(try await title(plugins) == nil)
        let again = try await plugins.host.load(PluginSettings())
        #expect(again.map(\.state) == [.loaded])
    }

    @Test("a secret that changes outside is given out and blotted out as it was, until a reload")
    func secrets() async throws {
        let secret = Mutex("first-secret")
        let settings = PluginSettings(secret: { _ in secret.withLock(\.self) })
        let plugins = try TestPlugins(settings: settings)
        try plugins.add(
            "probe", #""permissions": {"secrets": ["TOKEN"]}"#,
            lua: """
                return { mapUser = function(ctx)
                  ctx.user.title = muster.secrets.get("TOKEN")
                  muster.log.info("the token is " .. ctx.user.title)
                end }
                """)
        for text in ["first-secret", "second-secret"] {
            try await plugins.host.load()
            secret.withLock { $0 = "second-secret" }
            #expect(try await plugins.create(["userName": "ada"]).after?["title"]?.string == text)
        }
        #expect(plugins.log.lines.filter { $0.message.contains("token") }.map(\.message) == ["the token is ***", "the token is ***"])
    }

    @Test("a plugin that came hears of events from then on, and one that went no more")
    func subscribers() async throws {
        let plugins = try TestPlugins().add("late", #""order": 900"#, lua: "return { onCreate = function() end }")
        try await plugins.host.load()
        try plugins.add("early", #""order": 1"#, lua: "return { onCreate = function() end }")
        try await plugins.host.load()
        #expect(plugins.host.subscribers(of: .userCreated) == ["plugin:early", "plugin:late"])
        try FileManager.default.removeItem(at: plugins.directory.appending(path: "late"))
        try await plugins.host.load()
        #expect(plugins.host.subscriptions.map(\.name) == ["plugin:early"])
        #expect(plugins.log.lines.contains { $0.message == "plugin 'late' runs no more" })
    }

    @Test("a folder that cannot be read changes nothing, the settings included")
    func unreadable() async throws {
        let plugins = try TestPlugins().add("probe", lua: Self.counting("a"))
        try await plugins.host.load()
        let elsewhere = plugins.directory.appendingPathExtension("gone")
        try FileManager.default.moveItem(at: plugins.directory, to: elsewhere)
        defer { try? FileManager.default.removeItem(at: elsewhere) }
        await #expect(throws: (any Error).self) {
            try await plugins.host.load(PluginSettings(plugins: ["probe": .init(isEnabled: false)]))
        }
        #expect(try await title(plugins) == "a:1")
        #expect(plugins.host.settings.plugins.isEmpty)
    }

    @Test("a hook that waits finishes on the version with which it began, whose machine then goes")
    func suspended() async throws {
        let (arrivals, arrival) = AsyncStream.makeStream(of: Void.self)
        let (releases, release) = AsyncStream.makeStream(of: Void.self)
        let transport = FakeTransport { request in
            guard request.url.hasSuffix("/wait") else { return .init(status: 200) }
            arrival.yield()
            for await _ in releases { break }
            return .init(status: 200)
        }
        let plugins = try TestPlugins(transport: transport)
        func write(_ version: String) throws {
            try plugins.add(
                "probe", #""permissions": {"http": ["https://x.example/*"]}"#,
                lua: """
                    return { onCreate = function()
                      muster.http.get("https://x.example/wait")
                      muster.http.get("https://x.example/\(version)")
                    end }
                    """)
        }
        try write("old")
        try await plugins.host.load()
        weak let old = plugins.host.current.plugins.first
        async let waiting = plugins.handle("probe", .user(.userCreated))
        for await _ in arrivals { break }
        try write("new")
        try await plugins.host.load()
        #expect(old != nil)
        release.yield()
        #expect(await waiting == .delivered)
        #expect(transport.requests.last?.url == "https://x.example/old")
        #expect(old == nil, "nothing holds the old machine")
    }

    @Test("32 callers meet no failure while good and broken versions take turns")
    func load() async throws {
        let plugins = try TestPlugins().add("probe", lua: Self.counting("v0"))
        try plugins.add("other", lua: "return { checkUser = function() end, onCreate = function() end }")
        try await plugins.host.load()
        let isOver = Shared(false)
        let versions = try await withThrowingTaskGroup(of: Set<String>.self) { group in
            for number in 0..<32 {
                group.addTask {
                    var seen: Set<String> = []
                    while !isOver.value {
                        let after = try await plugins.create(["userName": .string("ada\(number)")]).after
                        seen.insert(String(try #require(after?["title"]?.string).prefix { $0 != ":" }))
                        #expect(await plugins.handle("other", .user(.userCreated)) == .delivered)
                    }
                    return seen
                }
            }
            for round in 1...12 {
                try plugins.add("probe", lua: round.isMultiple(of: 2) ? "return {" : Self.counting("v\(round)"))
                #expect(try await plugins.host.load().map(\.isBroken) == [false, round.isMultiple(of: 2)])
            }
            isOver.value = true
            return try await group.reduce(into: Set<String>()) { $0.formUnion($1) }
        }
        #expect(versions.isSubset(of: Set(["v0"] + stride(from: 1, to: 13, by: 2).map { "v\($0)" })))
        #expect(try await title(plugins)?.hasPrefix("v11:") == true)
    }

    @Test("a plugin that is paused stays so while it is as it was, and has a new chance in another version")
    func breaker() async throws {
        let plugins = try TestPlugins().add(
            "probe", #""limits": {"cpuMs": 5}"#, lua: "return { onCreate = function() while true do end end }")
        try await plugins.host.load()
        for _ in 0..<5 { _ = await plugins.handle("probe", .user(.userCreated)) }
        #expect(try await plugins.host.load().map(\.isPaused) == [true])
        try plugins.add("probe", lua: "return { onCreate = function() end }")
        #expect(try await plugins.host.load().map(\.isPaused) == [false])
        #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered)
    }
}

/// A value that a test and what it tests share.
private final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    init(_ value: Value) { state = Mutex(value) }

    var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
