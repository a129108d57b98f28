import Foundation
import Muster
import MusterPlugins
import Testing

@Suite struct WorldTests {
    static let lua = """
        local plugin = {}
        function plugin.mapUser(ctx)
          if ctx.user.title == "broken" then local x = nil + 1 end
          if ctx.user.title == "loud" then muster.log.info("mapping", { user = ctx.user.userName }) end
        end
        function plugin.checkUser(ctx)
          if ctx.user.title == "bad" then ctx.reject { status = 403, scimType = "x", detail = "no bad titles" } end
        end
        function plugin.onCreate(ctx)
          if ctx.user.title == "crash" then error("onCreate is out of order") end
          if ctx.user.title == "slow" then muster.time.sleep(31) end
          if ctx.user.title == "never" then ctx.retry { after = 86400, reason = "not today" } end
          local reply = muster.http.post("https://api.example.com/x", {
            json = { n = muster.kv.incr("n"), at = muster.time.iso(), client = ctx.request.client },
          })
          if reply.status >= 500 then ctx.retry { after = 30, reason = "busy" } end
          muster.log.info("sent", { user = ctx.user.userName })
        end
        function plugin.onUpdate(ctx)
          local found, total = muster.scim.find("User", 'title pr')
          muster.log.info("titled", { count = total })
        end
        return plugin
        """
    static let manifest = """
        "permissions": {"http": ["https://api.example.com/*"], "kv": true, "scim": ["users:read"]},
        "retry": {"maxAttempts": 1000}
        """

    /// Runs specs of a plugin that does a little of everything.
    private func run(_ spec: String, _ change: (TemporaryFolder) throws -> Void = { _ in }) async throws -> PluginTestReport {
        let folder = try TemporaryFolder()
        try folder.plugin("probe", manifest: Self.manifest, lua: Self.lua)
        try folder.write("Plugins/probe/spec/probe_spec.lua", spec)
        try change(folder)
        return try await PluginTestRunner(directory: URL(filePath: folder.path("Plugins")), engines: .muster()).run(plugins: ["probe"])
    }

    /// Runs one spec in a world of the client `rfc`, whose calls are answered.
    private func run(body: String, _ change: (TemporaryFolder) throws -> Void = { _ in }) async throws -> SpecTestResult {
        let report = try await run(
            """
            it("runs", function()
            test.http.stub("POST", "*", { status = 200 })
            \(body)
            end)
            """, change)
        return SpecTestResult(texts: report.results.map(\.text) + report.diagnostics.map(\.description), isSuccess: report.isSuccess)
    }

    struct SpecTestResult {
        var texts: [String]
        var isSuccess: Bool
    }

    // MARK: What a world is

    @Test("a world is a server of its own, with the spec's stubs, values, clock and log behind the plugin")
    func whole() async throws {
        let result = try await run(
            body: """
                test.clock.set("2026-03-01T00:00:00Z")
                test.kv.set("n", 41)
                local world = test.world()
                local ada = world.create_user { userName = "ada" }
                expect(#test.http.calls).equals(0)
                expect(world.settle()).equals { delivered = 1, set_aside = 0, seconds = 0 }
                expect(test.http.calls[1].json).equals { n = 42, at = "2026-03-01T00:00:00.000Z", client = "rfc" }
                expect(test.kv.get("n")).equals(42)
                expect(test.logs.info[1]).equals { message = "sent", fields = { user = "ada" } }
                expect(world.user(ada).meta.created).equals("2026-03-01T00:00:00.000Z")
                world.update_user(ada, { title = "Countess" })
                world.settle()
                expect(test.logs.info[2].fields.count).equals("1")
                expect(world.events[2].hook).equals("onUpdate")
                expect(world.events[2].changes.title.to).equals("Countess")
                expect(#test.world().users()).equals(0)
                """)
        #expect(result.isSuccess, "\(result.texts)")
    }

