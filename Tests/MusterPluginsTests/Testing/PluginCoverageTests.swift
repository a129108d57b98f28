import Foundation
import SCIM
import Testing

@testable import MusterPlugins

@Suite("Coverage of plugins") struct PluginCoverageTests {
    static let lua = """
        local text = require "lib.text"
        local plugin = {}
        local function unused(a) return a < 1 end
        function plugin.onCreate(ctx)
          if ctx.user.active then
            ctx.skip(text.of(ctx.user.title))
          end
          for _, email in ipairs(ctx.user.emails or {}) do
            ctx.fail { reason = email.value }
          end
        end
        return plugin
        """
    static let library = """
        local text = {}
        function text.of(title) if title then return "<" .. title .. ">" end return "&" end
        return text
        """
    static let specs = [
        "a":
            "it('skips', function() expect(test.run('onCreate', { user = { id = 'u', active = true, title = 't' } }).outcome).equals('skip') end)",
        "b": "it('skips too', function() test.run('onCreate', { user = { id = 'u', active = true } }) end)",
    ]

    private func report() async throws -> PluginTestReport {
        var bench = try SpecBench(Self.specs, lua: Self.lua, files: ["lib/text.lua": Self.library])
        bench.runner.recordsCoverage = true
        return try await bench.run()
    }

    @Test("lines and both ways of branches are counted over all spec files, in lib/ too, and specs are not")
    func counting() async throws {
        let report = try await report()
        #expect(report.isSuccess, "\(report.results.map(\.text))")
        let coverage = try #require(report.coverage)
        #expect(coverage.files.map(\.name) == ["probe/init.lua", "probe/lib/text.lua"] && coverage.plugins == ["probe"])
        let (entry, library) = (coverage.files[0], coverage.files[1])
        #expect(entry.uncoveredLines == [8, 9, 10] && entry.lines[5] == 2)
        #expect(entry.functions.map(\.name) == ["unused", "plugin.onCreate"] && entry.functions.map(\.calls) == [0, 2])
        #expect(entry.partialBranches.map(\.line) == [5] && entry.partialBranches.first?.ways.map(\.count) == [2, 0])
        #expect(library.branchShare == .init(covered: 2, total: 2) && library.lineShare.percent == 100)
        #expect(report.plugins(below: 60) == [] && report.plugins(below: 95) == ["probe"])
        #expect(report.exitCode(minimum: 60) == 0 && report.exitCode(minimum: 95) == 2 && report.exitCode(minimum: nil) == 0)
        #expect(report.document["coverage"]?.array?[1]["linesCovered"]?.integer == report.document["coverage"]?.array?[1]["lines"]?.integer)
    }

    @Test("a plugin without specs has 0 %, whether or not its code compiles")
    func withoutSpecs() async throws {
        var bench = try SpecBench(Self.specs, lua: Self.lua, files: ["lib/text.lua": Self.library])
        try bench.plugins.add("bare", lua: "local plugin = {}\nreturn plugin")
        try bench.plugins.add("broken", lua: "return {")
        bench.runner.recordsCoverage = true
        let report = try await bench.run()
        #expect(report.isSuccess && report.coverage?.plugins == ["bare", "broken", "probe"])
        #expect(report.coverage?.lines(of: "bare") == .init(covered: 0, total: 2) && report.coverage?.lines(of: "broken").percent == 0)
        #expect(report.plugins(below: 60) == ["bare", "broken"] && report.exitCode(minimum: 60) == 2)
        let one = try await bench.runner.run(plugins: ["probe"])
        #expect(one.plugins(below: 60).isEmpty)
    }

    @Test("nothing is recorded unless asked for")
    func off() async throws {
        #expect(try await SpecBench(Self.specs, lua: Self.lua, files: ["lib/text.lua": Self.library]).run().coverage == nil)
    }

