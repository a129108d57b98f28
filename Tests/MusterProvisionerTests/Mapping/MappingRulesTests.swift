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

    @Test(
        "a path is read as a PATCH reads it: with its filter, in extensions, and with the value of what has parts",
        arguments: [
            (#"phoneNumbers[type eq \"mobile\"].value"#, [], false), (#"phoneNumbers[type eq \"WORK\"].value"#, ["555"], true),
            (#"phoneNumbers[type eq \"work\"]"#, ["555"], true), ("phoneNumbers.value", ["555"], true), ("phoneNumbers", ["555"], true),
            (#"emails[type eq \"work\" and value sw \"ada\"].value"#, [], false),
            (#"emails[primary eq false].value"#, ["a@work.org"], true),
            ("emails.value", ["a@home.org", "a@work.org"], true), (#"groups[display eq \"Staff\"].value"#, ["g"], true),
            ("urn:ietf:params:scim:schemas:core:2.0:User:nickName", ["Al"], true), ("employeeNumber", ["7"], true),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", ["7"], true),
            (#"urn:example:site:badges[color eq \"red\"].value"#, ["b2"], true), ("urn:example:site:isGuest", ["true"], true),
            ("urn:example:other:nickName", [], false), ("profileUrl", [], false),
        ] as [(String, [String], Bool)])
    func paths(source: String, found: [String], holds: Bool) throws {
        let user = try AttributeValue(
            json: #"""
                { "id": "1", "userName": "ada", "nickName": "Al", "profileUrl": "",
                  "phoneNumbers": [{ "value": "555", "type": "work" }],
                  "emails": [{ "value": "a@work.org", "type": "work" }, { "value": "a@home.org", "type": "home", "primary": true }],
                  "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "employeeNumber": "7" },
                  "urn:example:site": { "badges": [{ "value": "b1", "color": "blue" }, { "value": "b2", "color": "red" }], "isGuest": true } }
                """#)
        var person = Self.person
        person.user = Resource(attributes: try #require(user.complex))
        let read = try Self.rules(
            #"[{"if":[{"source":"\#(source)","operator":"is_present"}],"then":[{"action":"assign","target":"t"}]}]"#)
        #expect(read.findings.isEmpty)
        let trace = read.rules.trace(person)
        #expect(trace.steps.first?.findings.first?.found == found)
        #expect(trace.steps.first?.fired == holds)
    }

    @Test(
        "a source that can never have a value is refused, with what is wanted",
        arguments: [
            (#"emails[typ eq \"work\"].value"#, "has no sub-attribute 'typ'"), ("addresses", "addresses.country"),
            ("name", "name.givenName"), ("emails[type eq].value", "a SCIM path"), ("departmen", "did you mean 'department'?"),
        ])
    func sources(source: String, hint: String) throws {
        let found = try Self.rules(
            #"[{"if":[{"source":"\#(source)","operator":"is_present"}],"then":[{"action":"assign","target":"t"}]}]"#
        ).findings
        #expect(found.map(\.path) == ["rules[0].if[0].source"])
        #expect(found.first?.detail.contains(hint) == true, "\(found)")
    }

    @Test(
        "who is active is no matter of rules, not even of those that are saved already",
        arguments: [
            ("active", true), ("Active", true), ("urn:ietf:params:scim:schemas:core:2.0:User:active", true), ("meta.created", true),
            (#"groups[value eq \"g\"].display"#, true), ("urn:example:site:active", false), ("title", false),
        ])
    func active(attribute: String, isRefused: Bool) throws {
        let read = try Self.rules(#"[{"then":[{"action":"set","attribute":"\#(attribute)","value":"false"}]}]"#)
        #expect(read.findings.map(\.path) == (isRefused ? ["rules[0].then[0].attribute"] : []))
        #expect(read.rules.evaluate(Self.person).settings.isEmpty == isRefused)
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
