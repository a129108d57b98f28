import MusterLua
import Testing

@Suite struct LoadingTests {
    static let modules = [
        LuaModule(name: "lib.text", file: "test/lib/text.lua", source: "return { name = ..., upper = string.upper }"),
        LuaModule(name: "counter", file: "test/counter.lua", source: "local n = 0 return function() n = n + 1 return n end"),
        LuaModule(name: "silent", file: "test/silent.lua", source: "local x = 1"),
        LuaModule(name: "a", file: "test/a.lua", source: "return require 'b'"),
        LuaModule(name: "b", file: "test/b.lua", source: "return require 'a'"),
        LuaModule(name: "bad", file: "test/bad.lua", source: "local x =\n= 1"),
        LuaModule(name: "binary", file: "test/binary.lua", source: "\u{1B}Lua"),
        LuaModule(name: "failing", file: "test/failing.lua", source: "\nerror('not today')"),
    ]

    func run(_ body: String) async throws -> LuaValue? {
        try await machine("return function() \(body) end", modules: Self.modules).call(nil, [])
    }

    @Test("require gives the modules of the script, each loaded once")
    func require() async throws {
        #expect(try await run("local t = require 'lib.text' return { t.name, t.upper('x') }") == ["lib.text", "X"])
        #expect(try await run("require 'counter' () return require 'counter' ()") == 2)
        #expect(try await run("return { require 'silent', require 'silent' }") == [true, true])
    }

    @Test(
        "and nothing else",
        arguments: [
            ("require 'io'", "test/init.lua:1: module 'io' not found in this plugin"),
            ("require '../../etc/passwd'", "test/init.lua:1: module '../../etc/passwd' not found in this plugin"),
            ("require 'a'", "loop in require('a')"),
            ("require 'bad'", "test/bad.lua:2: unexpected symbol near '='"),
            ("require 'binary'", "attempt to load a binary chunk (mode is 't')"),
            ("require 'failing'", "test/failing.lua:2: not today"),
            ("pcall(require, 'failing') require 'failing'", "test/failing.lua:2: not today"),
        ]
    )
    func refused(_ body: String, _ message: String) async throws {
        let error = try #require(await luaError { try await run(body) })
        #expect(error.kind == .runtime && error.message.hasSuffix(message), "\(error)")
    }

    @Test("without a prelude, functions of the table that the script returned are called by name")
    func entryTable() async throws {
        let machine = try await machine("return { double = function(n) return 2 * n end, text = 'x' }")
        #expect(try await machine.call("double", [21]) == 42)
        #expect(await luaError { try await machine.call("text", []) }?.message == "there is no function 'text' to call")
        #expect(await luaError { try await machine.call("absent", []) }?.message == "there is no function 'absent' to call")
        #expect(await luaError { try await machine.call(nil, []) }?.message == "the script returned no function to call")
    }

    @Test("a script that returns nothing has nothing to call")
    func nothing() async throws {
        let machine = try await machine("local x = 1")
        #expect(await luaError { try await machine.call("x", []) }?.message == "the script returned no table of functions")
        #expect(await luaError { try await machine.call(nil, []) }?.message == "the script returned no function to call")
    }

    @Test("a byte order mark at the beginning is skipped")
    func byteOrderMark() async throws {
        #expect(try await machine("\u{FEFF}return function() return 1 end").call(nil, []) == 1)
    }

    @Test("preludes define what scripts see, the later one extends the first")
    func preludes() async throws {
        let source = "local driver, parts = ... parts.G.extra = 7 function driver.more() return extra end"
        let second = LuaPrelude(name: "second", source: source)
        let machine = try await machine("return { f = function() return extra end }", preludes: [testPrelude, second])
        #expect(try await machine.call("run", ["f"]) == 7)
        #expect(try await machine.call("more", []) == 7)
    }

    @Test(
        "a prelude that fails says so under its own name",
        arguments: [
            ("error('broken')", LuaError.Kind.runtime, "[p]:1: broken"), ("return 1", .runtime, "[p] must return its driver, a table"),
            ("return {", .syntax, "[p]:1: unexpected symbol near <eof>"),
            ("return undefinedName", .runtime, "[p]:1: undefined global 'undefinedName'"),
        ]
    )
    func badPrelude(_ source: String, _ kind: LuaError.Kind, _ message: String) async throws {
        let error = try #require(await luaError { try await machine("", preludes: [LuaPrelude(name: "p", source: source)]) })
        #expect(error.kind == kind && error.message == message)
    }

    @Test("a prelude after the script is refused, a second script takes the place of the first")
    func order() throws {
        let state = try LuaState(name: "test")
        try state.load(file: "one.lua", source: "return function() return 1 end")
        #expect(throws: LuaError.self) { try state.prelude(testPrelude) }
        try state.load(file: "two.lua", source: "return function() return 2 end")
        guard case .done(let value) = try state.start(nil, []) else { return }
        #expect(value == 2)
    }

    @Test("loading has a budget of its own")
    func loadBudget() async throws {
        let limits = LuaLimits(cpu: .milliseconds(1), loadCPU: .milliseconds(100))
        let source = "local s = 0 for i = 1, 200000 do s = s + i end return function() while true do end end"
        let loaded = try await machine(source, limits: limits)
        #expect(await luaError { try await loaded.call(nil, []) }?.kind == .cpu)
        #expect(await luaError { try await machine("while true do end", limits: limits) }?.kind == .cpu)
    }
}