    @Test("what ran before a spec had to be stopped counts")
    func stopped() async throws {
        var bench = try SpecBench(
            ["a": "it('loops', function() test.run('onCreate', { user = { id = 'u' } }) end)\nit('goes on', function() end)"],
            lua: "return {\n  onCreate = function(ctx)\n    while true do end\n  end,\n}")
        bench.runner.recordsCoverage = true
        bench.runner.limits.cpu = .milliseconds(10)
        let report = try await bench.run()
        #expect(report.results.map(\.outcome) == [.failed, .passed])
        #expect(report.coverage?.files.first?.lines[3] ?? 0 > 0)
    }

    @Test("the table gives shares rounded down, ranges of lines, and branches by where they lead")
    func table() async throws {
        let lines = CoverageTable(try #require(try await report().coverage)).lines
        #expect(lines.count == 4)
        #expect(lines[0].split(separator: " ") == ["COVERAGE", "LINES", "BRANCHES", "NOT", "COVERED"])
        #expect(lines[1].hasPrefix("probe/init.lua") && lines[1].hasSuffix("8-10; branches 5→8"))
        #expect(lines[2].contains("100.0 %") && lines[3].hasSuffix("(all files)"))
        #expect(CoverageTable.percent(94.99) == "94.9 %" && CoverageTable.percent(100) == "100.0 %")
        #expect(CoverageTable.ranges([1, 2, 3, 7, 9, 10]) == ["1-3", "7", "9-10"])
    }

    @Test("branches of functions that share a line are not counted, and the table says so")
    func ambiguous() async throws {
        var bench = try SpecBench(
            ["a": "it('x', function() end)"],
            lua: "return { onCreate = function(c) if c then c.skip() end end, onUpdate = function(c) if c then c.skip() end end }")
        bench.runner.recordsCoverage = true
        let coverage = try #require(try await bench.run().coverage)
        #expect(coverage.files[0].branches.isEmpty && coverage.files[0].uncountedLines == [1])
        #expect(CoverageTable(coverage).lines[1].hasSuffix("branches not counted 1"))
    }

    @Test("LCOV's tracefile has each record in order, with sums that agree")
    func lcov() async throws {
        let text = CoverageLCOV(try #require(try await report().coverage), folder: "Plugins").text
        let records = text.components(separatedBy: "end_of_record\n")
        #expect(records.count == 3 && records[2].isEmpty)
        let lines = records[0].split(separator: "\n").map(String.init)
        #expect(lines.prefix(4) == ["TN:", "SF:Plugins/probe/init.lua", "FN:3,unused", "FN:4,plugin.onCreate"])
        #expect(lines.contains("FNDA:2,plugin.onCreate") && lines.contains("FNF:2") && lines.contains("FNH:1"))
        #expect(lines.contains("BRDA:5,0,0,2") && lines.contains("BRDA:5,0,1,0"))
        #expect(lines.contains { $0.hasPrefix("BRDA:8,") && $0.hasSuffix(",-") }, "a branch that was never reached")
        let data = lines.filter { $0.hasPrefix("DA:") }
        #expect(lines.contains("LF:\(data.count)") && lines.contains("LH:\(data.count { !$0.hasSuffix(",0") })"))
        let branches = lines.filter { $0.hasPrefix("BRDA:") }
        #expect(lines.contains("BRF:\(branches.count)"))
    }

    @Test("each page stands alone and shows the source as text")
    func html() async throws {
        let pages = CoverageHTML(try #require(try await report().coverage)).pages
        #expect(pages.map(\.name) == ["index.html", "probe_init.lua.html", "probe_lib_text.lua.html"])
        #expect(pages[0].text.contains("<a href=\"probe_init.lua.html\">probe/init.lua</a>"))
        #expect(pages[1].text.contains("<tr class=\"miss\" id=\"L9\"") && pages[1].text.contains("<td>2×</td>"))
        #expect(pages[1].text.contains("<tr class=\"part\" id=\"L5\" title=\"line 8 was never reached from here\">"))
        #expect(pages[2].text.contains("return &quot;&lt;&quot; .. title") && !pages[2].text.contains("\"<\""))
        #expect(pages.allSatisfy { !$0.text.contains("src=") && $0.text.hasPrefix("<!DOCTYPE html>") })
    }
}
