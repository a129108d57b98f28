import MusterLua
import Testing

@Suite struct LuaErrorTests {
    @Test("a mistake is told with file, line and traceback")
    func runtime() async throws {
        let machine = try await machine(
            """
            local function inner(user)
              return user.name.first
            end
            return function(user) local first = inner(user) return first end
            """
        )
        let error = try #require(await luaError { try await machine.call(nil, [[:]]) })
        #expect(error.kind == .runtime && error.file == "test/init.lua" && error.line == 2 && error.machine == "test")
        #expect(error.message == "test/init.lua:2: attempt to index a nil value (field 'name')")
        #expect(error.value == .string(error.message))
        #expect(error.traceback.contains("test/init.lua:2: in upvalue 'inner'"))
        #expect(error.traceback.contains("test/init.lua:4: in function <test/init.lua:4>"))
        #expect(error.description == "[test] runtime: test/init.lua:2: attempt to index a nil value (field 'name')")
    }

    @Test("a place that the message does not name is added to the description")
    func description() async throws {
        let error = try #require(await luaError { try await evaluate("\n\nerror({ message = 'no' })") })
        #expect(error.description == "[test] runtime: no (test/init.lua:3)")
    }

    @Test(
        "a source that does not compile is told with its line",
        arguments: [
            ("return function(\nend", 2, "test/init.lua:2: <name> or '...' expected near 'end'"),
            ("local x = = 1", 1, "test/init.lua:1: unexpected symbol near '='"),
            ("\u{1B}Lua", 0, "attempt to load a binary chunk (mode is 't')"),
        ]
    )
    func syntax(_ source: String, _ line: Int, _ message: String) async throws {
        let error = try #require(await luaError { try await machine(source) })
        #expect(error.kind == .syntax && error.file == "test/init.lua" && error.line == line && error.message == message)
    }

    @Test("a mistake while loading is told like any other")
    func loading() async throws {
        let error = try #require(await luaError { try await machine("local x\nx.y = 1") })
        #expect(error.kind == .runtime && error.line == 2)
        #expect(error.message == "test/init.lua:2: attempt to index a nil value (local 'x')")
    }

    @Test("a message keeps its letters, and what is not UTF-8 is marked")
    func letters() async throws {
        #expect(await luaError { try await evaluate("error('ungültig: 漢字', 0)") }?.message == "ungültig: 漢字")
        #expect(await luaError { try await evaluate("error('a\\xff\\xfeb', 0)") }?.message == "a??b")
        let long = await luaError { try await evaluate("error(('ä'):rep(100000), 0)") }
        #expect(long?.message == String(repeating: "ä", count: 2000))
    }

    @Test(
        "whatever is raised arrives",
        arguments: [
            ("error()", .null, "error without a message"), ("error(nil)", .null, "error without a message"),
            ("error(42)", 42, "42"), ("error(true)", true, "true"), ("error(null)", .null, "error without a message"),
            ("error({})", .empty, "error value is a table"), ("error({ detail = 'd' })", ["detail": "d"], "d"),
        ] as [(String, LuaValue, String)]
    )
    func values(_ body: String, _ value: LuaValue, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate(body) })
        #expect(error.kind == .runtime && error.value == value && error.message == message)
    }

    @Test(
        "an error value that cannot cross is told as such",
        arguments: ["error(type)", "error(coroutine.create(type))", "local t = {} t.t = t error(t)", "error({ f = type })", "error(0/0)"]
    )
    func unshowable(_ body: String) async throws {
        let error = try #require(await luaError { try await evaluate(body) })
        #expect(error.kind == .runtime && error.line == 1 && error.message.hasPrefix("cannot convert "))
        #expect(error.message.hasSuffix(" the error value"))
    }

    @Test("no metamethod of an error value runs when it is told")
    func traps() async throws {
        let body = """
            error(setmetatable({ message = 'plain' }, {
              __tostring = function() while true do end end, __name = ('x'):rep(100000),
              __index = function() while true do end end, __pairs = function() while true do end end }))
            """
        let error = try #require(await luaError { try await evaluate(body) })
        #expect(error.kind == .runtime && error.message == "plain")
    }

    @Test("an error in a coroutine names the coroutine's line")
    func coroutine() async throws {
        let error = await luaError { try await evaluate("local f = coroutine.wrap(function()\nerror('in it') end)\nf()") }
        #expect(error?.message == "test/init.lua:3: test/init.lua:2: in it")
    }

    @Test("an uncaught error after a wait has the traceback of all frames")
    func afterWait() async throws {
        let machine = try await machine(
            "local function fetch() return net.fail() end\nreturn function()\n local v = fetch()\n return v end",
            host: HostFunctionTests.host()
        )
        let error = try #require(await luaError { try await machine.call(nil, []) })
        #expect(error.message == "test/init.lua:1: net.fail: connection refused")
        #expect(error.traceback.contains("test/init.lua:3: in function <test/init.lua:2>"))
    }
}
