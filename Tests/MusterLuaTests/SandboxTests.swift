import MusterLua
import Testing

/// What scripts can and cannot reach.
@Suite struct SandboxTests {
    @Test(
        "names that would leave the sandbox do not exist",
        arguments: [
            "load", "loadstring", "dofile", "loadfile", "io", "os", "package", "print", "__view", "__entry", "__array_mt", "__try",
            "__host",
        ]
    )
    func absent(_ name: String) async throws {
        var host = HostFunctions()
        host.sync("__host", "f") { _, _ in [] }
        let error = try #require(await luaError { try await evaluate("return \(name)", host: host) })
        #expect(error.message == "test/init.lua:1: undefined global '\(name)'")
        #expect(try await evaluate("return rawget(_G, '\(name)') == nil") == true)
    }

    @Test(
        "libraries are read-only and a script defines no globals",
        arguments: [
            ("string.upper = nil", "cannot modify 'string.upper': the library is read-only"),
            ("rawset(table, 'sort', nil)", "cannot modify a read-only table"),
            ("setmetatable(math, {})", "cannot change a protected metatable"),
            ("coroutine[{}] = 1", "cannot modify 'coroutine.table': the library is read-only"),
            ("host.f = nil", "cannot modify 'host.f': the library is read-only"),
            ("x = 1", "assignment to global 'x' (declare it with 'local')"),
            ("_G.x = 1", "assignment to global 'x' (declare it with 'local')"),
            ("return undefinedName", "undefined global 'undefinedName'"),
            ("table.insert(string, 1)", "bad argument #1 to 'insert' (a plain table is needed (this one has metamethods))"),
        ]
    )
    func readOnly(_ body: String, _ message: String) async throws {
        var host = HostFunctions()
        host.sync("host", "f") { _, _ in [] }
        let error = try #require(await luaError { try await evaluate(body, host: host) })
        #expect(error.kind == .runtime)
        #expect(error.message == "test/init.lua:1: " + message)
    }

    @Test("no live metatable is handed out")
    func metatablesStay() async throws {
        #expect(try await evaluate("return { getmetatable(''), getmetatable(string), getmetatable(_G) }") == [false, false, false])
        #expect(try await evaluate("return { getmetatable(null), getmetatable(...) }", [[1]]) == [false, "array"])
        #expect(try await evaluate("local m = {} return getmetatable(setmetatable({}, m)) == m") == true)
        #expect(try await evaluate("local n, t = pairs(string) return t == nil and n() ~= nil") == true)
    }

    @Test("pairs over a library lists its functions")
    func pairsOfLibrary() async throws {
        #expect(try await evaluate("local n = 0 for k, f in pairs(coroutine) do n = n + #k end return n") == 45)
    }

    @Test("a metamethod that is not available is refused", arguments: ["__gc", "__close", "__concat", "__mode"])
    func refusedMetamethods(_ name: String) async throws {
        let error = try #require(await luaError { try await evaluate("setmetatable({}, { \(name) = 'k' })") })
        #expect(error.message == "test/init.lua:1: metamethod '\(name)' is not available to plugins")
    }

    @Test("the other metamethods work as ever")
    func metamethods() async throws {
        let value = try await evaluate(
            """
            local V = {}
            V.__index = V
            V.__add = function(a, b) return setmetatable({ n = a.n + b.n }, V) end
            V.__eq = function(a, b) return a.n == b.n end
            V.__lt = function(a, b) return a.n < b.n end
            V.__len = function(v) return v.n end
            V.__call = function(v, x) return v.n * x end
            V.__tostring = function(v) return 'V' .. v.n end
            V.__pairs = function(v) return next, { p = v.n } end
            function V.double(v) return v + v end
            local a, b = setmetatable({ n = 1 }, V), setmetatable({ n = 2 }, V)
            local k, x = next({}) for key, value in pairs(b) do k, x = key, value end
            function V.late() return 'late' end
            return { (a + b).n, a == b, a < b, #b, b(10), tostring(a), a:double().n, k, x, a.late(), rawlen(b), rawequal(a, b) }
            """
        )
        #expect(value == [3, false, true, 2, 20, "V1", 2, "p", 2, "late", 0, false])
    }

    @Test("a metatable is renewed by the next setmetatable")
    func renewedMetatable() async throws {
        let value = try await evaluate(
            """
            local m = { __len = function() return 7 end, __unm = function() return 8 end }
            local t = setmetatable({}, m)
            m.__len = nil
            m.__bnot = function() return 9 end
            local before = #t
            setmetatable(t, m)
            return { before, #t, -t, ~t, setmetatable(t, nil) == t, getmetatable(t) == nil }
            """
        )
        #expect(value == [7, 0, 8, 9, true, true])
    }

