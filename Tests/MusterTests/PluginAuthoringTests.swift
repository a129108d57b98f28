import Foundation
import SCIM
import Testing

/// `muster plugin new`, `check`, `docs` and `definitions` as an author meets them.
@Suite("muster plugin for authors") struct PluginAuthoringTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func muster(_ arguments: String...) async throws -> MusterCommand.Result {
        try await MusterCommand.run(["plugin"] + arguments, in: folder.path)
    }

    @Test("new writes what works, says what to do next, and never writes over anything")
    func new() async throws {
        let made = try await muster("new", "badges", "--hook", "onCreate", "--hook", "checkUser")
        #expect(made.status == 0 && made.lines.first == "wrote Plugins/badges/plugin.json", "\(made.output)\(made.error)")
        #expect(made.output.contains("muster test badges") && made.output.contains("muster plugin definitions"))
        #expect(try await MusterCommand.run("test", in: folder.path).output.contains("2 passed, 0 failed"))
        let again = try await muster("new", "badges")
        #expect(again.status == 1 && again.output.isEmpty && again.error.contains("is there already"), "\(again.error)")
        let other = try await muster("new", "other", "--hook", "onCraete", "--plugins", "Elsewhere")
        #expect(other.status == 1 && other.error.contains("did you mean 'onCreate'?"), "\(other.error)")
        #expect(!FileManager.default.fileExists(atPath: folder.path("Elsewhere")))
    }

    @Test("check ends with 1 on an error, with --strict on a warning too, and names the rule in JSON")
    func check() async throws {
        try folder.plugin("probe", lua: "local unused = 1\nreturn { onCreate = function(ctx) print(ctx.user.id) end }")
        let lax = try await muster("check")
        #expect(lax.status == 0, "\(lax.error)")
        #expect(lax.output.hasPrefix("probe/init.lua:1: warning: the local 'unused' is never read [unused-local]\n"), "\(lax.output)")
        #expect(try await muster("check", "--strict").status == 1)
        try folder.plugin("probe", lua: "return { onCreate = function(ctx) print(ctx.usr) end }")
        let wrong = try await muster("check", "--json")
        #expect(wrong.status == 1)
        let finding = try #require(try AttributeValue(json: wrong.output).array?.first)
        #expect(finding["rule"] == "unknown-field" && finding["line"] == 1 && finding["severity"] == "error")
        #expect(finding["detail"]?.string?.contains("did you mean 'user'?") == true)
    }

    @Test("docs prints a page, an overview, or Markdown; a name that is none ends with 1 and the nearest one")
    func docs() async throws {
        #expect(try await muster("docs", "onCreate").output.hasPrefix("onCreate\n========\n"))
        #expect(try await muster("docs").output.contains("muster.http.post"))
        #expect(try await muster("docs", "ctx.user", "--markdown").output.hasPrefix("# ctx.user\n"))
        let unknown = try await muster("docs", "muster.htp.post")
        #expect(
            unknown.status == 1 && unknown.output.isEmpty && unknown.error.contains("did you mean 'muster.http.post'?"), "\(unknown.error)")
    }

    @Test("definitions are written anew each time, an editor's settings only once")
    func definitions() async throws {
        _ = try folder.folder("Plugins")
        #expect(try await muster("definitions").lines == ["wrote Plugins/_definitions/muster.lua", "wrote Plugins/.luarc.json"])
        try folder.write("Plugins/.luarc.json", "{}")
        try folder.write("Plugins/_definitions/muster.lua", "old")
        #expect(try await muster("definitions").output.contains("left Plugins/.luarc.json as it is"))
        #expect(try String(contentsOfFile: folder.path("Plugins/.luarc.json"), encoding: .utf8) == "{}")
        #expect(try String(contentsOfFile: folder.path("Plugins/_definitions/muster.lua"), encoding: .utf8).hasPrefix("---@meta"))
        #expect(try await muster("list").output == "There are no plugins in Plugins.\n", "definitions are no plugin")
    }
}
