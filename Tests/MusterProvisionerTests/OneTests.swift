import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Provisioning one person, step by step")
struct OneTests {
    @Test("each step is told, and a plan alone sends nothing")
    func explain() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect()
        bench.target.forgetRequests()
        let told = try await bench.provisioner.provision("ada@example.com", at: "app", in: .default, planOnly: true, by: "grace")
        #expect(told.steps.map(\.name) == ["import", "scope", "match", "map", "plan"])
        #expect(told.steps.last?.lines.first == "create")
        #expect(bench.requests.isEmpty)
        let done = try await bench.provisioner.provision(ada.id, at: "app", in: .default, by: "grace")
        #expect(done.isGood)
        #expect(done.steps.last?.lines.last == "create: done")
        #expect(bench.target.users.count == 1)
    }

    @Test("a plan that was approved is carried out, not planned anew")
    func approved() async throws {
        let bench = try Bench()
        try await bench.addUser("ada@example.com")
        try await bench.connect(["approval": .null])
        try await bench.settle()
        let number = try #require(try await bench.tasks([.pending]).first?.number)
        try await bench.provisioner.approve(.numbers([number]), in: .default, by: "grace")
        let told = try await bench.provisioner.provision("ada@example.com", at: "app", in: .default, by: "grace")
        #expect(told.isGood)
        #expect(bench.target.users.count == 1)
        #expect(try await bench.tasks([]).isEmpty)
    }

    @Test("an account that the target gives to two people is a person's decision, and no endless attempt")
    func sameAccount() async throws {
        let bench = try Bench()
        let account = bench.target.addUser(["userName": "shared@example.com", "externalId": "x"])
        try await bench.addUser("ada@example.com", ["externalId": "x"])
        try await bench.addUser("grace@example.com", ["externalId": "x"])
        try await bench.connect([
            "matching": ["externalId"],
            "template": ["userName": "{$user.username}", "externalId": "{$user.external_id}", "active": "{$user.active}"],
            "dialect": ["concurrency": 1],
        ])
        try await bench.settle()
        let failed = try await bench.tasks([.failed])
        #expect(failed.count == 1)
        #expect(failed.first?.lastError?.contains("the account '\(account)' there belongs to the person") == true)
    }
}
