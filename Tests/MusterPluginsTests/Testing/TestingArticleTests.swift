import Foundation
import Testing

@testable import MusterPlugins

@Suite("The article Testing plugins") struct TestingArticleTests {
    @Test("its plugin and every spec in it work as they are printed")
    func examples() async throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "Sources/Muster/Muster.docc/TestingPlugins.md"), encoding: .utf8)
        let blocks = text.components(separatedBy: "```lua\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
        try #require(blocks.count == 5 && blocks[0].hasPrefix("-- init.lua"))
        let specs = blocks.dropFirst().enumerated().map { ("part\($0.offset)", $0.element) }
        let bench = try SpecBench(
            Dictionary(uniqueKeysWithValues: specs), lua: blocks[0],
            manifest: """
                "permissions": { "http": ["https://mail.example.com/*"], "secrets": ["MAIL_TOKEN"], "kv": true },
                "config": { "type": "object", "properties": { "greeting": { "type": "string", "default": "Hello" } } }
                """)
        let report = try await bench.run()
        #expect(report.isSuccess, "\(report.results.filter { $0.outcome == .failed }.map(\.text)) \(report.diagnostics)")
        #expect(report.count(.passed) == 9 && report.count(.pending) == 1)
    }
}
