import MusterTesting
import SCIM
import Testing

/// The short form of `Scripts/bench-provision --kills`.
@Suite("A server that is killed while it provisions", .timeLimit(.minutes(5)))
struct KilledProvisioningTests {
    private static let (people, kills, groups) = (60, 10, ["Developers", "Sales"])

    @Test("ends with everybody there exactly once, right in every attribute and group, after ten kills at random instants")
    func kills() async throws {
        let folder = try TemporaryFolder()
        let (data, environment) = (folder.path("data"), ["MUSTER_SECRET_APP": "secret"])
        let names = (0..<Self.people).map { "p\($0)@example.com" }
        let rows = names.enumerated().map { "\($1),First\($0),Last\($0),\($1),Engineer" }
        try folder.write("people.csv", "userName,firstName,lastName,email,title\n" + rows.joined(separator: "\n"))
        try folder.write(
            "rules.json",
            #"[{"name": "everybody", "if": [], "then": [{"action": "set_groups", "groups": ["Developers", "Sales"]}]}]"#)
        let target = FakeTarget(switches: FakeTarget.Switches { $0.authorization = "Bearer secret" })
        for group in Self.groups { target.addGroup(group) }

        try await ListeningTarget.run(target) { application in
            func run(_ arguments: String...) async throws -> String {
                let result = try await MusterCommand.run(arguments + ["--data", data], environment: environment, in: folder.path)
                #expect(result.status == 0, "\(arguments): \(result.output)\(result.error)")
                return result.output
            }
            _ = try await run("import", "people.csv")
            _ = try await run(
                "target", "add", "app", "--preset", "clarizen", "--url", application.baseURL, "--token-secret", "APP",
                "--allow-private-address", "--everyone", "--no-approval")
            _ = try await run("mapping", "set", "rules.json")
            _ = try await run("target", "connect", "app")

            // An instant is random in what has been answered by then, so that each kill hits the server at work: a person takes four
            // requests, and few are under way at once.
            let most = 4 * Self.people / Self.kills / 2
            var server = try await ServerProcess(data: data, plugins: folder.folder("Plugins"), environment: environment)
            var instants: [Int] = []
            for _ in 0..<Self.kills {
                let left = Self.groups.reduce(0) { $0 + Self.people - target.members(of: $1).count }
                // So that there is always something left to be killed at.
                if left < most { _ = try await run("mapping", "reapply") }
                let instant = application.exchanges.elements.count + Int.random(in: 1...most)
                await application.exchanges.wait { $0.count >= instant }
                await server.kill()
                instants.append(instant)
                server = try await server.restarted()
            }
            while true {
                try Task.checkCancellation()
                let tasks = try #require(try AttributeValue(json: try await run("target", "show", "app", "--json"))["tasks"]?.complex)
                try #require(tasks["failed"] == 0, "killed at \(instants)")
                if tasks.members.allSatisfy({ $0.value == 0 }) { break }
            }
            #expect(target.createCounts == Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }), "killed at \(instants)")
            #expect(!application.exchanges.elements.contains { $0.status == 409 }, "nobody was made who was there; killed at \(instants)")
            let accounts = Dictionary(uniqueKeysWithValues: target.users.map { ($0["userName"]?.string ?? "", $0) })
            for (number, name) in names.enumerated() {
                let account = try #require(accounts[name])
                #expect(account["name"] == ["givenName": .string("First\(number)"), "familyName": .string("Last\(number)")])
                #expect(account["title"] == "Engineer" && account["active"] == true)
            }
            let ids = target.users.compactMap { $0["id"]?.string }.sorted()
            for group in Self.groups { #expect(target.members(of: group).sorted() == ids, "killed at \(instants)") }

            let writes = target.writes.count
            let report = try await run("target", "reconcile", "app")
            #expect(report == "60 accounts read, 0 missing, 0 extra, 0 different, 0 unmanaged\n")
            #expect(target.writes.count == writes, "a reconciliation finds nothing to write")
            let metrics = try await server.client.sendToRoot("GET", "/metrics").text
            #expect(metrics.contains(#"muster_target_quarantined{target="app",tenant="default"} 0"#), "\(metrics)")
            for state in ["due", "pending", "parked", "approved", "failed", "rejected"] {
                #expect(metrics.contains(#"muster_provisioning_backlog{state="\#(state)",target="app",tenant="default"} "#))
            }
            #expect(await server.stop() == 0)
        }
    }
}