    @Test("what one spec did is gone in the next, and its world is closed")
    func apart() async throws {
        let report = try await run(
            """
            local kept
            it("first", function()
              kept = test.world()
              kept.create_user { userName = "ada" }
            end)
            it("second", function() expect(#test.world().users()).equals(0) end)
            it("third", function() kept.users() end)
            """)
        #expect(
            report.results.map(\.text) == [
                "passed probe: first", "passed probe: second",
                "failed probe: third\n    probe/spec/probe_spec.lua:7: this world belongs to another spec and is closed; "
                    + "open one in before_each or in the spec",
            ])
    }

    @Test("time passes as fast as deliveries are done; a settled world has none left")
    func virtualTime() async throws {
        let result = try await run(
            body: """
                local world = test.world()
                test.http.stub("POST", "*", { status = 503 })
                world.create_user { userName = "ada" }
                world.advance(29)
                expect(#test.http.calls).equals(1)
                expect(world.deliveries()[1].state).equals("ready")
                expect(world.deliveries()[1].error).equals("busy")
                test.http.stub("POST", "*", { status = 200 })
                expect(world.settle()).equals { delivered = 1, set_aside = 0, seconds = 1 }
                expect(test.http.calls[1].headers["idempotency-key"]).equals(test.http.calls[2].headers["idempotency-key"])
                """)
        #expect(result.isSuccess, "\(result.texts)")
    }

    @Test("a killed server is started again on the same directory, and hands out anew what it had in hand")
    func crash() async throws {
        let result = try await run(
            body: """
                local world = test.world()
                for _, name in ipairs { "ada", "bob" } do world.create_user { userName = name } end
                world.crash { after_calls = 1 }
                expect(#test.http.calls).equals(1)
                expect(#test.logs.info).equals(0)
                expect(#world.deliveries { state = "delivered" }).equals(0)
                expect(world.settle().delivered).equals(2)
                expect(#test.http.calls).equals(3)
                expect(test.http.calls[2].headers["idempotency-key"]).equals(test.http.calls[1].headers["idempotency-key"])
                expect(test.http.calls[3].headers["idempotency-key"]).differs(test.http.calls[1].headers["idempotency-key"])
                expect(#world.users()).equals(2)
                world.crash()
                expect(world.settle().delivered).equals(0)
                """)
        #expect(result.isSuccess, "\(result.texts)")
    }

    @Test("plugins beside the one under test run when they are named, with settings of their own, and others do not")
    func beside() async throws {
        let result = try await run(
            body: """
                local alone = test.world()
                alone.create_user { userName = "ada" }
                expect(alone.users()[1].nickName).is_nil()
                local world = test.world { plugins = { other = { nick = "countess" } } }
                expect(world.create_user({ userName = "ada" }).nickName).equals("countess")
                expect(test.logs.info[1]).equals { message = "named", fields = { plugin = "other" } }
                """
        ) { folder in
            try folder.plugin(
                "other", manifest: #""config": {"type": "object", "required": ["nick"], "properties": {"nick": {"type": "string"}}}"#,
                lua: #"return { mapUser = function(ctx) ctx.user.nickName = ctx.config.nick; muster.log.info("named") end }"#)
        }
        #expect(result.isSuccess, "\(result.texts)")
    }

    @Test("several clients drive one directory; what they sent is there to be looked at")
    func traffic() async throws {
        let result = try await run(
            body: """
                local world = test.world { client = "onelogin" }
                local okta = world.client("okta")
                local ada = world.create_user { userName = "ada@example.com" }
                okta.deactivate_user(ada)
                local requests = world.requests
                expect(#requests).equals(3)
                expect(requests[1].client .. " " .. requests[1].method .. " " .. requests[1].path)
                  .equals("onelogin GET /Users?filter=userName+eq+%22ada%40example.com%22&")
                expect(requests[2].json.userName).equals("ada@example.com")
                expect(requests[2].answer.json.id).equals(ada.id)
                expect(requests[3].json.Operations[1]).equals { op = "replace", value = { active = false } }
                expect(world.events[2].client).equals("okta")
                local answer = okta.request { method = "PATCH", path = "/Users/" .. ada.id, json = { schemas = {} } }
                expect(answer.status).equals(400)
                expect(answer.json.scimType).equals("invalidSyntax")
                expect(world.request({ path = "/Users", headers = { authorization = "Bearer no" } }).status).equals(401)
                """)
        #expect(result.isSuccess, "\(result.texts)")
    }

    // MARK: What goes wrong

    @Test(
        "what goes wrong in a world fails the spec at the line that is to be repaired",
        arguments: [
            // A refusal names the request, a plugin's error its own line.
            (
                #"world.create_user { userName = "ada", title = "bad" }"#,
                "probe/spec/probe_spec.lua:4: POST /Users was refused with 403 x: no bad titles"
            ),
            (
                #"world.create_user { userName = "ada", title = "broken" }"#,
                "probe/init.lua:3: attempt to perform arithmetic on a nil value"
            ),
            (
                #"world.create_user { userName = "ada", title = "crash" }; world.settle()"#, "probe/init.lua:10: onCreate is out of order"
            ),
            (
                #"world.create_user { userName = "ada", title = "never" }; world.settle()"#,
                "probe/spec/probe_spec.lua:4: world.settle: onCreate of User 00000000-0000-4000-9000-000000000001 for plugin:probe is not done "
                    + "after 31 attempts in 30 days: not today"
            ),
            (
                #"world.create_user { userName = "ada", title = "slow" }; world.settle()"#,
                "probe/init.lua:11: onCreate is not done within 30.0 seconds (limits.wallMs in plugin.json)"
            ),
            (
                #"world.refused("create_user", { userName = "ada" })"#,
                "probe/spec/probe_spec.lua:4: expected create_user to be refused, but it was accepted"
            ),
            (
                #"world.create_user { userName = "ada" }; world.crash { after_calls = 2 }"#,
                "probe/spec/probe_spec.lua:4: world.crash: all deliveries were done before 2 more calls were made"
            ),
            ("world.crash { after_calls = 1e30 }", "probe/spec/probe_spec.lua:4: world.crash: after_calls is a whole number, at least 1"),
            (
                #"world.create_user { user_name = "ada" }"#,
                "probe/spec/probe_spec.lua:4: world.create_user: a user has no 'user_name'; did you mean 'userName'?; "
                    + "send what is unknown with world.request"
            ),
            (#"world.creat_user {}"#, "probe/spec/probe_spec.lua:4: the world has no 'creat_user'"),
            (#"world.add_member("staff", "u1")"#, "probe/spec/probe_spec.lua:4: there is no group 'staff'; call create_group first"),
            (
                #"test.world { client = "oktta" }"#,
                "probe/spec/probe_spec.lua:4: there is no client 'oktta'; did you mean 'okta'?"
            ),
            (
                #"test.world { client = "okta", template = "x" }"#,
                "probe/spec/probe_spec.lua:4: the client 'okta' has no setting 'template'; known are: integration"
            ),
            (
                #"test.world { plugins = { "nobody" } }"#,
                "probe/spec/probe_spec.lua:4: test.world: error: plugins.nobody: there is no plugin of this name"
            ),
        ])
    func surfacing(_ line: String, _ message: String) async throws {
        let result = try await run(body: "local world = test.world()\n" + line)
        #expect(result.texts.count == 1 && result.texts[0].contains("\n    \(message)"), "\(result.texts)")
    }

    @Test("changes are read from any cursor, the greatest number too")
    func greatestCursor() async throws {
        let lua = "return { onCreate = function() muster.log.info(#muster.scim.changes { after = math.maxinteger } .. ' changes') end }"
        let report = try await run(
            """
            it("runs", function()
              local world = test.world()
              world.create_user { userName = "ada" }
              world.settle()
              expect(test.logs.info[1].message).equals("0 changes")
            end)
            """
        ) { try $0.plugin("probe", manifest: #""permissions": {"scim": ["changes:read"]}"#, lua: lua) }
        #expect(report.isSuccess, "\(report.results.map(\.text))")
    }

    @Test("a hook's call that no stub answers fails the spec at the hook's line")
    func unanswered() async throws {
        let report = try await run(
            #"it("runs", function() local world = test.world(); world.create_user { userName = "ada" }; world.settle() end)"#)
        #expect(report.results[0].file == "probe/init.lua" && report.results[0].line == 13)
        #expect(report.results[0].message?.contains("no stub for POST https://api.example.com/x") == true)
    }

    @Test("hooks that fail can be meant: then they are tried again and set aside")
    func tolerated() async throws {
        let result = try await run(
            body: """
                local world = test.world()
                world.create_user { userName = "ada", title = "crash" }
                world.advance(0, { allow_errors = true })
                expect(world.deliveries()[1].error).equals("probe/init.lua:10: onCreate is out of order")
                local refusal = world.refused("create_user", { userName = "bob", title = "broken" })
                expect(refusal.status).equals(503)
                expect(refusal.failure).equals("probe/init.lua:3: attempt to perform arithmetic on a nil value")
                """)
        #expect(result.isSuccess, "\(result.texts)")
    }

    @Test("a plugin that does not load is named with its reason")
    func broken() async throws {
        let result = try await run(body: #"test.world { plugins = { "other" } }"#) { folder in
            try folder.plugin("other", manifest: #""permissions": {"secrets": ["TOKEN"]}"#, lua: "return {}")
        }
        #expect(
            result.texts == [
                "failed probe: runs\n    probe/spec/probe_spec.lua:3: test.world: error: plugins.other: the secret 'TOKEN' is missing"
            ])
    }

    @Test("without engines a world says where there are some")
    func withoutEngines() async throws {
        let folder = try TemporaryFolder()
        try folder.plugin("probe", lua: "return {}")
        try folder.write("Plugins/probe/spec/probe_spec.lua", #"it("runs", function() test.world() end)"#)
        let report = try await PluginTestRunner(directory: URL(filePath: folder.path("Plugins"))).run()
        #expect(report.results[0].message == "test.world: there is no engine here; run the specs with 'muster test'")
    }

    // MARK: The reference

    @Test("the example of the article about worlds runs with the plugin that it is about")
    func article() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/Worlds.md"), encoding: .utf8)
        let example = try #require(text.firstMatch(of: /```lua\n((?s).*?)```/)?.1)
        let folder = try TemporaryFolder()
        _ = try folder.folder("Plugins")
        try FileManager.default.copyItem(
            at: root.appending(path: "Plugins/welcome-mail"), to: URL(filePath: folder.path("Plugins/welcome-mail")))
        try FileManager.default.removeItem(atPath: folder.path("Plugins/welcome-mail/spec"))
        try folder.write("Plugins/welcome-mail/spec/article_spec.lua", String(example))
        let report = try await PluginTestRunner(directory: URL(filePath: folder.path("Plugins")), engines: .muster()).run()
        #expect(report.isSuccess && report.count(.passed) == 3, "\(report.results.map(\.text))")
    }

    @Test("every example of a world's function runs")
    func examples() async throws {
        let world = APIReference.specs.modules.filter { $0.name == "world" }.flatMap(\.functions)
        let opening = APIReference.specs.modules.flatMap(\.functions).filter { $0.name == "world" }
        #expect(world.count > 20 && opening.count == 1)
        var spec = opening.map { "it(\"test.world\", function()\n\($0.example)\nend)" }
        spec += world.map { function in
            """
            it("\(function.name)", function()
            local world = test.world { client = "onelogin" }
            local ada = world.create_user { userName = "ada@example.com" }
            \(function.example)
            end)
            """
        }
        let folder = try TemporaryFolder()
        try folder.plugin("probe", lua: "return { onCreate = function(ctx) end }")
        try folder.write("Plugins/probe/spec/probe_spec.lua", spec.joined(separator: "\n"))
        let report = try await PluginTestRunner(directory: URL(filePath: folder.path("Plugins")), engines: .muster()).run()
        #expect(
            report.isSuccess && report.count(.passed) == world.count + 1, "\(report.results.filter { $0.outcome == .failed }.map(\.text))")
    }
}
