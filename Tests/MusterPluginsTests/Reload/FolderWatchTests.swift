import Foundation
import Testing

@testable import MusterPlugins

@Suite struct FolderWatchTests {
    private let plugins: TestPlugins

    init() throws {
        plugins = try TestPlugins().add("probe", lua: "return {}", files: ["lib/a/b.lua": "return 1", "lib/a/_d.lua": "return"])
    }

    private var state: FolderState { FolderState(plugins: [plugins.directory]) }

    @Test(
        "any change of what counts is seen",
        arguments: [
            ("probe/init.lua", "return {  }"), ("probe/plugin.json", "{}"), ("probe/lib/a/b.lua", "return 22"),
            ("probe/lib/c.lua", ""), ("probe/lib/_c.lua", ""), ("probe/lib/a/_d.lua", "return 3"), ("new/plugin.json", "{}"),
        ])
    func seen(path: String, text: String) throws {
        let before = state
        #expect(before == state)
        try plugins.write(path, text)
        #expect(before != state)
    }

    @Test("what does not count is not looked at", arguments: ["_draft/init.lua", ".git/plugin.json"])
    func unseen(path: String) throws {
        // Only the folder itself shows that something came; the file in it is nobody's business.
        try plugins.write(path, "a")
        let before = state
        try plugins.write(path, "bc")
        #expect(before == state)
    }

    @Test("changes are taken up once, when two looks are alike")
    func settled() throws {
        let first = state
        try plugins.write("probe/init.lua", "return { -- half")
        let half = state
        try plugins.write("probe/init.lua", "return { } -- whole")
        let whole = state
        var watch = FolderWatch(loaded: first)
        let looks = [first, half, whole, whole, whole, half, whole].map { watch.note($0) }
        // Half was still being written; at the end all is as it was read.
        #expect(looks == [false, false, false, true, false, false, false])
    }
}
