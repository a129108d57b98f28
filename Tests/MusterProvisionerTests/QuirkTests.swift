import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Targets as they are")
struct QuirkTests {
    @Test(
        "whatever the target cannot do, everybody ends as they should, nobody twice, and a second look finds nothing",
        arguments: FakeTarget.Quirk.allCases.filter { $0 != .unauthorized })
    func everything(quirk: FakeTarget.Quirk) async throws {
        let bench = try Bench([quirk], quarantineAfter: 1000)
        for group in ["Engineers", "Everyone"] { bench.target.addGroup(group) }
        try await bench.putEverybody(into: ["Engineers", "Everyone"])
        let people = try await Array(0..<12).asyncMap { try await bench.addUser("p\($0)@example.com", ["title": "Engineer"]) }
        let names = (0..<12).map { "p\($0)@example.com" }
        // 1. Create, and join groups.
        var steps: [ConnectionStep] = []
        for _ in 0..<5 {
            steps = try await bench.connect(quirk == .awsRules ? ["preset": "aws-identity-center"] : [:])
            if !steps.contains(where: { $0.outcome == .failed }) { break }
            bench.clock.advance(.seconds(5))
        }
        try await bench.settle()
        #expect(bench.target.users.compactMap { $0["userName"]?.string }.sorted() == names.sorted())
        #expect(bench.target.memberships == ["Engineers": names.sorted(), "Everyone": names.sorted()])
        // 2. Update.
        try await bench.change(people[0], ["title": "Analyst"])
        try await bench.settle()
        #expect(bench.target.user(names[0])?["title"] == "Analyst")
        // 3. Leave a group.
        try await bench.putEverybody(into: ["Everyone"])
        _ = try await bench.provisioner.reapplyMappings(in: .default, by: "ada")
        try await bench.settle()
        #expect(bench.target.memberships == ["Engineers": [], "Everyone": names.sorted()])
        // 4. Deactivate.
        try await bench.change(people[1], ["active": false])
        try await bench.settle()
        #expect(bench.target.user(names[1])?["active"] == false)
        #expect(bench.target.memberships["Everyone"] == names.filter { $0 != names[1] }.sorted())
        // 5. Reconcile: nothing differs, nothing is written; what is changed there is put right.
        let quiet = try await reconcile(bench)
        #expect(quiet.differences == [])
        #expect(bench.target.writes.isEmpty)
        let id = try #require(bench.target.id(of: names[2]))
        var impostor = try #require(bench.target.user(names[2]))
        impostor["title"] = "Impostor"
        bench.target.setUser(id, impostor)
        bench.target.setMembers(of: "Everyone", [])
        #expect(try await reconcile(bench).hasDrift)
        try await bench.settle()
        #expect(bench.target.user(names[2])?["title"] == "Engineer")
        #expect(bench.target.memberships["Everyone"] == names.filter { $0 != names[1] }.sorted())
        #expect(bench.target.creations == Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
        #expect(try await bench.tasks([]).isEmpty)
    }

    /// Reads the target; what was cut off goes on when it is called again.
    private func reconcile(_ bench: Bench) async throws -> ReconcileReport {
        bench.target.forgetRequests()
        for _ in 0..<50 {
            do { return try await bench.provisioner.reconcile("app", in: .default, by: "ada") } catch is ProvisionerError {
                bench.clock.advance(.seconds(5))
            }
        }
        return try await bench.provisioner.reconcile("app", in: .default, by: "ada")
    }
}

extension Array where Element: Sendable {
    /// Maps one element after the other.
    func asyncMap<T>(_ body: (Element) async throws -> T) async rethrows -> [T] {
        var mapped: [T] = []
        for element in self { mapped.append(try await body(element)) }
        return mapped
    }
}
