import Foundation
import Testing

/// The article about writing a plugin, done as it says.
@Suite("The article Write a plugin") struct WritingPluginsTests {
    @Test("its files and commands work in the order in which they stand")
    func article() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Sources/Muster/Muster.docc/WritingPlugins.md").standardized
        let article = try String(contentsOf: file, encoding: .utf8)
        let folder = try TemporaryFolder()
        var commands = 0
        var path: String?
        for part in article.components(separatedBy: "```").enumerated() {
            guard !part.offset.isMultiple(of: 2) else {
                path = part.element.split(separator: "\n").last?.wholeMatch(of: /`(Plugins\/[^`]+)`:/).map { String($0.output.1) }
                continue
            }
            let lines = part.element.split(separator: "\n", omittingEmptySubsequences: false)
            if let path {
                try folder.write(path, lines.dropFirst().joined(separator: "\n"))
            } else if lines.first == "sh" {
                for line in lines.dropFirst() where !line.isEmpty {
                    let words = line.split(separator: " ").map(String.init)
                    #expect(words.first == "muster")
                    let result = try await MusterCommand.run(Array(words.dropFirst()), in: folder.path)
                    #expect(result.status == 0, "\(line): \(result.output)\(result.error)")
                    commands += 1
                }
            }
        }
        #expect(commands >= 10)
        let specs = try await MusterCommand.run(["test"], in: folder.path)
        #expect(specs.output.contains("3 passed, 0 failed"), "\(specs.output)")
    }
}
