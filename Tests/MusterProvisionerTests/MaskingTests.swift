import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("What is shown to nobody")
struct MaskingTests {
    @Test(
        "passwords are masked wherever they stand, and nothing else is",
        arguments: [
            (#"{"password":"x","userName":"y"}"#, #"{"password":"***","userName":"y"}"#),
            (#"{"a":[{"Password":"x"}]}"#, #"{"a":[{"Password":"***"}]}"#),
            (#"{"op":"replace","path":"password","value":"x"}"#, #"{"op":"replace","path":"password","value":"***"}"#),
            (
                #"{"op":"replace","path":"urn:x:User:password","value":"x"}"#,
                #"{"op":"replace","path":"urn:x:User:password","value":"***"}"#
            ),
            (#"{"op":"replace","path":"title","value":"x"}"#, #"{"op":"replace","path":"title","value":"x"}"#),
            (#"{"op":"add","value":{"password":"x"}}"#, #"{"op":"add","value":{"password":"***"}}"#),
            (#"{"password":null}"#, #"{"password":null}"#),
        ])
    func masked(text: String, shown: String) throws {
        #expect(try AttributeValue(json: text).masked.jsonText == shown)
    }

    @Test("a password that a template sets is sent; it stands in nothing that is shown, nor does one of a rule")
    func shown() async throws {
        let bench = try Bench()
        try await bench.addUser("ada@example.com")
        let rules: AttributeValue = [
            ["name": "first", "then": [["action": "set", "attribute": "password", "value": "hunter2"]]],
            [
                "name": "second", "if": [["source": "password", "operator": "equals", "value": "hunter2"]],
                "then": [["action": "set", "attribute": "title", "value": "Clerk"]],
            ],
        ]
        _ = try await bench.provisioner.saveMappings(rules, in: .default, by: "grace")
        let trace = try await bench.provisioner.testMappings(on: "ada@example.com", in: .default)
        #expect(trace.outcome.fired == [0, 1])
        try await bench.connect(["approval": .null, "template": ["userName": "{$user.username}", "password": "hunter2"]])
        let told = try await bench.provisioner.provision("ada@example.com", at: "app", in: .default, planOnly: true, by: "grace")
        try await bench.settle()
        let detail = try #require(try await bench.provisioner.plans(ProvisioningTaskQuery(states: [.pending])).first)
        for text in [trace.json.jsonText, trace.lines.joined(), told.json.jsonText, detail.json.jsonText] {
            #expect(text.contains("***") && !text.contains("hunter2"), "\(text)")
        }
        try await bench.provisioner.approve(.numbers([detail.task.number]), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.writes.first?.body["password"] == "hunter2")
    }
}
