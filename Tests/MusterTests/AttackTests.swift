import Foundation
import Muster
import Testing

/// Every hostile script, run as a `mapUser` hook of the real server: it is stopped, its client gets a clear answer, and
/// the server goes on.
@Suite struct AttackTests {
    @Test("a hostile mapUser hook is stopped and answered with an error, and the server goes on", .timeLimit(.minutes(10)))
    func attacks() async throws {
        let folder = try TemporaryFolder()
        let attacks = try Self.scripts()
        #expect(attacks.count >= 120)
        for attack in attacks {
            try folder.plugin(
                attack.name,
                lua: """
                    local attack = (function(...)
                    \(attack.source)
                    end)(...)
                    return { mapUser = function(ctx)
                      if ctx.user and ctx.user.userName == "\(attack.name)" then ctx.user.nickName = attack() end
                    end }
                    """)
        }
        let server = try await ServerProcess(data: folder.path("data"), plugins: folder.path("Plugins"))
        for attack in attacks {
            let answer = try await server.client.send("POST", "/Users", ["userName": .string(attack.name)])
            if Self.harmless.contains(attack.name), answer.status == 201 { continue }
            #expect((400..<600).contains(answer.status), "\(attack.name): \(answer.status) \(answer.text)")
            #expect(answer["schemas"]?.array == ["urn:ietf:params:scim:api:messages:2.0:Error"], "\(attack.name)")
            #expect(answer["detail"]?.string?.isEmpty == false, "\(attack.name)")
            let after = try await server.client.send("GET", "/Users?filter=userName%20eq%20%22\(attack.name)%22")
            #expect(after["totalResults"] == 0, "\(attack.name): something was written")
        }
        #expect(try await server.client.send("POST", "/Users", ["userName": "ada"]).status == 201)
        #expect(await server.stop() == 0)
    }

    /// Scripts whose guarded functions simply work, so that they end like any other.
    private static let harmless: Set<String> = [
        "find-plain-quadratic", "rep-empty", "reject-in-pcall", "escape-global-table", "escape-method-string",
    ]

    private static func scripts() throws -> [(name: String, source: String)] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "MusterLuaTests/Attacks")
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "lua" }
            .map { (name(of: $0), try String(contentsOf: $0, encoding: .utf8)) }
            .sorted { $0.name < $1.name }
    }

    /// A plugin's name has lower-case letters, digits and dashes only.
    private static func name(of file: URL) -> String {
        file.deletingPathExtension().lastPathComponent.lowercased().replacing("__", with: "")
    }
}
