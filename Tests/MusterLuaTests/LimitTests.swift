import MusterLua
import Testing

@Suite struct LimitTests {
    @Test("a call brings its own CPU budget")
    func cpuPerCall() async throws {
        let machine = try await machine("return function() while true do end end")
        let error = try #require(await luaError { try await machine.call(nil, [], cpu: .milliseconds(20)) })
        #expect(error.kind == .cpu && error.message == "CPU time limit exceeded" && error.line == 1)
        let spent = try #require(await machine.statistics).lastRunCPU
        #expect(spent >= .milliseconds(20) && spent < .milliseconds(150))
    }

    @Test("memory and block limits say which of them it was")
    func memory() async throws {
        let limits = LuaLimits(memoryBytes: 1 << 20, blockBytes: 256 << 10)
        let block = await luaError { try await evaluate("local s = 'x' while true do s = s .. s end", limits: limits) }
        #expect(block?.kind == .memory)
        #expect(block?.message.hasPrefix("not enough memory: one string, table or call stack") == true)
        let heap = await luaError {
            try await evaluate("local t = {} for i = 1, 1e6 do t = { t, ('x'):rep(1000) .. i } end", limits: limits)
        }
        #expect(heap?.kind == .memory && heap?.message == "not enough memory: the limit is 1048576 bytes")
    }

    @Test("a run that was stopped leaves nothing behind", arguments: ["t[#t + 1] = {}", "t[#t % 1000 + 1] = ('x'):rep(1000) .. #t"])
    func garbage(_ body: String) async throws {
        let machine = try await machine("return { f = function() local t = {} while true do \(body) end end }")
        let fresh = try #require(await machine.statistics).usedBytes
        let error = await luaError { try await machine.call("f", []) }
        #expect(error?.kind == .memory || error?.kind == .cpu)
        let statistics = try #require(await machine.statistics)
        #expect(statistics.peakBytes > fresh + (256 << 10))
        #expect(statistics.usedBytes < fresh + (64 << 10))
    }

    @Test("a script that catches the end of its memory goes on, and so does the machine")
    func memoryCaught() async throws {
        let limits = LuaLimits(memoryBytes: 1 << 20)
        let body = "local ok, e = pcall(function() local t = {} while true do t = { t } end end) return { ok, e }"
        #expect(try await evaluate(body, limits: limits) == [false, "not enough memory"])
    }

    @Test("endless recursion ends", arguments: ["return f() + 1", "return pcall(f)", "return (coroutine.wrap(f)())"])
    func recursion(_ body: String) async throws {
        let machine = try await machine("local function f() \(body) end return { f = f, ok = function() return 1 end }")
        _ = try? await machine.call("f", [])
        #expect(try await machine.call("ok", []) == 1)
    }

    @Test("from no memory to enough of it, a machine opens or says that it cannot")
    func memorySweep() async throws {
        let source = """
            local C = {} C.__index = C
            return { f = function(v)
              local co = coroutine.wrap(function() coroutine.yield(pcall(host.fail)) return net.get('x') end)
              co()
              local t = setmetatable({ co() }, C)
              xpcall(error, function(e) return debug.traceback(e) end, ('boom'):rep(20))
              return { t = { t[1] }, s = ('a b'):gsub('%a', string.upper), v = v }
            end }
            """
        var endings: [String: Int] = [:]
        for memoryBytes in stride(from: 4 << 10, to: 96 << 10, by: 217) {
            do {
                let machine = try await machine(
                    source, limits: LuaLimits(memoryBytes: memoryBytes), host: HostFunctionTests.host(), preludes: [testPrelude]
                )
                for _ in 0..<2 { _ = try await machine.call("run", ["f", ["a": [1, 2, ["b": "c"]]]]) }
                endings["well", default: 0] += 1
            } catch let error as LuaError {
                // Memory may run out while arguments are decoded or inside pcall too, which makes it an error of the script.
                endings["\(error.kind)", default: 0] += 1
            }
        }
        #expect(endings["memory", default: 0] > 50)
        #expect(endings["well", default: 0] > 50)
    }

    @Test("10,000 calls, failing ones among them, leave the heap as it was")
    func flat() async throws {
        let machine = try await machine(
            """
            return function(v)
              if v.n % 10 == 0 then error({ message = 'tenth' }) end
              if v.n % 10 == 1 then return net.get('x') end
              if v.n % 10 == 2 then return coroutine.wrap(function() return v end)() end
              return setmetatable({ v = v }, { __len = function() return 1 end })
            end
            """,
            host: HostFunctionTests.host()
        )
        func calls(_ range: Range<Int>) async throws -> Int {
            for n in range { _ = try? await machine.call(nil, [["n": .integer(Int64(n)), "list": [1, 2, 3]]]) }
            await machine.collect()
            return try #require(await machine.statistics).usedBytes
        }
        let before = try await calls(0..<500)
        let after = try await calls(500..<10_000)
        #expect(abs(after - before) < 4096, "\(before) then \(after)")
    }
}
