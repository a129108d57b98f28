import Foundation
import Testing

@testable import MusterPlugins

@Suite("plugin check: reading code")
struct PluginLinterTests {
    /// The findings about one plugin, as `LINE RULE: summary; detail`.
    private static func check(
        _ lua: String, _ manifest: String = "", library: [String: String] = [:], spec: String? = nil
    ) throws -> [String] {
        let more = manifest.isEmpty ? "" : ",\n" + manifest
        let text = "{\"name\": \"probe\", \"version\": \"1.0.0\", \"api\": 1\(more)}"
        let reading = PluginManifest.read(Array(text.utf8), folder: "probe")
        #expect(reading.findings.isEmpty)
        let source = PluginSource(
            entry: .init(module: "init", file: "probe/init.lua", text: lua),
            library: library.sorted { $0.key < $1.key }.map {
                .init(module: "lib.\($0.key)", file: "probe/lib/\($0.key).lua", text: $0.value)
            })
        let specs = spec.map { [PluginFolder.Source(module: "spec.probe_spec", file: "probe/spec/probe_spec.lua", text: $0)] } ?? []
        return PluginLinter(manifest: reading.manifest, manifestText: text, source: source, specs: specs).findings().map { finding in
            "\(finding.line ?? 0) \(finding.rule ?? "-"): \(finding.summary)" + (finding.detail.isEmpty ? "" : "; \(finding.detail)")
        }
    }

    /// A plugin with one hook whose body begins at line 1.
    private static func hook(_ name: String, _ body: String) -> String { "return { \(name) = function(ctx) \(body) end }" }

    struct Case: Sendable, CustomTestStringConvertible {
        var rule: LintRule
        var refused: String
        var accepted: String
        var finding: String
        var manifest = ""
        var testDescription: String { "\(rule.rawValue): \(refused)" }
    }

    static let everything = """
        "permissions": {"http": ["https://api.example.com/*"], "secrets": ["TOKEN"], "kv": true, "scim": ["users:read", "groups:read"]}
        """