    @Test("pcall and xpcall catch errors and give handlers and results as ever")
    func pcallXpcall() async throws {
        #expect(try await evaluate("return { pcall(error, 'x', 0) }") == [false, "x"])
        #expect(try await evaluate("return { pcall(function(...) return ... end, 1, 2) }") == [true, 1, 2])
        #expect(try await evaluate("return { xpcall(function(...) return ... end, type, 1, 2) }") == [true, 1, 2])
        #expect(try await evaluate("return { xpcall(error, function(m) return 'handled ' .. m end, 'x', 0) }") == [false, "handled x"])
        #expect(try await evaluate("local ok, e = pcall(error) return ok == false and e == nil") == true)
    }

    @Test("an outcome passes through pcall and coroutines, and the test kit's try catches it")
    func outcomes() async throws {
        let source = """
            return {
              pcall = function() pcall(muster.reject, { status = 400 }) return 'swallowed' end,
              xpcall = function() xpcall(muster.reject, type, { status = 400 }) return 'swallowed' end,
              resume = function() coroutine.resume(coroutine.create(muster.reject), { status = 400 }) return 'swallowed' end,
              wrap = function() pcall(coroutine.wrap(muster.reject), { status = 400 }) return 'swallowed' end,
            }
            """
        let machine = try await machine(source, preludes: [testPrelude])
        for name in ["pcall", "xpcall", "resume", "wrap"] as [LuaValue] {
            let error = await luaError { try await machine.call("run", [name]) }
            #expect(error?.value == ["status": 400])
            #expect(try await machine.call("try", [name]) == ["ok": false, "error": ["status": 400]])
        }
    }

    @Test(
        "table functions do what liblua's do",
        arguments: [
            ("local t = {1,2,3} table.insert(t, 4) table.insert(t, 1, 0) return t", [0, 1, 2, 3, 4]),
            ("local t = {1,2,3} return { table.remove(t, 1), table.remove(t), table.remove(t), table.remove(t) == nil }", [1, 3, 2, true]),
            ("return { table.concat({1,'a',2.5}, '-'), table.concat({}), table.concat({1,2,3}, ',', 2, 3) }", ["1-a-2.5", "", "2,3"]),
            ("return table.move({1,2,3}, 1, 3, 2)", [1, 1, 2, 3]),
            ("return table.move({1,2,3}, 2, 3, 1)", [2, 3, 3]),
            ("return table.move({1,2}, 1, 2, 2, {9})", [9, 1, 2]),
            ("local t = {3,1,2} table.sort(t) return t", [1, 2, 3]),
            ("local t = {'b','a'} table.sort(t, function(a, b) return a > b end) return t", ["b", "a"]),
            ("local t = {} for i = 1, 5000 do t[i] = 5001 - i end table.sort(t) return { t[1], t[5000] }", [1, 5000]),
            ("return { table.unpack({1,2,3}, 2) }", [2, 3]),
            ("return { select('#', table.unpack({}, 1, 3)), table.pack(1, nil).n }", [3, 2]),
            ("return { ('ab'):rep(3, '-'), ('x'):rep(0), ('x'):rep(1, 'sep'), ('ab'):rep(2) }", ["ab-ab-ab", "", "x", "abab"]),
            ("return { ('A'):byte(), tonumber('0x10'), tonumber('z', 36), tonumber('x') == nil }", [65, 16, 35, true]),
            ("return { utf8.len('äö'), utf8.offset('äö', 2), utf8.codepoint('ä'), utf8.char(228) }", [2, 3, 228, "ä"]),
            ("local t = {} for p, c in utf8.codes('aé') do t[#t + 1] = p t[#t + 1] = c end return t", [1, 97, 2, 233]),
        ] as [(String, LuaValue)]
    )
    func libraries(_ body: String, _ expected: LuaValue) async throws {
        #expect(try await evaluate(body) == expected)
    }

    @Test(
        "their mistakes are named as the script wrote them",
        arguments: [
            ("table.insert({}, 5, 1)", "bad argument #2 to 'insert' (position out of bounds)"),
            ("table.remove({1}, 5)", "bad argument #2 to 'remove' (position out of bounds)"),
            ("table.concat({{}})", "invalid value (at index 1) in table for 'concat'"),
            ("utf8.len(nil)", "bad argument #1 to 'len' (string expected, got nil)"),
            ("tonumber()", "bad argument #1 to 'tonumber' (value expected)"),
            ("for p in utf8.codes('a\\xff') do end", "invalid UTF-8 code"),
            ("('x'):rep(1e9)", "resulting string too large"),
        ]
    )
    func mistakes(_ body: String, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate(body) })
        #expect(error.message == "test/init.lua:1: " + message)
    }
}
