import Testing

@testable import MusterPlugins

@Suite("Spec files") struct SpecStructureTests {
    @Test("before_each and after_each run from the outside in, and back, also when the spec fails; pending may come later")
    func hooks() async throws {
        let bench = try SpecBench([
            "probe": """
            local trace = {}
            before_each(function() trace[#trace + 1] = "b0" end)
            after_each(function() trace[#trace + 1] = "a0" end)
            describe("outer", function()
              before_each(function() trace[#trace + 1] = "b1" end)
              after_each(function() trace[#trace + 1] = "a1" end)
              describe("inner", function()
                after_each(function() trace[#trace + 1] = "a2" end)
                it("fails", function() trace[#trace + 1] = "s" error("on purpose") end)
              end)
              it("waits", function() trace[#trace + 1] = "s" pending("the service is not there yet") end)
            end)
            it("saw it all", function()
              expect(table.concat(trace, " ")).equals("b0 b1 s a2 a1 a0 b0 b1 s a1 a0 b0")
            end)
            describe("after", function()
              after_each(function() error("left a mess", 0) end)
              it("is clean", function() end)
            end)
            """
        ])
        let results = try await bench.run().results
        #expect(results.map(\.name) == ["outer: inner: fails", "outer: waits", "saw it all", "after: is clean"])
        #expect(results.map(\.outcome) == [.failed, .pending, .passed, .failed])
        #expect(results[0].text.hasSuffix("probe/spec/probe_spec.lua:9: on purpose"))
        #expect(results[1].message == "the service is not there yet" && results[3].message == "left a mess")
        #expect(results.map(\.specLine) == [9, 11, 13, 18])
    }

    @Test(
        "a mistake in the structure is told with its line",
        arguments: [
            ("it('a', function() end)\nit('a', function() end)", 2, "there is a spec of this name already, at probe/spec/probe_spec.lua:1"),
            ("describe('d', function()\n  local x = nil + 1\nend)", 2, "attempt to perform arithmetic on a nil value"),
            ("describe('d', function() end)", 1, "the describe 'd' holds no spec"), ("describe('d')", 1, "a describe needs a function"),
            ("describe('', function() end)", 1, "a describe needs a name"), ("it('')", 1, "a spec needs a name"),
            ("\nbefore_each('x')", 2, "before_each needs a function"),
        ])
    func mistakes(_ text: String, _ line: Int, _ message: String) async throws {
        let report = try await SpecBench(["probe": text]).run()
        #expect(report.results.map(\.name) == [SpecResult.wholeFile] && report.exitCode(minimum: nil) == 1)
        #expect(report.results[0].place == "probe/spec/probe_spec.lua:\(line)")
        #expect(report.results[0].message?.contains(message) == true, "\(report.results[0].text)")
    }

    @Test("two blocks may hold specs of one name, two files too")
    func names() async throws {
        let text = "for _, name in ipairs { 'a', 'b' } do describe(name, function() it('x', function() end) end) end"
        #expect(try await SpecBench(["one": text, "two": text]).run().count(.passed) == 4)
    }

    @Test("a spec that does not end is stopped and named; those after it run in a machine of their own")
    func endless() async throws {
        var bench = try SpecBench(
            [
                "probe": """
                local count = 0
                it("counts", function() count = count + 1 expect(count).equals(1) end)
                it("loops", function()
                  while true do pcall(string.rep, "x", 10) end
                end)
                it("loops in the plugin", function() test.run("onCreate", { user = { id = "u1" } }) end)
                it("eats", function() local t = {} while true do t[#t + 1] = ("x"):rep(1000) .. #t end end)
                it("begins anew", function() count = count + 1 expect(count).equals(1) end)
                """
            ], lua: "return {\n onCreate = function(ctx)\n  while true do end\n end }")
        bench.runner.limits.cpu = .milliseconds(100)
        let results = try await bench.run().results
        #expect(results.map(\.outcome) == [.passed, .failed, .failed, .failed, .passed])
        #expect(results[1].place == "probe/spec/probe_spec.lua:4" && results[1].message?.hasPrefix("CPU time limit reached") == true)
        #expect(results[2].place == "probe/init.lua:3" && results[2].message?.contains("in onCreate") == true)
        #expect(results[3].message?.hasPrefix("memory limit reached") == true)
    }

