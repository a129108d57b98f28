import Foundation
import SCIM
import Testing

@Suite("The README", .timeLimit(.minutes(10)))
struct ReadmeTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private let text: String

    init() throws { text = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8) }

    /// The blocks of shell below a heading.
    private func shell(below heading: String) throws -> [String] {
        let start = try #require(text.range(of: heading)).upperBound
        let section = text[start...].prefix(upTo: text[start...].range(of: "\n## ")?.lowerBound ?? text.endIndex)
        return section.components(separatedBy: "```sh\n").dropFirst().compactMap { $0.components(separatedBy: "```").first }
    }

    @Test("The first hook and its spec work as they are printed, and refuse on a server what they shall refuse")
    func firstHook() async throws {
        let folder = try TemporaryFolder()
        let blocks = try shell(below: "## Your first hook")
        try #require(blocks.count == 2)
        let tools = try MusterCommand.executable.deletingLastPathComponent().path(percentEncoded: false)
        let bash = try ChildProcess(
            executable: URL(filePath: "/bin/bash"), arguments: ["-euc", blocks.joined(separator: "\n")],
            environment: ["PATH": "\(tools):/usr/bin:/bin"], folder: folder.path)
        let output = Record(bash.output)
        #expect(await bash.wait() == 0)
        #expect(await output.finished().last == "1 passed, 0 failed, 0 pending")

        let server = try await ServerProcess(data: folder.path("data"), plugins: folder.path("Plugins"))
        let refused = try await server.client.send("POST", "/Users", ["userName": "eve@example.net"])
        #expect(refused.status == 400)
        #expect(refused["scimType"] == "foreignDomain")
        #expect(refused["detail"] == "userName must end in @example.com")
        #expect(try await server.client.send("POST", "/Users", ["userName": "ada@example.com"]).status == 201)
    }

    @Test("The bundled plugins ship as the table says: what needs a secret or a setting is off and says so")
    func bundledPlugins() async throws {
        let plugins = Self.root.appending(path: "Plugins").path(percentEncoded: false)
        let folder = try TemporaryFolder()
        let result = try await MusterCommand.run("plugin", "list", "--data", folder.path, "--plugins", plugins, "--json")
        let listed = try #require(try AttributeValue(json: result.output).array)
        #expect(listed.count >= 4)
        for plugin in listed {
            let name = plugin["name"]?.string ?? ""
            let row = text.split(separator: "\n").first { $0.hasPrefix("| `Plugins/\(name)`") }
            let ships = row?.split(separator: "|").last { $0 != " " }?.trimmingCharacters(in: .whitespaces)
            #expect(ships?.hasPrefix(plugin["state"] == "loaded" ? "on" : "off until") == true, "\(name): \(plugin.jsonText)")
            if plugin["state"] == "off" { #expect(plugin["reason"]?.string?.isEmpty == false) }
        }
    }
}
