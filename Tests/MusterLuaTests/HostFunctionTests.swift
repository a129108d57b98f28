import MusterLua
import Testing

@Suite struct HostFunctionTests {
    struct Refused: Error, CustomStringConvertible {
        var description: String { "connection refused" }
    }

    /// Functions of a small outside world. `net.get` waits until it is let go.
    static func host(gate: Gate = Gate(isOpen: true)) -> HostFunctions {
        var host = HostFunctions(phaseNames: [1: "map", 2: "check", 4: "on"])
        host.sync("host", "add") { _, args in [.integer((args[0].integer ?? 0) + (args[1].integer ?? 0)), "second"] }
        host.sync("host", "fail") { _, _ in throw Refused() }
        host.sync("host", "raise") { _, args in throw HostFunctionError(args[0]) }
        host.sync("host", "echo") { _, args in args }
        host.sync("host", "only_on", phases: 4 | 2) { _, _ in [] }
        host.async("net", "get") { _, args in
            try await gate.pass()
            return [.string("got \(args[0].string ?? "?")")]
        }
        host.async("net", "fail") { _, _ in throw Refused() }
        return host
    }

    @Test("a synchronous function takes arguments and gives results")
    func sync() async throws {
        #expect(try await evaluate("return { host.add(1, 2) }", host: Self.host()) == [3, "second"])
        #expect(try await evaluate("return { host.echo(1, nil, {}) }", host: Self.host()) == [1, .null, .empty])
    }

    @Test(
        "an error is raised with the script's line, and pcall catches it",
        arguments: [
            ("host.fail()", "test/init.lua:1: connection refused"),
            ("net.fail()", "test/init.lua:1: net.fail: connection refused"),
            ("host.raise('why')", "test/init.lua:1: why"),
        ]
    )
    func raised(_ call: String, _ message: String) async throws {
        let error = try #require(await luaError { try await evaluate(call, host: Self.host()) })
        #expect(error.kind == .runtime && error.message == message && error.file == "test/init.lua" && error.line == 1)
        #expect(try await evaluate("return select(2, pcall(function() \(call) end))", host: Self.host()) == .string(message))
    }

    @Test("an error value that is a table arrives as it is, in pcall and outside")
    func raisedTable() async throws {
        #expect(try await evaluate("local ok, e = pcall(host.raise, { status = 404 }) return e.status", host: Self.host()) == 404)
        let error = await luaError { try await evaluate("host.raise { status = 404, message = 'gone' }", host: Self.host()) }
        #expect(error?.value == ["status": 404, "message": "gone"] && error?.message == "gone")
    }

    @Test("10,000 errors thrown by Swift inside pcall leave the state as it was")
    func manyThrows() async throws {
        let machine = try await machine(
            "return function() local n = 0 for i = 1, 10000 do if not pcall(host.fail) then n = n + 1 end end return n end",
            host: Self.host()
        )
        #expect(try await machine.call(nil, [], cpu: .seconds(5)) == 10_000)
        #expect(try await machine.call(nil, [], cpu: .seconds(5)) == 10_000)
    }

    @Test("an argument that cannot cross is named with function and place")
    func badArgument() async throws {
        let error = await luaError { try await evaluate("host.echo(1, { a = { type } })", host: Self.host()) }
        #expect(error?.message == "test/init.lua:1: cannot convert a function at a[1] of argument 2 of host.echo")
    }

    @Test(
        "a script can wait wherever Lua lets it",
        arguments: [
            ("return net.get('a')", "got a"),
            ("return select(2, pcall(net.get, 'a'))", "got a"),
            ("return select(2, xpcall(net.get, type, 'a'))", "got a"),
            ("for v in function(_, last) if not last then return net.get('i') end end do return v end", "got i"),
            ("return setmetatable({}, { __index = function(_, k) return net.get(k) end }).key", "got key"),
            ("return coroutine.wrap(function() return net.get('c') end)()", "got c"),
            (
                """
                local function nest(n) if n == 0 then return net.get('deep') end return coroutine.wrap(nest)(n - 1) end
                return nest(3)
                """, "got deep"
            ),
            (
                """
                local co = coroutine.create(function() local a = net.get('1') local b = coroutine.yield(a) return b .. net.get('2') end)
                local _, first = coroutine.resume(co)
                local _, second = coroutine.resume(co, first .. ',')
                return second .. ',' .. coroutine.status(co)
                """, "got 1,got 2,dead"
            ),
        ] as [(String, LuaValue)]
    )
    func waits(_ body: String, _ expected: LuaValue) async throws {
        #expect(try await evaluate(body, host: Self.host()) == expected)
    }

    @Test(
        "where it cannot, the call is refused before it begins",
        arguments: [
            ("table.sort({ 2, 1 }, function() net.get('x') end)"),
            ("('x'):gsub('x', function() net.get('x') end)"),
            ("coroutine.wrap(function() table.sort({ 2, 1 }, coroutine.wrap(function() net.get('x') end)) end)()"),
        ]
    )
    func cannotWait(_ body: String) async throws {
        let error = await luaError { try await evaluate(body, host: Self.host()) }
        let expected = "net.get cannot wait here (inside a table.sort comparator, a string.gsub callback or require)"
        #expect(error?.message.hasSuffix(expected) == true, "\(String(describing: error))")
    }