    @Test("a spec whose time is up while it waits is named with its line too")
    func waiting() async throws {
        var bench = try SpecBench(["probe": "it('waits', function()\n  coroutine.yield()\nend)\nit('goes on', function() end)"])
        let results = try await bench.run().results
        #expect(results.map(\.outcome) == [.failed, .passed])
        #expect(results[0].place == "probe/spec/probe_spec.lua:2")
        bench.runner.limits.wall = .zero
        let late = try await bench.run().results
        #expect(late.map(\.name) == [SpecResult.wholeFile] && late[0].message?.hasPrefix("time-out") == true)
    }

    @Test("a seed draws the order of files and specs, always the same one; no seed leaves it as written")
    func seeds() async throws {
        let text = (1...8).map { "it('s\($0)', function() end)" }.joined(separator: "\n")
        var bench = try SpecBench(["a": text, "b": text, "c": text])
        func order() async throws -> [String] { try await bench.run().results.map { "\($0.specFile.dropFirst(11).prefix(1))\($0.name)" } }
        let written = try await order()
        #expect(written == ["a", "b", "c"].flatMap { file in (1...8).map { "\(file)s\($0)" } })
        bench.runner.seed = 7
        let drawn = try await order()
        bench.runner.jobs = 3
        #expect(try await order() == drawn, "the order of the report does not depend on what ends first")
        #expect(drawn != written && drawn.sorted() == written.sorted())
        bench.runner.seed = 8
        #expect(try await order() != drawn)
        #expect(try await bench.run().seed == 8)
    }

    @Test("after the first failure nothing further begins, where that is wanted")
    func failFast() async throws {
        let specs = [
            "a": "it('x', function() end)\nit('y', function() error('no') end)\nit('z', function() end)", "b": "it('x', function() end)",
        ]
        var bench = try SpecBench(specs)
        bench.runner.failsFast = true
        let report = try await bench.run()
        #expect(report.results.map(\.name) == ["x", "y"] && report.filesNotRun == 1)
    }

    @Test("listing names the specs with their lines and runs none")
    func listing() async throws {
        let bench = try SpecBench(["a": "it('x', function() error('ran') end)\n\npending('y')"])
        let report = try await bench.runner.list()
        #expect(report.results.map(\.name) == ["x", "y"] && report.results.map(\.specLine) == [1, 3])
        #expect(report.results.allSatisfy { $0.outcome == .pending })
        #expect(try await bench.runner.list(filter: "Y").results.map(\.name) == ["y"])
    }

    @Test("snapshots that no spec looks at are listed, and removed on purpose")
    func obsolete() async throws {
        var bench = try SpecBench(
            ["a": "it('x', function() expect(1).matches_snapshot('used') end)\nit('y', function() end)"],
            files: ["spec/a.snap.json": #"{"used": 1, "old": 2}"#, "spec/gone.snap.json": "{}"])
        #expect(try await bench.run().obsoleteSnapshots == ["probe/spec/gone.snap.json", "probe/spec/a.snap.json: old"])
        #expect(try await bench.run(filter: "y").obsoleteSnapshots == ["probe/spec/gone.snap.json"], "not all specs ran")
        bench.runner.updatesSnapshots = true
        #expect(try await bench.run().obsoleteSnapshots.count == 2)
        bench.runner.updatesSnapshots = false
        #expect(try await bench.run().obsoleteSnapshots.isEmpty)
        try bench.plugins.write("probe/spec/a.snap.json", "[")
        let broken = try await bench.run()
        #expect(broken.diagnostics.map(\.file) == ["probe/spec/a.snap.json"] && broken.exitCode(minimum: nil) == 2)
    }

    @Test("a change of a plugin's files is seen, whichever file it is")
    func watching() throws {
        let bench = try SpecBench(["a": "it('x', function() end)"])
        try bench.plugins.add("other", lua: "return {}")
        var known = PluginFiles(in: bench.plugins.directory)
        #expect(PluginFiles(in: bench.plugins.directory) == known && known.names == ["probe", "other"])
        for path in ["probe/spec/a_spec.lua", "probe/lib/x.lua", "probe/plugin.json", "probe/spec/a.snap.json"] {
            try bench.plugins.write(path, "changed, and longer than it was before")
            let now = PluginFiles(in: bench.plugins.directory)
            #expect(now.changed(since: known) == ["probe"], "\(path)")
            known = now
        }
        try bench.plugins.add("third", lua: "return {}")
        #expect(PluginFiles(in: bench.plugins.directory).changed(since: known) == ["third"])
    }
}
