import Foundation
import SCIM
import Testing

@Suite("The command muster test")
struct TestCommandTests {
    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.plugin("greeter", lua: "return {\n  onCreate = function(ctx)\n    if ctx.user.active then ctx.skip() end\n  end,\n}")
        try folder.write(
            "Plugins/greeter/spec/greeter_spec.lua",
            "it('skips', function() test.run('onCreate', { user = { id = 'u', active = true } }) end)\npending('more')\n")
    }

    private func run(_ arguments: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(["test"] + arguments, in: folder.path)
    }

    @Test("ends with 0 when all pass, with 1 when a spec fails, with 2 when a plugin cannot be tested, with 64 when it is used wrongly")
    func exitCodes() async throws {
        let passed = try await run()
        #expect(passed.status == 0)
        #expect(passed.lines == ["passed greeter: skips", "pending greeter: more", "1 passed, 0 failed, 1 pending"])
        #expect(!passed.output.contains("\u{1B}"), "no colours without a terminal")

        #expect(try await run("--filter", "nothing").status == 2)
        #expect(try await run("greter").output.contains("did you mean 'greeter'?"))
        #expect(try await run("--plugins", "nowhere").status == 2)
        #expect(try await run("--coverage-minimum", "100").status == 0)

        try folder.write("Plugins/greeter/spec/other_spec.lua", "it('fails', function() expect(1).equals(2) end)\n")
        let failed = try await run("--fail-fast", "--jobs", "1")
        #expect(failed.status == 1)
        #expect(failed.output.contains("greeter/spec/other_spec.lua:1: expected 1 to equal 2"))

        try folder.plugin("broken", lua: "return {")
        try folder.write("Plugins/broken/spec/broken_spec.lua", "it('runs', function() end)\n")
        let broken = try await run()
        #expect(broken.status == 2 && broken.output.contains("broken/init.lua:1: error: syntax error"))

        for wrong in [["--json", "--tap"], ["--watch", "--json"], ["--jobs", "0"], ["--coverage-minimum", "101"], ["--seed", "x"]] {
            let result = try await MusterCommand.run(["test"] + wrong, in: folder.path)
            #expect(result.status == 64 && result.output.isEmpty, "\(wrong)")
        }
    }

    @Test("too little coverage ends with 2 and says which plugin lacks how much")
    func minimum() async throws {
        try folder.plugin("half", lua: "return {\n  onCreate = function(ctx)\n    ctx.fail()\n  end,\n}")
        try folder.write("Plugins/half/spec/half_spec.lua", "it('exists', function() end)\n")
        let result = try await run("--coverage", "--coverage-minimum", "95")
        #expect(result.status == 2)
        #expect(result.lines.contains { $0.hasPrefix("half/init.lua") && $0.hasSuffix(" 3") })
        #expect(result.lines.contains { $0.hasPrefix("half: ") && $0.hasSuffix("of its lines ran; 95.0 % are wanted") })
    }

    @Test("writes JUnit, LCOV and pages where it is told to, and prints TAP and JSON alone")
    func files() async throws {
        let written = try await run("--junit", "out/specs.xml", "--coverage-lcov", "out/lcov.info", "--coverage-html", "out/pages")
        #expect(written.status == 0, "\(written.error)")
        func text(_ name: String) throws -> String { try String(contentsOfFile: folder.path(name), encoding: .utf8) }
        #expect(try text("out/specs.xml").contains("<testcase name=\"skips\" classname=\"greeter\""))
        #expect(try text("out/lcov.info").contains("SF:Plugins/greeter/init.lua\n"))
        #expect(try text("out/pages/index.html").contains("greeter_init.lua.html"))
        #expect(try text("out/pages/greeter_init.lua.html").contains("ctx.skip()"))

        #expect(try await run("--tap").lines == ["TAP version 14", "1..2", "ok 1 - greeter: skips", "ok 2 - greeter: more # SKIP pending"])
        let json = try AttributeValue(json: try await run("--json", "--seed", "5").output)
        #expect(json["passed"] == 1 && json["seed"] == "5" && json["specs"]?.array?.count == 2)
        #expect(try await run("--seed", "5").output.contains("order drawn with --seed 5"))
        #expect(
            try await run("--list").lines == ["greeter/spec/greeter_spec.lua:1: skips", "greeter/spec/greeter_spec.lua:2: more"])
    }

    @Test("watches: runs again what has changed, and only that", .timeLimit(.minutes(1)))
    func watch() async throws {
        try folder.plugin("still", lua: "return {}")
        try folder.write("Plugins/still/spec/still_spec.lua", "it('stands', function() end)\n")
        let process = try ChildProcess(
            executable: MusterCommand.executable, arguments: ["test", "--watch"], environment: [:], folder: folder.path)
        var lines = process.output.makeAsyncIterator()
        func next(until end: String) async -> [String] {
            var found: [String] = []
            while let line = await lines.next() {
                found.append(line)
                if line.hasPrefix(end) { break }
            }
            return found
        }
        let first = await next(until: "waiting for changes")
        #expect(first.contains("passed greeter: skips") && first.contains("passed still: stands"))
        try folder.write("Plugins/greeter/spec/greeter_spec.lua", "it('is another one now', function() end)\n")
        let second = await next(until: "waiting for changes")
        #expect(second.contains("passed greeter: is another one now") && !second.contains("passed still: stands"))
        process.send(SIGINT)
    }
}
