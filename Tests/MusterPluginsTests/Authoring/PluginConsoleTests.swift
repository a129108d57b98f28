import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite("muster lua: the console")
struct PluginConsoleTests {
    /// What a console printed.
    private final class Lines: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private static let lua = """
        local plugin = {}
        function plugin.mapUser(ctx) ctx.user.displayName = (ctx.before.title or "no title") .. " -> " .. (ctx.user.title or "none") end
        function plugin.checkUser(ctx) ctx.reject { status = 403, detail = "never" } end
        function plugin.onCreate(ctx)
          muster.kv.incr("count")
          muster.log.info("made", { user = ctx.user.id })
          if ctx.user.userName == "busy" then ctx.retry { after = 7, reason = "busy" } end
          if ctx.user.userName == "bad" then error("no luck") end
        end
        function plugin.onGroupAdd(ctx) print(ctx.group.displayName, ctx.user.userName, ctx.member.value) end
        function plugin.onManagerChange(ctx) print(ctx.manager.old, ctx.manager.new) end
        function plugin.onConflict(ctx) end
        return plugin
        """

    private func console(_ lines: Lines = Lines(), lua: String = lua) async throws -> (PluginConsole, TestPlugins) {
        let plugins = try TestPlugins(settings: PluginSettings(secret: { $0 == "TOKEN" ? "sesame-open" : nil }))
        try plugins.add("probe", #""permissions": {"kv": true, "secrets": ["TOKEN", "OTHER"]}"#, lua: lua)
        plugins.store.add("User", "u1", ["id": "u1", "userName": "ada", "title": "Countess"])
        plugins.store.add("User", "u2", ["id": "u2", "userName": "busy", .init(Schema.enterpriseUser.id): ["manager": ["value": "m1"]]])
        plugins.store.add("User", "u3", ["id": "u3", "userName": "bad"])
        plugins.store.add("Group", "g1", ["id": "g1", "displayName": "Sales"])
        return (try await plugins.host.console(plugin: "probe", tenant: .default) { lines.add($0) }, plugins)
    }

    @Test(
        "shows what a text gives",
        arguments: [
            ("1 + 2", "3"), ("'a\\nb', nil, true", "\"a\\nb\"\nnil\ntrue"),
            (
                "{ 1, 2, x = { y = 'z' }, ['a-b'] = {} }",
                """
                {
                  1,
                  2,
                  ["a-b"] = {},
                  x = {
                    y = "z",
                  },
                }
                """
            ),
            ("local x = 4 return x", "4"), ("y = 5", ""), ("user('u1').userName", "\"ada\""), ("user('nobody')", "nil"),
            ("muster.time.iso()", "\"2026-01-01T00:00:00.000Z\""), ("muster.scim.USER:sub(1, 3)", "\"urn\""), ("", ""),
            ("pcall(error, 'x')", "false\n\"x\""),
        ])
    func values(text: String, shown: String) async throws {
        let (console, plugins) = try await console()
        #expect(await console.evaluate(text) == .value(shown))
        withExtendedLifetime(plugins) {}
    }

    @Test("globals stay, locals end with their text")
    func scopes() async throws {
        let (console, plugins) = try await console()
        #expect(await console.evaluate("count = 1 local gone = 2") == .value(""))
        #expect(await console.evaluate("count = count + 1") == .value(""))
        #expect(await console.evaluate("count") == .value("2"))
        #expect(await console.evaluate("gone") == .failure("console:1: undefined global 'gone'"))
        withExtendedLifetime(plugins) {}
    }

    @Test("a text that is not finished waits for more, one that is wrong does not, and a last one is not waited for")
    func incomplete() async throws {
        let (console, plugins) = try await console()
        for text in ["function f()", "x =", "1 +", "f(", "for i = 1, 2 do", "[[ long", "return {"] {
            #expect(await console.evaluate(text) == .incomplete, "\(text)")
            guard case .failure = await console.evaluate(text, isWhole: true) else {
                Issue.record("\(text)")
                continue
            }
        }
        for text in ["x = = 1", "end", "1 1"] {
            guard case .failure(let problem) = await console.evaluate(text) else {
                Issue.record("\(text)")
                continue
            }
            #expect(problem.contains("console:1"), "\(problem)")
        }
        #expect(await console.evaluate("function f()\nreturn 7\nend") == .value(""))
        #expect(await console.evaluate("f()") == .value("7"))
        withExtendedLifetime(plugins) {}
    }

    @Test("the guards hold: no bytecode, no libraries that reach out, no endless loop, no permission that is not there")
    func guards() async throws {
        let (console, plugins) = try await console()
        for text in [
            "\u{1B}Lua", "os.exit()", "io.open('/etc/passwd')", "load('return 1')", "string.dump(print)", "muster.log = nil",
            "string.x = 1",
            "setmetatable({}, { __gc = print })", "while true do end", "('x'):rep(1 << 40)", "__compile('return 1')", "__entry()",
            "muster.http.get('https://x.example/')", "muster.scim.get('User', 'u1')", "muster.secrets.get('NOPE')",
        ] {
            guard case .failure = await console.evaluate(text) else {
                Issue.record("\(text)")
                continue
            }
        }
        #expect(await console.evaluate("1") == .value("1"), "and the console goes on")
        withExtendedLifetime(plugins) {}
    }

    @Test("runs hooks on what is stored, and shows outcomes and effects")
    func hooks() async throws {
        let lines = Lines()
        let (console, plugins) = try await console(lines)
        #expect(
            await console.evaluate("run('mapUser', 'u1', { title = 'Engineer' }).user.displayName") == .value("\"Countess -> Engineer\""))
        #expect(
            await console.evaluate("run('checkUser', 'u1')")
                == .value("{\n  detail = \"never\",\n  outcome = \"reject\",\n  status = 403,\n}"))
        #expect(await console.evaluate("run('onCreate', 'u1').outcome") == .value("\"done\""))
        #expect(
            await console.evaluate("run('onCreate', 'u2')") == .value("{\n  after = 7,\n  outcome = \"retry\",\n  reason = \"busy\",\n}"))
        #expect(await console.evaluate("run('onCreate', 'u3')") == .failure("probe/init.lua:8: no luck"))
        #expect(
            await console.evaluate("run('onGroupAdd', 'g1', { member = 'u1' }).outcome, muster.kv.get('count')") == .value("\"done\"\n3"))
        let enterprise = "[muster.scim.ENTERPRISE] = { manager = { value = 'm2' } }"
        #expect(await console.evaluate("run('onManagerChange', 'u2', { \(enterprise) }).outcome") == .value("\"done\""))
        #expect(
            lines.all == [
                "log info: made user=u1", "log info: made user=u2", "log info: made user=u3", "log info: Sales\tada\tu1",
                "log info: m1\tm2",
            ])
        withExtendedLifetime(plugins) {}
    }

    @Test(
        "says what is wrong with a run",
        arguments: [
            ("run('onDelete', 'u1')", "the plugin has no hook 'onDelete'"), ("run('mapUser', 'nobody')", "there is no user 'nobody'"),
            ("run('onGroupAdd', 'g1')", "{ member = USER }"), ("run('onConflict', 'u1')", "call plugin.onConflict with a table"),
            ("run()", "are strings"),
        ])
    func wrongRuns(text: String, problem: String) async throws {
        let (console, plugins) = try await console()
        guard case .failure(let told) = await console.evaluate(text) else {
            Issue.record("\(text)")
            return
        }
        #expect(told.contains(problem), "\(told)")
        withExtendedLifetime(plugins) {}
    }

    @Test("prints values, blots out secrets, and says what is missing")
    func printing() async throws {
        let lines = Lines()
        let (console, plugins) = try await console(lines)
        #expect(console.notes == ["the secret 'OTHER' is missing"])
        #expect(await console.evaluate("print('a', { b = 1 }, muster.secrets.get('TOKEN'))") == .value(""))
        #expect(lines.all == ["a", "{\n  b = 1,\n}", "***"])
        #expect(await console.evaluate("muster.secrets.get('TOKEN')") == .value("\"***\""))
        withExtendedLifetime(plugins) {}
    }

    @Test("a plugin that is not there, or does not load, is told before the first text")
    func opening() async throws {
        let plugins = try TestPlugins()
        try plugins.add("probe", lua: "return {").add("good", lua: "return {}")
        let missing = await #expect(throws: Diagnostic.self) { try await plugins.host.console(plugin: "goood", tenant: .default) { _ in } }
        #expect(missing?.description.contains("did you mean 'good'?") == true)
        await #expect(throws: (any Error).self) { try await plugins.host.console(plugin: "probe", tenant: .default) { _ in } }
    }

    @Test("long and deep values are cut, and values within themselves end")
    func limits() async throws {
        let (console, plugins) = try await console()
        guard case .value(let long) = await console.evaluate("(function() local t = {} for i = 1, 1000 do t[i] = i end return t end)()")
        else {
            Issue.record("no value")
            return
        }
        #expect(long.split(separator: "\n").count <= 202 && long.hasSuffix("(more is left out)"))
        #expect(
            await console.evaluate("(function() local t = {} t.t = t return t end)()") == .value("{\n  t = { the table around it },\n}"))
        withExtendedLifetime(plugins) {}
    }
}
