import Foundation
import MusterLua
import SCIM
import Testing

@testable import MusterPlugins

@Suite("plugin docs and definitions")
struct ReferenceBookTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized

    /// Compares with a file of ours, or renews it where RECORD_SNAPSHOTS=1 is in the environment.
    private func expect(_ text: String, at path: String) throws {
        let file = Self.root.appending(path: path)
        if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" { try Data(text.utf8).write(to: file) }
        let kept = FileManager.default.contents(atPath: file.path).map { String(decoding: $0, as: UTF8.self) }
        #expect(text == kept, "run the test with RECORD_SNAPSHOTS=1 if this is meant")
    }

    @Test("the article is what the table gives; RECORD_SNAPSHOTS=1 renews it")
    func article() throws { try expect(ReferenceBook.article.markdown, at: "Sources/Muster/Muster.docc/PluginAPI.md") }

    @Test("the definitions are what the table gives; RECORD_SNAPSHOTS=1 renews them")
    func definitions() throws {
        try expect(EditorDefinitions.text, at: "Tests/MusterPluginsTests/Authoring/Snapshots/definitions.lua")
    }

    @Test("the definitions are Lua, name every function and value, and every type that they use")
    func definitionsHold() throws {
        let text = EditorDefinitions.text
        #expect(LuaCoverage.executable(file: "muster.lua", source: text) != nil)
        #expect(throws: Never.self) { try LuaChunk(text) }
        for name in APIReference.plugins.names + APIReference.specs.names {
            let owner = name.replacing("expect(value)", with: "expectation")
            #expect(text.contains("function \(owner)(") || text.contains("\n\(owner) = nil"), "\(name)")
        }
        let defined = Set(text.matches(of: /---@(?:class|alias) (muster[\w.]+)/).map { String($0.output.1) })
        let tables = Set(APIReference.plugins.modules.map(\.name))
        for use in text.matches(of: /muster\.[A-Z][\w.]*\w/) { #expect(defined.contains(String(use.output)), "\(use.output)") }
        for hook in HookName.allCases { #expect(text.contains("---@field \(hook.rawValue)? fun(ctx: muster.")) }
        #expect(tables.contains("muster.http") && text.contains("---@field [\"\(Schema.enterpriseUser.id)\"]? muster.EnterpriseUser"))
        #expect(try AttributeValue(json: EditorDefinitions.settings)["workspace.library"] == ["_definitions"])
    }

    @Test("every name has a page, in lines for a terminal and in Markdown; a name that is none has not")
    func pages() throws {
        #expect(ReferenceBook.names.count > 100)
        for name in ReferenceBook.names {
            let page = try #require(ReferenceBook.page(name), "\(name)")
            #expect(page.terminal.count > 20 && page.markdown.hasPrefix("# "), "\(name)")
        }
        for name in APIReference.plugins.names + APIReference.specs.names { #expect(ReferenceBook.page(name) != nil, "\(name)") }
        for name in ["", "ctx.", "muster.htp", "onCraete", "lua"] { #expect(ReferenceBook.page(name) == nil) }
    }

    @Test("a page of a function tells parameters, phases, permission and example")
    func function() throws {
        let text = try #require(ReferenceBook.page("muster.kv.incr")).terminal
        for part in ["muster.kv.incr(key, [by], [options])", "optional integer", "In the phases", "\"kv\": true", "    local number ="] {
            #expect(text.contains(part), "\(part): \(text)")
        }
        #expect(!text.contains("`"))
        #expect(try #require(ReferenceBook.page("expect.equals")).terminal.contains("expect(value).equals(want)"))
    }

    @Test("prose fits a terminal of 80 columns")
    func width() {
        for name in ReferenceBook.names {
            for line in (ReferenceBook.page(name)?.terminal ?? "").split(separator: "\n") where line.count > 80 {
                #expect(line.hasPrefix("    ") || !line.dropFirst(60).contains(" "), "\(name): \(line)")
            }
        }
    }

    @Test("the manifest's page shows a manifest without findings, and every field that the reader knows")
    func manifest() {
        #expect(PluginManifest.read(Array(ManifestReference.example.utf8), folder: "welcome-mail").findings == [])
        func known(_ json: String) -> Set<String> {
            let findings = PluginManifest.read(Array(json.utf8), folder: "x").findings
            let hint = findings.lazy.compactMap { $0.detail.components(separatedBy: "known are: ").dropFirst().first }.first ?? ""
            return Set(hint.components(separatedBy: ", "))
        }
        let paths = ManifestReference.fields.map { $0.path.split(separator: ".").map(String.init) }
        #expect(known(#"{"zzzzzz": 1}"#) == Set(paths.map { $0[0] }))
        for group in ["permissions", "limits", "retry"] {
            #expect(known("{\"\(group)\": {\"zzzzzz\": 1}}") == Set(paths.filter { $0[0] == group }.compactMap(\.last)), "\(group)")
        }
    }
}
