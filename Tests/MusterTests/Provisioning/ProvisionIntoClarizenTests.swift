import Foundation
import Testing

/// The article about provisioning, done as it says.
@Suite("The article Provision into Clarizen as OneLogin does", .timeLimit(.minutes(10)))
struct ProvisionIntoClarizenTests {
    @Test("its commands work in the order in which they stand and say what it says; the ports are others")
    func article() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Sources/Muster/Muster.docc/ProvisionIntoClarizen.md").standardized
        let reader = try Reader()
        var blocks = try Block.all(of: String(contentsOf: file, encoding: .utf8))[...]
        var commands = 0
        while let block = blocks.popFirst() {
            guard block.language == "sh" else { continue }
            let expected = blocks.first?.language == "text" ? blocks.removeFirst() : nil
            try await reader.follow(block.text, expecting: expected?.text)
            commands += block.text.split(separator: "\n").count { $0.contains("muster ") }
        }
        #expect(commands >= 40)
        for server in reader.servers { #expect(await server.stop() == 0) }
    }

    /// A block of the article.
    private struct Block {
        let language: String
        let text: String

        static func all(of article: String) -> [Block] {
            article.components(separatedBy: "```").enumerated().filter { !$0.offset.isMultiple(of: 2) }.map { part in
                let lines = part.element.split(separator: "\n", omittingEmptySubsequences: false)
                return Block(language: String(lines.first ?? ""), text: lines.dropFirst().joined(separator: "\n"))
            }
        }
    }

    /// A command said something else.
    private struct Differs: Error, CustomStringConvertible {
        let script: String
        let output: String
        let expected: String
        var description: String { "\(script)\nsaid:\n\(output)\ninstead of:\n\(expected)" }
    }

    /// Somebody who does what an article says, in a folder of their own.
    private final class Reader {
        private let folder: TemporaryFolder
        private(set) var servers: [ServerProcess] = []
        /// The ports of the article, and those that were free.
        private var ports: [(String, String)] = []
        private let tools: String

        init() throws {
            folder = try TemporaryFolder()
            tools = try MusterCommand.executable.deletingLastPathComponent().path(percentEncoded: false)
        }

        func follow(_ script: String, expecting expected: String?) async throws {
            let words = script.split { $0 == " " || $0 == "\n" }.map(String.init)
            if words.starts(with: ["muster", "serve"]) { return try await serve(words) }
            var script = script.trimmingCharacters(in: .whitespacesAndNewlines)
            for (printed, free) in ports { script.replace(":\(printed)/", with: ":\(free)/") }
            // What only looks is looked at until the server has come so far.
            let isLook = ["list", "history", "show"].contains { words.contains($0) } && !script.contains("\n")
            while true {
                let output = try await run(script)
                guard let expected, !Self.matches(output, expected) else { return }
                if !isLook || Task.isCancelled { throw Differs(script: script, output: output, expected: expected) }
            }
        }

        /// Starts the server of `muster serve --data DIR --port PORT`.
        private func serve(_ words: [String]) async throws {
            let data = try #require(words.firstIndex(of: "--data").map { words[$0 + 1] })
            let port = try #require(words.firstIndex(of: "--port").map { words[$0 + 1] })
            let server = try await ServerProcess(
                ServerProcess.Launch(data: data, plugins: folder.folder("Plugins"), folder: folder.path))
            let free = try #require(server.baseURL.firstMatch(of: /:([0-9]+)\//)?.1)
            servers.append(server)
            ports.append((port, String(free)))
        }

        private func run(_ script: String) async throws -> String {
            let bash = try ChildProcess(
                executable: URL(filePath: "/bin/bash"), arguments: ["-euo", "pipefail", "-c", script],
                environment: ["PATH": "\(tools):/usr/bin:/bin"], folder: folder.path)
            async let output = bash.output.reduce(into: [String]()) { $0.append($1) }
            async let errors = bash.error.reduce(into: [String]()) { $0.append($1) }
            let (lines, status, problems) = await (output, bash.wait(), errors)
            try #require(status == 0, "\(script)\n\(lines.joined(separator: "\n"))\n\(problems.joined(separator: "\n"))")
            return lines.joined(separator: "\n")
        }

        /// Whether an output is what is printed in the article, where … stands for anything, and in a line of its own for any lines.
        static func matches(_ output: String, _ expected: String) -> Bool {
            func lines(_ text: String) -> [String] {
                text.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }.filter { !$0.isEmpty }
            }
            return matches(lines(output)[...], lines(expected)[...])
        }

        private static func matches(_ output: ArraySlice<String>, _ expected: ArraySlice<String>) -> Bool {
            guard let first = expected.first else { return output.isEmpty }
            if first == "…" {
                return matches(output, expected.dropFirst()) || !output.isEmpty && matches(output.dropFirst(), expected)
            }
            guard let line = output.first, isLine(line, first) else { return false }
            return matches(output.dropFirst(), expected.dropFirst())
        }

        private static func isLine(_ line: String, _ pattern: String) -> Bool {
            let parts = pattern.components(separatedBy: "…")
            guard parts.count > 1 else { return line == pattern }
            guard line.hasPrefix(parts[0]), line.hasSuffix(parts[parts.count - 1]) else { return false }
            var rest = line.dropFirst(parts[0].count)
            for part in parts.dropFirst() where !part.isEmpty {
                guard let found = rest.firstRange(of: part) else { return false }
                rest = rest[found.upperBound...]
            }
            return true
        }
    }
}
