import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite("Rules that were edited")
struct RuleVersionTests {
    @Test("hold for new people at once, and for the others when they are reapplied, also for those whom they do not change")
    func versions() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada", ["userType": "Employee"])
        try await bench.connect()
        try await bench.settle()
        let rules: AttributeValue = [
            [
                "name": "contractors", "if": [["source": "user_type", "operator": "equals", "value": "Contractor"]],
                "then": [["action": "set", "attribute": "title", "value": "Guest"]],
            ]
        ]
        _ = try await bench.provisioner.saveMappings(rules, in: .default, by: "grace")
        try await bench.addUser("bob", ["userType": "Contractor"])
        try await bench.change(ada, ["userType": "Contractor"])
        try await bench.settle()
        #expect(bench.target.user(named: "bob")?["title"] == "Guest")
        #expect(bench.target.user(named: "ada")?["title"] == nil)
        try await bench.change(ada, ["userType": "Employee"])
        try await bench.settle()
        _ = try await bench.provisioner.reapplyMappings(in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["title"] == nil)
        try await bench.change(ada, ["userType": "Contractor"])
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["title"] == "Guest")
    }

    @Test("are reapplied where a target is not off, and where one cannot be read nothing is done")
    func reapply() async throws {
        let bench = try Bench()
        try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        #expect(try await bench.provisioner.reapplyMappings(in: .default, by: "grace").map(\.target) == ["app"])
        try await bench.provisioner.disconnect("app", in: .default, by: "grace")
        #expect(try await bench.provisioner.reapplyMappings(in: .default, by: "grace").isEmpty)
        let acts = try await bench.provisioner.audit(in: .default).map(\.act)
        #expect(acts.prefix(3) == ["mapping.reapply", "target.disconnect", "mapping.reapply"])
        _ = try await bench.provisioner.connect("app", in: .default, by: "grace")
        try await bench.settle()
        let now = bench.clock.now
        try await bench.store.write { transaction in
            var row = ProvisioningTarget(tenant: .default, name: "zoo", definition: Array("{}".utf8), created: now)
            row.state = .on
            try transaction.insert(row)
        }
        await #expect(throws: ProvisionerError(.invalid, "")) { try await bench.provisioner.reapplyMappings(in: .default, by: "grace") }
        #expect(try await bench.tasks([]).isEmpty)
        #expect(try await bench.provisioner.audit(in: .default).first?.act == "target.connect")
    }

    @Test("are saved only over the version that was changed, where that is named")
    func replacing() async throws {
        let bench = try Bench()
        #expect(try await bench.provisioner.saveMappings([], replacing: 0, in: .default, by: "grace").version == 1)
        await #expect(throws: ProvisionerError(.conflict, "")) {
            try await bench.provisioner.saveMappings([], replacing: 0, in: .default, by: "grace")
        }
        #expect(try await bench.provisioner.saveMappings([], in: .default, by: "grace").version == 2)
    }
}
