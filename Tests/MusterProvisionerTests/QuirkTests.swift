import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Targets as they are")
struct QuirkTests {
    /// A way in which real targets differ from the RFC.
    enum Quirk: String, CaseIterable {
        case noPatch, noPut, noFilter, ignoresFilters, noPaging, numbersAsText, noEmptyResources, notFoundWhenEmpty, throttled, awsRules
        case removesByFilterOnly, scim11Errors, plainJSONOnly, slow, createdWithoutBody, createdWithoutTrace, failsOnce, losesAnswersOnce
        case losesAnswersOnceWithoutFilters, noServiceProviderConfig

        func set(_ switches: inout FakeTarget.Switches) {
            switch self {
            case .noPatch: switches.noPatch = true
            case .noPut: switches.noPut = true
            case .noFilter: switches.noFilter = true
            case .ignoresFilters: switches.ignoresFilters = true
            case .noPaging: switches.noPaging = true
            case .numbersAsText: switches.numbersAsText = true
            case .noEmptyResources: switches.noEmptyResources = true
            case .notFoundWhenEmpty: switches.notFoundWhenEmpty = true
            case .throttled: switches.throttlesEvery = 3
            case .awsRules: switches.awsRules = true
            case .removesByFilterOnly: switches.removesByFilterOnly = true
            case .scim11Errors: switches.scim11Errors = true
            case .plainJSONOnly: switches.plainJSONOnly = true
            case .slow: switches.delay = .milliseconds(50)
            case .createdWithoutBody: switches.createdWithoutBody = true
            case .createdWithoutTrace: switches.createdWithoutTrace = true
            case .failsOnce: switches.failsOnce = true
            case .losesAnswersOnce: switches.losesAnswersOnce = true
            case .losesAnswersOnceWithoutFilters: (switches.losesAnswersOnce, switches.noFilter) = (true, true)
            case .noServiceProviderConfig: switches.noServiceProviderConfig = true
            }
        }
    }

    @Test(
        "whatever the target cannot do, everybody ends as they should, nobody twice, and a second look finds nothing",
        arguments: Quirk.allCases)
    func everything(quirk: Quirk) async throws {
        let bench = try Bench(FakeTarget.Switches(quirk.set), quarantineAfter: 1000)
        for group in ["Engineers", "Everyone"] { bench.target.addGroup(group) }
        try await bench.putEverybody(into: ["Engineers", "Everyone"])
        let people = try await Array(0..<12).asyncMap { try await bench.addUser("p\($0)@example.com", ["title": "Engineer"]) }
        let names = (0..<12).map { "p\($0)@example.com" }
        // 1. Create, and join groups.
        var steps: [ConnectionStep] = []
        for _ in 0..<5 {
            steps = try await bench.connect(quirk == .awsRules ? ["preset": "aws-identity-center"] : [:])
            if !steps.contains(where: { $0.outcome == .failed }) { break }
            bench.clock.advance(by: .seconds(5))
        }
        try await bench.settle()
        #expect(bench.target.users.compactMap { $0["userName"]?.string }.sorted() == names.sorted())
        #expect(bench.memberships == ["Engineers": names.sorted(), "Everyone": names.sorted()])
        // 2. Update.
        try await bench.change(people[0], ["title": "Analyst"])
        try await bench.settle()
        #expect(bench.target.user(named: names[0])?["title"] == "Analyst")
        // 3. Leave a group.
        try await bench.putEverybody(into: ["Everyone"])
        _ = try await bench.provisioner.reapplyMappings(in: .default, by: "ada")
        try await bench.settle()
        #expect(bench.memberships == ["Engineers": [], "Everyone": names.sorted()])
        // 4. Deactivate.
        try await bench.change(people[1], ["active": false])
        try await bench.settle()
        #expect(bench.target.user(named: names[1])?["active"] == false)
        #expect(bench.memberships["Everyone"] == names.filter { $0 != names[1] }.sorted())
        // 5. Reconcile: nothing differs, nothing is written; what is changed there is put right.
        let quiet = try await reconcile(bench)
        #expect(quiet.differences == [])
        #expect(bench.writes.isEmpty)
        bench.target.set(names[2], to: ["title": "Impostor"])
        bench.target.setMembers(of: "Everyone", to: [])
        #expect(try await reconcile(bench).hasDrift)
        try await bench.settle()
        #expect(bench.target.user(named: names[2])?["title"] == "Engineer")
        #expect(bench.memberships["Everyone"] == names.filter { $0 != names[1] }.sorted())
        #expect(bench.target.createCounts == Dictionary(uniqueKeysWithValues: names.map { ($0, 1) }))
        #expect(try await bench.tasks([]).isEmpty)
    }

    /// Reads the target; what was cut off goes on when it is called again.
    private func reconcile(_ bench: Bench) async throws -> ReconcileReport {
        bench.target.forgetRequests()
        for _ in 0..<50 {
            do { return try await bench.provisioner.reconcile("app", in: .default, by: "ada") } catch is ProvisionerError {
                bench.clock.advance(by: .seconds(5))
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
