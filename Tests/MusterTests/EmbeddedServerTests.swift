import Foundation
import SCIM
import Testing

@Suite("The example application", .timeLimit(.minutes(10)))
struct EmbeddedServerTests {
    @Test("serves its own routes and SCIM, refuses by its Swift hook, hears of a deactivation, and stops on SIGTERM")
    func drive() async throws {
        let folder = try TemporaryFolder()
        let executable = try MusterCommand.executable.deletingLastPathComponent().appending(path: "embedded-server")
        let process = try ChildProcess(executable: executable, arguments: ["0"], environment: ["TMPDIR": folder.path])
        let (output, log) = (Record(process.output), Record(process.error))
        let words = await output.wait { !$0.isEmpty }.first?.split(separator: " ").map(String.init) ?? []
        let problems = words.count == 2 ? [] : await log.finished()
        try #require(words.count == 2, "\(problems)")
        let client = Client(baseURL: words[0], token: words[1])

        #expect(try await client.sendToRoot("GET", "/").text == "The application itself.")
        let refused = try await client.send("POST", "/Users", ["userName": "root"])
        #expect(refused.status == 400)
        #expect(refused["scimType"] == "reservedName")
        let ada = try await client.createUser("ada", ["active": true])
        try await client.set("active", of: ada, to: false)
        let lines = await output.wait { $0.count > 1 }
        #expect(lines.last == "signed out \(ada)")

        process.send(SIGTERM)
        #expect(await process.wait() == 0)
    }

    @Test("is at most 60 lines long")
    func length() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let sources = root.appending(path: "Sources/EmbeddedServer")
        let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
        let lines = try files.map {
            try String(contentsOf: $0, encoding: .utf8).split(separator: "\n", omittingEmptySubsequences: false).count - 1
        }
        #expect((1...60).contains(lines.reduce(0, +)))
    }
}
