import MusterCore
import MusterProvisioner
import SCIM
import Testing

@Suite("Mapping rules")
struct MappingRulesTests {
    private static let person = Person(
        key: ResourceKey(type: "User", id: "1"), user: Resource(attributes: ["id": "1", "userName": "ada", "title": "Engineer 2"]),
        groups: [Person.Group(id: "g", name: "Staff")])

    private static func rules(_ text: String) throws -> (rules: MappingRules, findings: [Finding]) {
        MappingRules.read(try AttributeValue(json: text))
    }

    @Test(
        "a condition holds or not, without case",
        arguments: [
            ("title", "equals", "engineer 2", true), ("title", "equals", "engineer", false), ("title", "starts_with", "ENG", true),
            ("title", "ends_with", "3", false), ("title", "contains", "neer", true), ("title", "not_contains", "neer", false),
            ("groups", "equals", "staff", true), ("groups", "not_equals", "staff", false), ("userName", "greater", "aaa", true),
            ("userName", "less", "aaa", false), ("userName", "in", "ada", true),
        ])
    func conditions(source: String, comparison: String, value: String, holds: Bool) throws {
        let read = try Self.rules(
            #"""
            [{"if":[{"source":"\#(source)","operator":"\#(comparison)","value":"\#(value)"}],
              "then":[{"action":"assign","target":"t"}]}]
            """#)
        #expect(read.findings.isEmpty)
        #expect(read.rules.evaluate(Self.person).targets == (holds ? ["t"] : []))
    }

    @Test("later rules see what earlier ones set, groups are gathered, and stop ends it")
    func order() throws {
        let read = try Self.rules(
            #"""
            [{"then":[{"action":"set","attribute":"userType","value":"was {$user.title}"},{"action":"add_groups","groups":["A"]}]},
             {"if":[{"source":"userType","operator":"equals","value":"was engineer 2"}],"then":[{"action":"set_groups","groups":["B"]}]},
             {"then":[{"action":"add_groups","groups":["C"]}],"stop":true}, {"then":[{"action":"assign","target":"t"}]}]
            """#)
        let outcome = read.rules.evaluate(Self.person)
        #expect(outcome.fired == [0, 1, 2])
        #expect(outcome.groups == ["B", "C"])
        #expect(outcome.targets.isEmpty)
        #expect(MappingRules.read(read.rules.json).rules == read.rules)
    }

    @Test(
        "what is wrong is found at its place",
        arguments: [
            (#"[{"then":[{"action":"set_groups"}]}]"#, "rules[0].then[0].groups"),
            (#"[{"then":[{"action":"asign","target":"t"}]}]"#, "rules[0].then[0].action"),
            (#"[{"if":[{"source":"title","operator":"equal","value":"x"}],"then":[]}]"#, "rules[0].if[0].operator"),
            (#"[{"then":[{"action":"set","attribute":"id","value":"x"}]}]"#, "rules[0].then[0].attribute"),
        ])
    func findings(text: String, path: String) throws {
        #expect(try Self.rules(text).findings.contains { $0.path == path })
    }
}