    @Test("nor while the script is loaded")
    func cannotWaitWhileLoading() async throws {
        let error = await luaError { try await machine("net.get('x')", host: Self.host()) }
        #expect(error?.message == "test/init.lua:1: net.get cannot be called while the script is loaded, only in a hook")
    }

    @Test("a function outside its phases is refused by name", arguments: [(1, "map"), (8, "8"), (0, "load")])
    func phases(_ phase: UInt32, _ name: String) async throws {
        let machine = try await machine("return function() host.only_on() return 'called' end", host: Self.host())
        #expect(try await machine.call(nil, [], phase: 4) == "called")
        #expect(try await machine.call(nil, [], phase: 2) == "called")
        let error = await luaError { try await machine.call(nil, [], phase: phase) }
        #expect(error?.message == "test/init.lua:1: host.only_on cannot be called in phase \(name) (only in: check, on)")
    }

    @Test("many runs wait on one state at the same time, and each gets its own answer")
    func overlap() async throws {
        let gate = Gate(isOpen: false)
        let machine = try await machine("return function(k) return k .. ' ' .. net.get(k) end", host: Self.host(gate: gate))
        try await withThrowingTaskGroup(of: (String, LuaValue?).self) { group in
            for index in 0..<200 {
                group.addTask { ("k\(index)", try await machine.call(nil, [.string("k\(index)")])) }
            }
            await gate.wait(for: 200)
            gate.open()
            for try await (key, value) in group { #expect(value == .string("\(key) got \(key)")) }
        }
    }

    @Test("a run that waits cannot be resumed by another one that has kept its coroutine")
    func foreignResume() async throws {
        let gate = Gate(isOpen: false)
        let machine = try await machine(
            """
            local outer, inner
            return {
              wait = function()
                outer = coroutine.running()
                inner = coroutine.create(function() return net.get('x') end)
                return { coroutine.resume(inner) }
              end,
              disturb = function() return { select(2, coroutine.resume(outer)), select(2, coroutine.resume(inner)) } end,
            }
            """,
            host: Self.host(gate: gate)
        )
        async let waiting = machine.call("wait", [])
        await gate.wait(for: 1)
        let refusal: LuaValue = "cannot resume a coroutine that waits for the host"
        #expect(try await machine.call("disturb", []) == [refusal, refusal])
        gate.open()
        #expect(try await waiting == [true, "got x"])
        #expect(try await machine.call("disturb", []) == ["cannot resume non-suspended coroutine", "cannot resume dead coroutine"])
    }

    @Test("a caller that gives up ends its run, and the machine goes on")
    func cancel() async throws {
        let gate = Gate(isOpen: false)
        let machine = try await machine("return function(k) return net.get(k) end", host: Self.host(gate: gate))
        let call = Task { try await machine.call(nil, ["x"]) }
        await gate.wait(for: 1)
        call.cancel()
        #expect(await luaError { try await call.value }?.kind == .cancelled)
        gate.open()
        #expect(try await machine.call(nil, ["y"]) == "got y")
    }

    @Test("the deadline ends a run that waits for something that never comes, and says where")
    func deadline() async throws {
        let gate = Gate(isOpen: false)
        let machine = try await machine("return function(k)\n return net.get(k)\nend", host: Self.host(gate: gate))
        // On a busy machine a short deadline may pass before the run begins at all; then a longer one shows it.
        var wall = Duration.milliseconds(30)
        var error = try #require(await luaError { try await machine.call(nil, ["x"], wall: wall) })
        while error.message.hasPrefix("no turn"), wall < .seconds(60) {
            wall *= 4
            error = try #require(await luaError { try await machine.call(nil, ["x"], wall: wall) })
        }
        #expect(error.kind == .timeout && error.file == "test/init.lua" && error.line == 2)
        #expect(error.message == "not finished within \(wall): still waiting for net.get")
        gate.open()
        #expect(try await machine.call(nil, ["y"]) == "got y")
    }

    @Test("a call whose deadline has passed before its turn does not begin")
    func noTurn() async throws {
        let machine = try await machine("return function() return 1 end")
        #expect(await luaError { try await machine.call(nil, [], wall: .zero) }?.kind == .timeout)
    }

    @Test("the CPU budget counts all slices of a run, and no other run's")
    func budgetOverSlices() async throws {
        let machine = try await machine(
            """
            local function work() local s = 0 for i = 1, 20000 do s = s + i % 7 end end
            return { hungry = function() while true do work() net.get('x') end end, modest = function() work() return net.get('x') end }
            """,
            host: Self.host()
        )
        async let hungry = luaError { try await machine.call("hungry", [], cpu: .milliseconds(50), wall: .seconds(300)) }
        for _ in 0..<5 { #expect(try await machine.call("modest", [], cpu: .milliseconds(50), wall: .seconds(300)) == "got x") }
        #expect(await hungry?.kind == .cpu)
    }

    @Test("too many host functions, or a name twice as long as any, are refused")
    func registration() async throws {
        var host = HostFunctions()
        for index in 0..<HostFunctions.maximumCount { host.sync("host", "f\(index)") { _, _ in [.integer(Int64(index))] } }
        #expect(try await evaluate("return host.f255()", host: host) == 255)
        host.sync("host", "one_more") { _, _ in [] }
        #expect(await luaError { try await evaluate("return 1", host: host) }?.kind == .misuse)
        var long = HostFunctions()
        long.sync("host", String(repeating: "x", count: 64)) { _, _ in [] }
        #expect(await luaError { try await evaluate("return 1", host: long) }?.kind == .misuse)
    }
}
