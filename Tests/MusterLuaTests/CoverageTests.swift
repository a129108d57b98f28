import MusterLua
import Testing

@Suite struct CoverageTests {
    static let source = """
        local function sign(n)
          if n < 0 then
            return "negative"
          end
          return "other"
        end

        return {
          sign = function(n)
            return sign(n)
          end,
        }
        """

    @Test("the lines that ran are counted, from loading on, in modules and coroutines too")
    func hits() async throws {
        let module = LuaModule(name: "m", file: "test/m.lua", source: "return function()\n  return 1\nend")
        let source = Self.source + "\n-- the end"
        let machine = try await machine(source, modules: [module], recordsCoverage: true)
        for _ in 0..<3 { _ = try await machine.call("sign", [1]) }
        let hits = try #require(await machine.coverage().hits["test/init.lua"])
        #expect(hits[2] == 3 && hits[3] == nil && hits[5] == 3 && hits[10] == 3)
        #expect(hits[6] != nil && hits[8] != nil)
        let executable = try #require(LuaCoverage.executable(file: "test/init.lua", source: source))
        #expect(Set(hits.keys).isSubset(of: executable.lines))

        let other = try await machineWithModule(module)
        _ = try await other.call(nil, [])
        #expect(await other.coverage().hits["test/m.lua"]?[2] == 2)
    }

    func machineWithModule(_ module: LuaModule) async throws -> LuaMachine {
        try await machine(
            "return function() require('m')() return coroutine.wrap(require('m'))() end",
            modules: [module],
            recordsCoverage: true
        )
    }

    @Test("each way of a branch is counted, on one line too: conditions, and/or, loops, through metamethods and coroutines")
    func branches() async throws {
        let source = """
            local function sign(n) if n < 0 then return "-" end return "+" end
            local equal = setmetatable({}, { __eq = function(a, b) return sign(1) == "+" end })
            return function(count)
              local size = count > 2 and "big" or "small"
              for i = 1, count do if i == 3 then break end end
              for _, v in ipairs { 1, 2 } do size = size .. v end
              local same = size == "x"
              if equal == setmetatable({}, getmetatable(equal)) then
                return coroutine.wrap(function() if count > 9 then coroutine.yield(1) end return same end)()
              end
            end
            """
        let machine = try await machine(source, recordsCoverage: true)
        for count in [1, 3] { _ = try await machine.call(nil, [.integer(Int64(count))]) }
        let found = try #require(LuaCoverage.executable(file: "test/init.lua", source: source))
        let ways = try #require(await machine.coverage().files["test/init.lua"])
        func taken(_ line: Int) -> [[UInt64]] {
            found.branches.filter { $0.line == line }.map { ways.branches[$0.branch].map { [$0.straight, $0.other] } ?? [] }
        }
        #expect(taken(1) == [[0, 2]])
        #expect(taken(4) == [[1, 1]], "and not whether the text \"big\" is true")
        #expect(taken(5) == [[4, 1], [3, 1]], "the loop's turn, and its condition")
        #expect(taken(6) == [[4, 2]])
        #expect(taken(7).isEmpty, "a comparison that only makes a value")
        #expect(taken(8) == [[2, 0]])
        #expect(taken(9) == [[0, 2]])
        #expect(ways.calls[3...11] == 2 && ways.calls[1...1] == 2)
        #expect(found.ambiguousFunctions.isEmpty)
        let twins = try #require(LuaCoverage.executable(file: "t.lua", source: "return { function() end, function() end }"))
        #expect(twins.ambiguousFunctions == [1...1])
    }

    @Test("a test of what was written right before has one way only, and is no branch; one that a loop comes back to is")
    func constants() throws {
        func lines(_ text: String) throws -> [Int] {
            try #require(LuaCoverage.executable(file: "t.lua", source: text)).branches.map(\.line)
        }
        #expect(try lines("local x = ...\nlocal a = x and 'a' or 'b'") == [2])
        #expect(try lines("local x = ...\nlocal a = x and 1 or {}") == [2])
        #expect(try lines("local x = ...\nlocal a = x and { a = x.y, x } or {}") == [2])
        #expect(try lines("local x = ...\nlocal a = x and function() end or print") == [2])
        #expect(try lines("local found = false\nwhile not found do\n found = f()\nend") == [2])
        #expect(try lines("local x = f()\nx.y = 1\nif x then f() end") == [3])
    }

    @Test("what several machines have run is added up")
    func merging() async throws {
        var sum = LuaCoverage()
        for number in [-1, 1, 2] {
            let machine = try await machine(Self.source, recordsCoverage: true)
            _ = try await machine.call("sign", [.integer(Int64(number))])
            sum.merge(await machine.coverage())
        }
        let file = try #require(sum.files["test/init.lua"])
        #expect(file.lines[2] == 3 && file.lines[3] == 1 && file.lines[5] == 2)
        #expect(file.calls[1...6] == 3)
        #expect(file.branches.values.map { [$0.straight, $0.other] } == [[1, 2]])
    }

    @Test("a script is stopped in time while it is counted")
    func limits() async throws {
        let machine = try await machine("return function() while true do end end", recordsCoverage: true)
        await #expect { _ = try await machine.call(nil, [], cpu: .milliseconds(20)) } throws: { ($0 as? LuaError)?.kind == .cpu }
        #expect(await machine.coverage().files["test/init.lua"]?.calls[1...1] == 1)
    }

    @Test("nothing is counted unless asked for")
    func off() async throws {
        let machine = try await machine(Self.source)
        _ = try await machine.call("sign", [1])
        #expect(await machine.coverage().hits.isEmpty)
    }

    @Test("the executable lines are those of the compiler")
    func executableLines() throws {
        let found = try #require(LuaCoverage.executable(file: "test/init.lua", source: Self.source))
        #expect(found.lines == [2, 3, 5, 6, 8, 10, 11, 12])
        #expect(Set(found.functions) == [0...0, 1...6, 9...11])
        #expect(LuaCoverage.executable(file: "bad.lua", source: "return return") == nil)
        let long = (1...3000).map { "local x\($0 % 150) = \($0)" }.chunked(by: 150).map { "do\n" + $0.joined(separator: "\n") + "\nend" }
        let lines = try #require(LuaCoverage.executable(file: "long.lua", source: long.joined(separator: "\n"))).lines
        #expect(lines.count == 3000)
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
