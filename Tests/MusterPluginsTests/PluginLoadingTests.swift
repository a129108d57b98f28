import Foundation
import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct PluginLoadingTests {
    @Test("a plugin that is good runs, with its hooks and its order")
    func loaded() async throws {
        let plugins = try TestPlugins()
        try plugins.add("late", #""order": 900"#, lua: "return { mapUser = function(ctx) ctx.user.title = ctx.user.title .. 'c' end }")
        try plugins.add(
            "early", #""order": 1"#, lua: "return { mapUser = function(ctx) ctx.user.title = 'a' end, onCreate = function() end }")
        try plugins.add("middle", lua: "return { mapUser = function(ctx) ctx.user.title = ctx.user.title .. 'b' end }")
        try plugins.write(".hidden/plugin.json", "{")
        try plugins.write("_draft/plugin.json", "{")
        try plugins.write("notes/README.md", "no plugin")
        let reports = try await plugins.host.load()
        #expect(
            reports.map(\.line) == [
                "early 1.0.0: loaded (mapUser, onCreate)", "late 1.0.0: loaded (mapUser)", "middle 1.0.0: loaded (mapUser)",
            ])
        #expect(try await plugins.create(["userName": "ada"]).after?["title"] == "abc")
        #expect(plugins.host.subscribers(of: .userCreated) == ["plugin:early"])
        #expect(plugins.host.subscribers(of: .userDeleted).isEmpty)
        #expect(plugins.host.subscriptions.map(\.name) == ["plugin:early"])
        #expect(plugins.host.interceptor.concerns("User") && !plugins.host.interceptor.concerns("Group"))
    }

    @Test(
        "code that cannot run is named with file and line, and keeps nobody else from running",
        arguments: [
            ("return {\n  onCreate = function() end\n  onDelete = function() end\n}", "probe/init.lua:3: error: syntax error: "),
            ("local x = nil\nreturn { [x.y] = 1 }", "probe/init.lua:2: error: attempt to index a nil value"),
            ("return {\n  onCraete = function() end }", "probe/init.lua:2: error: 'onCraete' is no hook; did you mean 'onCreate'?"),
            ("return { onCreate = 'x' }", "probe/init.lua: error: 'onCreate' must be a function, not string"),
            ("local x = 1", "probe/init.lua: error: init.lua must return a table of hooks, not nil"),
            ("while true do end", "probe/init.lua:1: error: CPU time limit reached"),
            ("local t = {}\nfor i = 1, 1e9 do t[i] = ('x'):rep(1000) .. i end", "error: memory limit reached"),
            ("x = 1", "probe/init.lua:1: error: assignment to global 'x'"),
            ("return { onCreate = require('lib.none') }", "probe/init.lua:1: error: module 'lib.none' not found"),
            ("muster.http.get('https://x.example/')", "probe/init.lua:1: error: "),
            ("muster.kv = nil", "probe/init.lua:1: error: "),
        ])
    func broken(_ lua: String, _ expected: String) async throws {
        let plugins = try TestPlugins()
        try plugins.add("probe", #""permissions": {"http": ["https://x.example/*"], "kv": true}"#, lua: lua)
        try plugins.add("sound", lua: "return { checkUser = function() end }")
        let reports = try await plugins.host.load()
        #expect(reports.map(\.state) == [.failed, .loaded])
        let found = reports[0].diagnostics.map(\.description)
        #expect(found.count == 1 && found[0].contains(expected), "\(found)")
        #expect(reports[0].reason == found.first)
        try await plugins.create(["userName": "ada"])
    }

    @Test("lib files are required by name, and only those of the folder; a link out of it is refused")
    func library() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", lua: "local text = require 'lib.text.case'\nreturn { mapUser = function(ctx) ctx.user.title = text.up('a') end }",
            files: ["lib/text/case.lua": "return { up = function(s) return s:upper() end }"])
        #expect(try await plugins.host.load().map(\.state) == [.loaded])
        #expect(try await plugins.create([:]).after?["title"] == "A")

        try plugins.write("secret.lua", "return {}")
        let link = plugins.directory.appending(path: "probe/lib/link.lua")
        try FileManager.default.createSymbolicLink(at: link, withDestinationURL: plugins.directory.appending(path: "secret.lua"))
        let report = try #require(try await plugins.host.load().first)
        #expect(
            report.diagnostics.map(\.description) == [
                "probe/lib/link.lua: error: leads out of the plugin's folder; copy the file into the folder"
            ])
    }

    @Test("files that are too large, missing or no text are refused")
    func files() async throws {
        let plugins = try TestPlugins()
        try plugins.add("large", lua: "return {} --" + String(repeating: "x", count: 256 << 10))
        try plugins.add("latin", lua: "")
        try Data([0x72, 0xE9]).write(to: plugins.directory.appending(path: "latin/init.lua"))
        try plugins.write("missing/plugin.json", #"{"name": "missing", "version": "1", "api": 1}"#)
        #expect(
            try await plugins.host.load().flatMap(\.diagnostics).map(\.description) == [
                "large/init.lua: error: is larger than 256 KiB", "latin/init.lua: error: is not valid UTF-8; save it as UTF-8",
                "missing/init.lua: error: is missing",
            ])
    }

    static let demanding = """
        "permissions": {"http": ["{hook}"], "secrets": ["TOKEN"]},
        "config": {"type": "object", "required": ["hook"], "properties": {"hook": {"type": "string", "format": "uri"}, "size": {"type": "integer"}}}
        """

    @Test("a plugin that was never given what it needs is off and says what; one that was switched on or set wrongly has failed")
    func incomplete() async throws {
        func report(_ entry: PluginSettings.Entry?, secret: String? = "s3cret") async throws -> PluginReport {
            let settings = PluginSettings(plugins: entry.map { ["probe": $0] } ?? [:], secret: { _ in secret })
            let plugins = try TestPlugins(settings: settings).add("probe", Self.demanding, lua: "return { onCreate = function() end }")
            return try #require(try await plugins.host.load().first)
        }
        let config: AttributeValue = ["hook": "https://x.example/"]
        #expect(try await report(nil).line == "probe 1.0.0: off (the setting 'hook' is missing)")
        #expect(try await report(nil, secret: nil).reason == "the setting 'hook' is missing, the secret 'TOKEN' is missing")
        #expect(try await report(.init(config: config), secret: nil).line == "probe 1.0.0: off (the secret 'TOKEN' is missing)")
        #expect(try await report(.init(isEnabled: true)).state == .failed)
        #expect(try await report(.init(config: config)).state == .loaded)
        #expect(try await report(.init(isEnabled: false, config: config)).line == "probe 1.0.0: off (switched off in the settings)")
        let wrong = try await report(.init(config: ["hook": "nowhere", "siz": 3]))
        #expect(wrong.state == .failed)
        #expect(wrong.diagnostics.map(\.path) == ["plugins.probe.config.hook", "plugins.probe.config.siz"])
        #expect(wrong.diagnostics[1].summary.hasSuffix("did you mean 'size'?"))
    }

    @Test("all that is wrong with settings is said at once, each with its path: wrong, unknown and missing ones, and secrets")
    func allFindings() async throws {
        let manifest = """
            "permissions": {"secrets": ["TOKEN"]},
            "config": {"type": "object", "required": ["hook", "mode"], "properties": {
              "hook": {"type": "string", "format": "uri"}, "mode": {"enum": ["a", "b"]}, "size": {"type": "integer", "minimum": 1},
              "names": {"type": "array", "items": {"type": "string", "minLength": 2}},
              "inner": {"type": "object", "required": ["deep"], "properties": {"deep": {"type": "boolean"}, "flat": {"type": "number"}}}
            }}
            """
        let config: AttributeValue = ["hook": "nowhere", "size": 0, "names": ["ok", "x", 3], "inner": ["flat": "x"], "szie": 1]
        let settings = PluginSettings(plugins: ["probe": .init(config: config)])
        let plugins = try TestPlugins(settings: settings).add("probe", manifest, lua: "return { onCraete = function() end }")
        let report = try #require(try await plugins.host.load().first)
        #expect(report.state == .failed)
        let paths = [
            "config.hook", "config.size", "config.names[2]", "config.names[3]", "config.inner.flat", "config.inner.deep", "config.szie",
            "config.mode",
        ]
        #expect(report.diagnostics.map { $0.path ?? "-" } == paths.map { "plugins.probe.\($0)" } + ["plugins.probe", "-"])
        #expect(report.reason?.hasSuffix(", and 9 more") == true)
        #expect(report.diagnostics.last?.description.contains("'onCraete' is no hook; did you mean 'onCreate'?") == true)
    }

    @Test("settings for a plugin that is not there are an error that names the nearest")
    func unknown() async throws {
        let plugins = try TestPlugins(settings: PluginSettings(plugins: ["prob": .init()])).add("probe", lua: "return {}")
        let reports = try await plugins.host.load()
        #expect(reports.map(\.state) == [.loaded, .failed])
        #expect(reports[1].diagnostics.map(\.detail) == ["did you mean 'probe'?"])
        #expect(reports[0].diagnostics.map(\.severity) == [.warning])
    }

    @Test("checking reads the code even where a plugin is off")
    func checking() async throws {
        let plugins = try TestPlugins().add("probe", Self.demanding, lua: "return {")
        let settings = PluginSettings(plugins: ["probe": .init(isEnabled: false)])
        let reports = try await PluginHost.check(directory: plugins.directory, settings: settings)
        #expect(reports[0].diagnostics.first?.file == "probe/init.lua")
    }

    @Test("checking tells every mistake of a line, and once what loading has told of it")
    func mistakesOfOneLine() async throws {
        let plugins = try TestPlugins().add("probe", lua: "return { onCreate = function() print(one, two) end,\nonCraete = print }")
        let found = try await PluginHost.check(directory: plugins.directory)[0].diagnostics.map(\.summary)
        #expect(found.contains("undefined global 'one'") && found.contains("undefined global 'two'"))
        #expect(found.count { $0.contains("onCraete") } == 1, "\(found)")
    }

    @Test("a loading host answers nobody; a folder that is not there is an error")
    func empty() async throws {
        let plugins = try TestPlugins()
        #expect(plugins.host.reports.isEmpty && !plugins.host.interceptor.concerns("User"))
        let host = PluginHost(
            directory: plugins.directory.appending(path: "none"), store: plugins.store,
            world: PluginWorld(store: plugins.store, transport: plugins.transport), settings: .init(),
            logger: plugins.log.logger)
        await #expect(throws: (any Error).self) { try await host.load() }
    }

    @Test("secrets come from the environment, then from files without their line break")
    func secrets() throws {
        let plugins = try TestPlugins()
        try plugins.write("FILE_ONLY", "from a file\n")
        try plugins.write("BOTH", "from a file")
        let source = SecretSource.environment(["MUSTER_SECRET_BOTH": "from outside", "HOME": "/"], folder: plugins.directory)
        #expect(source("BOTH") == "from outside" && source("FILE_ONLY") == "from a file")
        #expect(source("NONE") == nil && source("../BOTH") == nil && source("HOME") == nil)
    }
}
