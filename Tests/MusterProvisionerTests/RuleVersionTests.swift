import MusterCore
import MusterProvisioner
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
}