    static let cases: [Case] = [
        Case(
            rule: .unknownGlobal, refused: hook("onCreate", "pint(ctx.user.id)"), accepted: hook("onCreate", "print(ctx.user.id)"),
            finding: "1 unknown-global: undefined global 'pint'; did you mean 'print'?"),
        Case(
            rule: .unknownGlobal, refused: hook("onCreate", "os.exit()"), accepted: hook("onCreate", "muster.time.now()"),
            finding: "1 unknown-global: undefined global 'os'; use muster.time"),
        Case(
            rule: .globalAssignment, refused: hook("onCreate", "count = 1"), accepted: hook("onCreate", "local count = 1 print(count)"),
            finding: "1 global-assignment: assignment to global 'count'; declare it with 'local'"),
        Case(
            rule: .globalAssignment, refused: "function helper() end return {}", accepted: "local function helper() end helper() return {}",
            finding: "1 global-assignment: assignment to global 'helper'; declare it with 'local'"),
        Case(
            rule: .unknownMember, refused: hook("onCreate", "local log = muster.log log.inof('x')"),
            accepted: hook("onCreate", "local log = muster.log log.info('x')"),
            finding: "1 unknown-member: muster.log has no 'inof'; did you mean 'info'?"),
        Case(
            rule: .unknownMember, refused: hook("onCreate", "local m = muster print(m.tiem.now())"),
            accepted: hook("onCreate", "local m = muster print(m.time.now())"),
            finding: "1 unknown-member: muster has no 'tiem'; did you mean 'time'?"),
        Case(
            rule: .unknownMember, refused: hook("onCreate", "print(string.fromat('x'))"),
            accepted: hook("onCreate", "print(string.format('x'))"),
            finding: "1 unknown-member: string has no 'fromat'; did you mean 'format'?"),
        Case(
            rule: .readOnly, refused: "muster.log.info = print return {}",
            accepted: "local log = { info = print } log.info = nil return {}",
            finding: "1 read-only: 'muster.log.info' cannot be assigned to: muster.log is read-only"),
        Case(
            rule: .unknownHook, refused: "local plugin = {} function plugin.onCraete() end return plugin",
            accepted: "local plugin = {} function plugin.onCreate() end return plugin",
            finding: "1 unknown-hook: 'onCraete' is no hook; did you mean 'onCreate'?"),
        Case(
            rule: .unknownField, refused: hook("onCreate", "print(ctx.usr)"), accepted: hook("onCreate", "print(ctx.user)"),
            finding: "1 unknown-field: ctx has no field 'usr' in onCreate; did you mean 'user'?"),
        Case(
            rule: .unknownField, refused: hook("onCreate", "ctx.reject('no')"), accepted: hook("checkUser", "ctx.reject('no')"),
            finding: "1 unknown-field: ctx has no field 'reject' in onCreate; it is there in mapUser"),
        Case(
            rule: .unknownField, refused: hook("checkUser", "ctx.groups.add('x')"), accepted: hook("mapUser", "ctx.groups.add('x')"),
            finding: "1 unknown-field: ctx has no field 'groups' in checkUser; it is there in mapUser",
            manifest: #""permissions": {"scim": ["groups:write"]}"#),
        Case(
            rule: .missingPermission, refused: hook("mapUser", "local groups = ctx.groups groups.add('x')"),
            accepted: hook("mapUser", "print(ctx.user.id)"),
            finding:
                "1 missing-permission: ctx.groups.add is not permitted; add \"groups:write\" to \"scim\" to permissions in plugin.json"),
        Case(
            rule: .unusedPermission, refused: hook("mapUser", "print(ctx.user.id)"), accepted: hook("mapUser", "ctx.groups.remove('x')"),
            finding: "2 unused-permission: no line needs 'groups:write'; take it out of plugin.json",
            manifest: #""permissions": {"scim": ["groups:write"]}"#),
        Case(
            rule: .unknownField, refused: "local function f(c) return c.manger end return { onManagerChange = function(ctx) f(ctx) end }",
            accepted: "local function f(c) return c.manager end return { onManagerChange = function(ctx) f(ctx) end }",
            finding: "1 unknown-field: ctx has no field 'manger' in onManagerChange; did you mean 'manager'?"),
        Case(
            rule: .unknownField, refused: hook("onCreate", "print(ctx.event.atempt)"),
            accepted: hook("onCreate", "print(ctx.event.attempt)"),
            finding: "1 unknown-field: ctx.event has no field 'atempt'; did you mean 'attempt'?"),
        Case(
            rule: .unknownField, refused: hook("onCreate", "print(ctx.request.path)"), accepted: hook("mapUser", "print(ctx.request.path)"),
            finding: "1 unknown-field: ctx.request has no field 'path'"),
        Case(
            rule: .unknownField, refused: hook("checkUser", "ctx.reject { scimtype = 'x' }"),
            accepted: hook("checkUser", "ctx.reject { scimType = 'x' }"),
            finding: "1 unknown-field: ctx.reject has no field 'scimtype'; did you mean 'scimType'?"),
        Case(
            rule: .unknownField, refused: hook("onCreate", "muster.http.get('https://api.example.com/', { header = {} })"),
            accepted: hook("onCreate", "muster.http.get('https://api.example.com/', { headers = {} })"),
            finding: "1 unknown-field: muster.http.get: options has no field 'header'; did you mean 'headers'?",
            manifest: #""permissions": {"http": ["https://api.example.com/*"]}"#),
        Case(
            rule: .unknownAttribute, refused: hook("onCreate", "local user = ctx.user print(user.username)"),
            accepted: hook("onCreate", "local user = ctx.user print(user.userName, user.badgeNumber)"),
            finding: "1 unknown-attribute: RFC 7643 has no attribute 'username' in ctx.user; did you mean 'userName'?"),
        Case(
            rule: .unknownSetting, refused: hook("onCreate", "local config = ctx.config print(config.gretting)"),
            accepted: hook("onCreate", "local config = ctx.config print(config.greeting)"),
            finding: "1 unknown-setting: plugin.json describes no setting 'gretting'; did you mean 'greeting'?",
            manifest: #""config": {"type": "object", "properties": {"greeting": {"type": "string"}}}"#),
        Case(
            rule: .unknownModule, refused: "require('lib.txt') return {}", accepted: "require('lib.text') return {}",
            finding: "1 unknown-module: module 'lib.txt' not found in this plugin; did you mean 'lib.text'?"),
        Case(
            rule: .callWithColon, refused: hook("onCreate", "ctx:skip('x')"), accepted: hook("onCreate", "ctx.skip('x')"),
            finding: "1 call-with-colon: ctx:skip hands ctx over as first argument; call it as ctx.skip, with a dot"),
        Case(
            rule: .callWithColon, refused: hook("onCreate", "muster.log:info('x')"), accepted: hook("onCreate", "muster.log.info('x')"),
            finding:
                "1 call-with-colon: muster.log:info hands muster.log over as first argument; call it as muster.log.info(...), with a dot"),
        Case(
            rule: .phase, refused: hook("mapUser", "muster.once(ctx, 'x', function() end)"),
            accepted: hook("onCreate", "muster.once(ctx, 'x', function() end)"),
            finding: "1 phase: muster.once cannot be called in mapUser (phase map)", manifest: #""permissions": {"kv": true}"#),
        Case(
            rule: .phase,
            refused:
                "local once = muster.once local function step(ctx) once(ctx, 'x', print) end return { checkUser = function(ctx) step(ctx) end }",
            accepted:
                "local once = muster.once local function step(ctx) once(ctx, 'x', print) end return { onCreate = function(ctx) step(ctx) end }",
            finding: "1 phase: muster.once cannot be called in checkUser (phase check)", manifest: #""permissions": {"kv": true}"#),
        Case(
            rule: .phase, refused: "local seen = muster.kv.get('x') return { onCreate = function() print(seen) end }",
            accepted: "local kv = muster.kv return { onCreate = function() print(kv.get('x')) end }",
            finding: "1 phase: muster.kv.get cannot be called while the plugin is loaded; call it in a hook",
            manifest: #""permissions": {"kv": true}"#),
        Case(
            rule: .missingPermission, refused: hook("onCreate", "muster.secrets.get('OTHER')"),
            accepted: hook("onCreate", "muster.secrets.get('TOKEN')"),
            finding: "1 missing-permission: muster.secrets.get: 'OTHER' is not among this plugin's secrets",
            manifest: #""permissions": {"secrets": ["TOKEN"]}"#),
        Case(
            rule: .missingPermission, refused: hook("onCreate", "muster.scim.get('Group', 'x')"),
            accepted: hook("onCreate", "muster.scim.get('User', 'x')"),
            finding:
                "1 missing-permission: muster.scim.get of Group is not permitted; add \"groups:read\" to permissions.scim in plugin.json",
            manifest: #""permissions": {"scim": ["users:read"]}"#),
        Case(
            rule: .missingPermission, refused: hook("onCreate", "muster.http.get('https://evil.example.net/')"),
            accepted: hook("onCreate", "muster.http.get('https://api.example.com/x')"),
            finding:
                "1 missing-permission: https://evil.example.net/ is not among the addresses of this plugin; add it to permissions.http in plugin.json",
            manifest: #""permissions": {"http": ["https://api.example.com/*"]}"#),
        Case(
            rule: .unusedLocal, refused: "local http = muster.log return {}", accepted: "local _http = muster.log return {}",
            finding: "1 unused-local: the local 'http' is never read"),
        Case(
            rule: .unusedFunction, refused: "local function helper() end return {}",
            accepted: "local function helper() end return { onCreate = helper }",
            finding: "1 unused-function: the local function 'helper' is never used"),
    ]

    @Test("each rule finds what it is for, and leaves alone what stands beside it", arguments: cases)
    func rules(_ example: Case) throws {
        let library = ["text": "return {}"]
        let refused = try Self.check(example.refused, example.manifest, library: library)
        #expect(refused.contains { $0.hasPrefix(example.finding) }, "\(refused)")
        let accepted = try Self.check(example.accepted, example.manifest, library: library)
        #expect(!accepted.contains { $0.contains(" \(example.rule.rawValue): ") }, "\(accepted)")
    }

    @Test("every rule has a case")
    func completeness() {
        #expect(Set(Self.cases.map(\.rule)).union([.unusedPermission]) == Set(LintRule.allCases))
    }

    @Test("a function that needs a permission is reported without it, whichever it is")
    func missingPermissions() throws {
        for module in APIReference.plugins.modules {
            for function in module.functions {
                guard let permission = function.permission else { continue }
                let found = try Self.check(Self.hook("onCreate", function.example))
                let rule = LintRule.missingPermission.rawValue
                #expect(found.contains { $0.contains(" \(rule): ") && $0.contains(permission.field) }, "\(function.name): \(found)")
            }
        }
    }

    @Test("permissions that no line needs are named, in plugin.json")
    func unusedPermissions() throws {
        let found = try Self.check(Self.hook("onCreate", "print(ctx.user.id)"), Self.everything)
        let rule = LintRule.unusedPermission.rawValue
        #expect(found.count == 5 && found.allSatisfy { $0.hasPrefix("2 \(rule): no line ") }, "\(found)")
        #expect(found.contains { $0.contains("'TOKEN'") } && found.contains { $0.contains("'groups:read'") })
        let used = """
            local api, secrets, kv = muster.http, muster.secrets, muster.kv
            return { onCreate = function(ctx)
              local type = ctx.config.type
              api.get("https://api.example.com/" .. kv.get("path"), { headers = { x = secrets.get(type) } })
              print(muster.scim.get(type, ctx.user.id))
            end }
            """
        #expect(
            try Self.check(used, Self.everything + #", "config": {"type": "object", "properties": {"type": {"type": "string"}}}"#) == [])
    }

    @Test("calls are followed through aliases, tables, files, callbacks and functions that are defined later")
    func following() throws {
        let lua = """
            local tell
            local steps = require "lib.steps"
            local plugin, kept = {}, {}
            function kept.run(ctx) tell(ctx) end
            function plugin.mapUser(ctx) kept.run(ctx) end
            plugin.onDelete = function(ctx) pcall(tell, ctx) steps.go(ctx) table.sort({}, function() muster.time.now() end) end
            tell = function(c) muster.once(c, "x", function() print(c.member) end) end
            return plugin
            """
        let steps = "local M = {}\nfunction M.go(ctx)\n  return ctx.groups\nend\nreturn M"
        let found = try Self.check(lua, #""permissions": {"kv": true}"#, library: ["steps": steps])
        #expect(
            found == [
                "7 unknown-field: ctx has no field 'member' in mapUser, onDelete; it is there in onGroupAdd, onGroupRemove",
                "7 phase: muster.once cannot be called in mapUser (phase map); only in the phases on, schedule",
                "3 unknown-field: ctx has no field 'groups' in onDelete; it is there in mapUser",
            ])
    }

    @Test("a comment switches a rule off, in its line or the next, and only that rule")
    func comments() throws {
        #expect(try Self.check("local a = 1 -- muster: ignore unused-local\nreturn {}") == [])
        #expect(try Self.check("-- muster: ignore unused-local, unknown-global\nlocal a = b\nreturn {}") == [])
        #expect(try Self.check("-- muster: ignore unused-local\nlocal a = b\nreturn {}").count == 1)
        #expect(try Self.check("local a = 1 -- muster: ignore phase\nreturn {}").count == 1)
        #expect(try Self.check("-- muster: ignore unused-local\n\nlocal a = 1\nreturn {}").count == 1)
    }

    @Test("specs are read too: with test and expect, hooks by name and the fields that they are given")
    func specs() throws {
        let good =
            #"describe("x", function() it("y", function() expect(test.run("onCreate", { user = {} }).outcome).equals("done") end) end)"#
        #expect(try Self.check("return {}", spec: good) == [])
        let bad = """
            it("y", function()
              local run = test.run("onCraete", { usr = {} })
              test.htp.stub("GET", "*")
              expct(1)
            end)
            """
        #expect(
            try Self.check("return {}", spec: bad) == [
                "2 unknown-hook: 'onCraete' is no hook; did you mean 'onCreate'?",
                "2 unknown-field: ctx has no field 'usr'; did you mean 'user'?",
                "2 unused-local: the local 'run' is never read",
                "3 unknown-member: test has no 'htp'; did you mean 'http'?",
                "4 unknown-global: undefined global 'expct'; did you mean 'expect'?",
            ])
        #expect(
            try Self.check(#"describe("x", print) return {}"#).first?.hasPrefix("1 unknown-global: undefined global 'describe'") == true)
    }

    @Test("a file that is no Lua is named with its line, and the others are still read")
    func syntax() throws {
        #expect(
            try Self.check("return {\n  x = = 1\n}", spec: "foo()").map { $0.prefix(26) }
                == ["2 -: syntax error: unexpect", "1 unknown-global: undefined"].map { $0.prefix(26) })
    }

    @Test("the bundled plugins, their specs and the examples of the reference have no findings")
    func bundled() async throws {
        let reports = try await PluginHost.check(directory: BundledPluginsTests.directory)
        #expect(reports.count >= 4)
        let rules = Set(LintRule.allCases.map(\.rawValue))
        #expect(reports.flatMap(\.diagnostics).filter { $0.rule.map { rules.contains($0) } ?? false } == [])
        for hook in APIReference.plugins.hooks {
            #expect(
                try Self.check("local log = muster.log\nlocal plugin = {}\n\(hook.example)\nreturn plugin").filter { !$0.contains("'log'") }
                    == [])
        }
        let all = Self.everything.replacing("TOKEN", with: "API_TOKEN").replacing("\"kv\"", with: "\"mail\": true, \"kv\"").replacing(
            "[\"users:", with: "[\"changes:read\", \"users:write\", \"groups:write\", \"users:")
        for function in APIReference.plugins.modules.flatMap(\.functions) {
            let found = try Self.check(Self.hook("onCreate", function.example), all)
            #expect(found.filter { !$0.contains(" unused-") } == [], "\(function.name)")
        }
    }

    @Test("a finding of loading and one of reading about the same line are told once")
    func once() async throws {
        let plugins = try TestPlugins()
        try plugins.add("probe", lua: "local plugin = {}\nfunction plugin.onCraete() end\nreturn plugin")
        let found = try await PluginHost.check(directory: plugins.directory).flatMap(\.diagnostics).filter { $0.severity == .error }
        #expect(found.map(\.description) == ["probe/init.lua:2: error: 'onCraete' is no hook; did you mean 'onCreate'?"])
    }

    @Test("what Lua's own library offers in a machine is what the check knows")
    func library() async throws {
        let plugins = try TestPlugins()
        let names = LuaLibrary.modules.map { module, members in
            "check(\"\(module)\", \(module), {\(members.sorted().map { "\"\($0)\"" }.joined(separator: ", "))})"
        }
        let globals = LuaLibrary.globals.sorted().map { "assert(\($0) ~= nil, '\($0)')" }
        let lua = """
            local function check(name, module, members)
              local known = {}
              for _, member in ipairs(members) do known[member] = true assert(module[member] ~= nil, name .. "." .. member) end
              for member in pairs(module) do assert(known[member], name .. "." .. member .. " is not in the list") end
            end
            \(names.joined(separator: "\n"))
            \(globals.joined(separator: "\n"))
            return {}
            """
        try plugins.add("probe", lua: lua)
        let report = try #require(try await plugins.host.load().first)
        #expect(report.state == .loaded, "\(report.line)")
    }
}
