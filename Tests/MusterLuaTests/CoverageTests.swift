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
        let executable = try #require(LuaCoverage.executableLines(file: "test/init.lua", source: source))
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

    @Test("nothing is counted unless asked for")
    func off() async throws {
        let machine = try await machine(Self.source)
        _ = try await machine.call("sign", [1])
        #expect(await machine.coverage().hits.isEmpty)
    }

    @Test("the executable lines are those of the compiler")
    func executableLines() throws {
        let found = try #require(LuaCoverage.executableLines(file: "test/init.lua", source: Self.source))
        #expect(found.lines == [2, 3, 5, 6, 8, 10, 11, 12])
        #expect(Set(found.functions) == [0...0, 1...6, 9...11])
        #expect(LuaCoverage.executableLines(file: "bad.lua", source: "return return") == nil)
        let long = (1...3000).map { "local x\($0 % 150) = \($0)" }.chunked(by: 150).map { "do\n" + $0.joined(separator: "\n") + "\nend" }
        let lines = try #require(LuaCoverage.executableLines(file: "long.lua", source: long.joined(separator: "\n"))).lines
        #expect(lines.count == 3000)
    }
}

extension Array {
    fileprivate func chunked(by size: Int) -> [[Element]] {
        stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
    }
}
