import Foundation
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct PluginTestRunnerTests {
    static let lua = """
        local plugin = {}
        function plugin.mapUser(ctx)
          if ctx.user.userName == "loop" then while true do end end
          if ctx.user.userName == "random" then ctx.user.externalId = muster.crypto.uuid() end
          if ctx.user.userName == "broken" then local x = nil + 1 end
          ctx.user.title = ctx.config.title
        end
        function plugin.checkUser(ctx)
          if ctx.user.title == "bad" then ctx.reject { status = 403, detail = "no" } end
          if ctx.user.title == "changed" then ctx.user.title = "x" end
        end
        function plugin.onCreate(ctx)
          local reply = muster.http.post("https://api.example.com/x", { json = { n = muster.kv.incr("n"), at = muster.time.iso() } })
          if reply.status >= 500 then ctx.retry { after = 3 } end
          muster.time.sleep(10)
          muster.log.info("sent", { to = "x" })
        end
        return plugin
        """
    static let manifest = """
        "permissions": {"http": ["https://api.example.com/*"], "kv": true, "secrets": ["TOKEN"]},
        "config": {"type": "object", "properties": {"title": {"type": "string", "default": "t"}}}
        """

    private func run(_ spec: String, filter: String? = nil, updating: Bool = false, snapshots: String? = nil) async throws -> (
        PluginTestReport, TestPlugins
    ) {
        let plugins = try TestPlugins()
        try plugins.add("probe", Self.manifest, lua: Self.lua, files: ["spec/probe_spec.lua": spec])
        if let snapshots { try plugins.write("probe/spec/probe.snap.json", snapshots) }
        var runner = PluginTestRunner(directory: plugins.directory, updatesSnapshots: updating)
        runner.limits.cpu = .milliseconds(200)
        return (try await runner.run(filter: filter), plugins)
    }

    @Test("specs pass, fail and wait with their names, and each begins in a new world")
    func outcomes() async throws {
        let (report, _) = try await run(
            """
            describe("probe", function()
              before_each(function() test.http.stub("POST", "*", { status = 200, json = { ok = true } }) end)
              it("sends", function()
                expect(test.run("onCreate", { user = { id = "u1" } }).outcome).equals("done")
                expect(test.http.calls[1].json).equals { n = 1, at = "2026-01-01T00:00:00.000Z" }
                expect(test.http.calls[1].headers["idempotency-key"]).equals("event-1:probe:1")
                expect(muster.time.now()).equals(1767225610)
                expect(test.logs.info[1]).equals { message = "sent", fields = { to = "x" } }
                expect(test.kv.get("n")).equals(1)
              end)
              it("begins anew", function()
                expect(#test.http.calls).equals(0)
                expect(test.kv.get("n")).is_nil()
                test.clock.advance(60)
                test.http.stub("POST", "https://api.example.com/*", { status = 503 })
                expect(test.run("onCreate", { user = { id = "u1" } })).equals { outcome = "retry", after = 3 }
              end)
              it("fails", function()
                expect(1 + 1).equals(3)
              end)
              pending("is to be written")
            end)
            it("stands alone", function() expect(test.run("checkUser", { user = { title = "bad" } }).status).equals(403) end)
            """)
        #expect(
            report.results.map(\.text) == [
                "passed probe: probe: sends", "passed probe: probe: begins anew",
                "failed probe: probe: fails\n    probe/spec/probe_spec.lua:19: expected 2 to equal 3",
                "pending probe: probe: is to be written",
                "passed probe: stands alone",
            ])
        #expect(report.summary == "3 passed, 1 failed, 1 pending" && !report.isSuccess)
        #expect(report.document["specs"]?.array?[2]["line"] == 19)
    }

    @Test(
        "what is wrong is said with the line where it is",
        arguments: [
            (#"test.run("mapUser", { user = { userName = "loop" } })"#, "CPU time limit reached in mapUser"),
            ("while true do end", "probe/spec/probe_spec.lua:1: CPU time limit reached"),
            (#"local s = "x" while true do s = s .. s end"#, "memory limit reached"),
            (#"test.run("mapUser", { user = { userName = "broken" } })"#, "probe/init.lua:5: attempt to perform arithmetic on a nil value"),
            (
                #"test.run("mapUser", { user = { userName = "random" } })"#,
                "mapUser answered differently when it ran again with the same input"
            ),
            (#"test.run("checkUser", { user = { title = "changed" } })"#, "checkUser changed its copy of the resource"),
            (#"test.run("onCreat", {})"#, "probe/spec/probe_spec.lua:1: the plugin has no hook 'onCreat'"),
            (#"test.run("onCreate", { usr = {} })"#, "test.run: ctx has no field 'usr'"),
            (#"test.run("onCreate", { user = { id = "u" } })"#, "no stub for POST https://api.example.com/x"),
            ("test.config { titel = 1 }", "titel is no setting of this plugin; did you mean 'title'?"),
            (#"test.secret("OTHER", "x")"#, "'OTHER' is not among permissions.secrets"),
            (#"test.http.stub("GET", "*", { stats = 1 })"#, "a reply has no 'stats'; did you mean 'status'?"),
            ("test.clock.advance(1e30)", "probe/spec/probe_spec.lua:1: test.clock.advance: at most ten years"),
            ("test.clock.advance(-1e30)", "probe/spec/probe_spec.lua:1: test.clock.advance: at most ten years"),
            ("test.kv.set('k', 1, { ttl = 1e30 })", "probe/spec/probe_spec.lua:1: test.kv.set: 'ttl' is a number of seconds"),
            ("test.kv.set('k', 1, { tll = 1 })", "probe/spec/probe_spec.lua:1: test.kv.set has no option 'tll'"),
            (
                #"test.run("onCreate", { request = { method = "POST" } })"#,
                "probe/spec/probe_spec.lua:1: test.run: ctx.request has no field 'method' in onCreate"
            ),
            (#"test.clock.set("noon")"#, "the time is written as"), (#"expect(1).is("x")"#, "expect(...) has no 'is'"),
            (#"test.error_of("checkUser", { user = {} })"#, "expected checkUser to fail, but its outcome was {outcome = \"done\"}"),
            (#"it("inner", function() end)"#, "a spec cannot declare another one"),
            (#"expect({ b = 1, a = { 2 } }).equals("x")"#, "expected {a = {2}, b = 1} to equal \"x\""),
            (#"expect(1).matches_snapshot("x")"#, "there is no snapshot 'x' in probe.snap.json"),
        ])
    func problems(_ body: String, _ expected: String) async throws {
        let (report, _) = try await run("it('probes', function() \(body) end)\nit('goes on', function() end)")
        #expect(report.results.map(\.outcome) == [.failed, .passed])
        #expect(report.results[0].text.contains(expected), "\(report.results[0].text)")
    }

    @Test("a file that cannot be read as a whole is one failure")
    func brokenFile() async throws {
        for (spec, expected) in [
            ("it('x'", "probe/spec/probe_spec.lua:1"), ("while true do end", "CPU time limit reached"),
            ("it('x')", "a spec needs a function"),
        ] {
            let (report, _) = try await run(spec)
            #expect(report.results.count == 1 && report.results[0].outcome == .failed)
            #expect(report.results[0].text.contains(expected), "\(report.results[0].text)")
        }
    }

    @Test("the second run of a before-hook leaves no trace; error_of gives the plugin's line")
    func twice() async throws {
        let (report, _) = try await run(
            """
            it("calls once", function()
              expect(test.run("mapUser", { user = { userName = "a" } }).user).equals { userName = "a", title = "t" }
              expect(test.error_of("mapUser", { user = { userName = "broken" } })).contains("probe/init.lua:5:")
            end)
            """)
        #expect(report.isSuccess, "\(report.results.map(\.text))")
    }

    @Test("ctx.request has method and path while a request is answered, and neither after the commit, as on a server")
    func origin() async throws {
        let problem = try await SpecBench.message(
            """
            local function fields(hook, input) return test.run(hook, input).reason end
            expect(fields("mapUser", { user = {} })).equals("spec POST /Users")
            expect(fields("mapUser", { user = {}, request = { path = "/Users/7" } })).equals("spec POST /Users/7")
            expect(fields("onCreate", { user = { id = "u1" } })).equals("spec nil nil")
            expect(fields("mapOutbound", { user = {} })).equals("provisioner nil nil")
            """,
            lua: """
                local function tell(ctx)
                  ctx.skip(ctx.request.client .. " " .. tostring(ctx.request.method) .. " " .. tostring(ctx.request.path))
                end
                return { mapUser = tell, onCreate = tell, mapOutbound = tell }
                """)
        #expect(problem == nil, "\(problem ?? "")")
    }

    static let slow = """
        return {
          mapUser = function(ctx) muster.time.sleep(ctx.config.seconds) end,
          onCreate = function(ctx)
            pcall(muster.time.sleep, ctx.config.seconds)
            if ctx.config.steps > 0 then for _ = 1, ctx.config.steps do local _ = {} end end
          end,
          onUpdate = function(ctx) muster.http.get("https://api.example.com/") end,
        }
        """
    static let slowManifest = """
        "limits": {"cpuMs": 5, "wallMs": 12000}, "permissions": {"http": ["https://api.example.com/*"]},
        "config": {"type": "object", "properties": {
          "seconds": {"type": "number", "default": 0}, "steps": {"type": "integer", "default": 0}
        }}
        """

    @Test(
        "test.run holds a hook to the time that it has on a server, on the clock of the spec",
        arguments: [
            ("test.config { seconds = 2 } test.run('mapUser', { user = {} })", nil),
            (
                "test.config { seconds = 2.5 } test.run('mapUser', { user = {} })",
                "probe/init.lua:2: mapUser is not done within 2.0 seconds (limits.wallMs in plugin.json)"
            ),
            ("test.config { seconds = 12 } test.run('onCreate', { user = { id = 'u1' } })", nil),
            // Caught in the hook, where a server would have stopped it.
            (
                "test.config { seconds = 13 } test.run('onCreate', { user = { id = 'u1' } })",
                "onCreate is not done within 12.0 seconds (limits.wallMs in plugin.json)"
            ),
            ("test.http.stub('GET', '*', { latency = 9 }) test.run('onUpdate', { user = { id = 'u1' } })", nil),
            (
                "test.config { steps = 2000000 } test.run('onCreate', { user = { id = 'u1' } })",
                "onCreate took more than its 0.005 seconds of CPU time (limits.cpuMs in plugin.json)"
            ),
        ] as [(String, String?)])
    func budgets(_ body: String, _ expected: String?) async throws {
        let bench = try SpecBench(["probe": "it('probes', function() \(body) end)"], lua: Self.slow, manifest: Self.slowManifest)
        let result = try #require(try await bench.run().results.first)
        #expect(expected.map { result.text.contains($0) } ?? (result.outcome == .passed), "\(result.text)")
    }

    @Test("the made-up directory answers filters as the real one does, with the plugin's permissions")
    func directory() async throws {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", #""permissions": {"scim": ["users:read"]}"#,
            lua: """
                return { onCreate = function(ctx)
                  local people, total = muster.scim.find(ctx.user.title, 'userName sw "a"', { count = 1 })
                  ctx.fail { reason = people[1].userName .. total .. tostring(muster.scim.get("User", "u3")) }
                end }
                """,
            files: [
                "spec/probe_spec.lua": """
                it("finds", function()
                  for i, name in ipairs { "bob", "Ada", "al" } do test.scim.add("User", { id = "u" .. i - 1, userName = name }) end
                  expect(test.run("onCreate", { user = { title = "User" } }).reason).equals("Ada2nil")
                  expect(test.error_of("onCreate", { user = { title = "Group" } })).contains("groups:read")
                end)
                """
            ])
        let report = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(report.isSuccess && report.count(.passed) == 1, "\(report.results.map(\.text))")
    }

    @Test("snapshots are compared, and renewed on purpose")
    func snapshots() async throws {
        let spec = #"it("looks", function() expect({ b = 1, a = { "x" } }).matches_snapshot("shape") end)"#
        let (same, _) = try await run(spec, snapshots: #"{"shape": {"a": ["x"], "b": 1}}"#)
        #expect(same.isSuccess)
        let (other, _) = try await run(spec, snapshots: #"{"shape": {"a": ["y"], "b": 1}}"#)
        #expect(
            other.results[0].message
                == "'shape' differs from its snapshot:\n  was: {\"a\": [\"y\"], \"b\": 1}\n  is:  {\"a\": [\"x\"], \"b\": 1}")
        let (renewed, plugins) = try await run(spec, updating: true, snapshots: #"{"shape": 1}"#)
        #expect(renewed.isSuccess)
        let text = try String(contentsOf: plugins.directory.appending(path: "probe/spec/probe.snap.json"), encoding: .utf8)
        #expect(text == "{\n  \"shape\": {\n    \"a\": [\n      \"x\"\n    ],\n    \"b\": 1\n  }\n}\n")
    }

    @Test("a filter chooses specs; plugins without specs, with a broken manifest, or that are not there are reported")
    func choosing() async throws {
        let (report, plugins) = try await run("it('one', function() end) it('two', function() end)", filter: "PROBE: TW")
        #expect(report.results.map(\.name) == ["two"])
        try plugins.add("bare", lua: "return {}")
        try plugins.add("wrong", #""colour": 1"#, lua: "return {}")
        try plugins.add("syntax", lua: "return {", files: ["spec/a_spec.lua": "it('x', function() end)"])
        let all = try await PluginTestRunner(directory: plugins.directory).run()
        #expect(all.pluginsWithoutSpecs == ["bare"] && !all.isSuccess && all.exitCode(minimum: nil) == 2)
        #expect(all.diagnostics.map { $0.path ?? $0.file } == ["colour", "syntax/init.lua"])
        let unknown = try await PluginTestRunner(directory: plugins.directory).run(plugins: ["probe"], filter: "three")
        #expect(unknown.diagnostics.map(\.summary) == ["no spec has 'three' in its name"] && unknown.exitCode(minimum: nil) == 2)
        let none = try await PluginTestRunner(directory: plugins.directory).run(plugins: ["prob"])
        #expect(none.diagnostics.map(\.detail) == ["did you mean 'probe'?"] && none.results.isEmpty)
    }
}
