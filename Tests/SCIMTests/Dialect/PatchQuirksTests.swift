import SCIM
import Testing

@Suite("What clients write in PATCH messages")
struct PatchQuirksTests {
    private static let enterprise = Schema.enterpriseUser.id

    @Test(
        "op in any case (Entra ID)",
        arguments: [
            ("add", .add), ("Add", .add), ("ADD", .add), ("Remove", .remove), ("rEpLaCe", .replace), ("move", nil), ("", nil),
            (" add", nil), ("addd", nil),
        ]
            as [(String, PatchOperation.Kind?)])
    func kind(name: String, kind: PatchOperation.Kind?) { #expect(PatchQuirks.kind(name) == kind) }

    @Test(
        "one value in an array for an attribute that has only one",
        arguments: [
            ("title", ["T"], "T"), ("title", "T", "T"), ("title", ["T", "U"], ["T", "U"]), ("title", [], []),
            ("name", [["givenName": "A"]], ["givenName": "A"]),
            ("emails", [["value": "a"]], [["value": "a"]]),
        ] as [(String, AttributeValue, AttributeValue)])
    func unwrapped(name: String, value: AttributeValue, result: AttributeValue) throws {
        #expect(PatchQuirks.unwrapped(value, for: try #require(Schema.user.attribute(name))) == result)
    }

    @Test(
        "objects written as text, and app roles as text inside a role (Entra ID)",
        arguments: [
            ("roles", #"{"value":"Admin"}"#, ["value": "Admin"]),
            ("roles", #"[{"value":"A"},{"value":"B"}]"#, [["value": "A"], ["value": "B"]]),
            ("roles", [#"{"value":"Admin"}"#], [["value": "Admin"]]),
            (
                "roles", [["value": #"{"id":"1","value":"Admin","displayName":"Administrator"}"#]],
                [["value": "Admin", "display": "Administrator"]]
            ),
            (
                "roles", ["value": #"{"value":"Admin"}"#, "primary": true, "display": "D"],
                ["value": "Admin", "primary": true, "display": "D"]
            ),
            ("roles", [["value": #"{"id":"1"}"#]], [["value": #"{"id":"1"}"#]]), ("roles", [["value": "{"]], [["value": "{"]]),
            ("roles", "{", "{"), ("roles", "Admin", "Admin"),
            ("emails", [["value": #"{"value":"x"}"#]], [["value": #"{"value":"x"}"#]]), ("title", #"{"a":1}"#, #"{"a":1}"#),
            ("name", #"{"givenName":"A"}"#, ["givenName": "A"]),
        ] as [(String, AttributeValue, AttributeValue)])
    func unquoted(name: String, value: AttributeValue, result: AttributeValue) throws {
        #expect(PatchQuirks.unquoted(value, for: try #require(Schema.user.attribute(name))) == result)
    }

    @Test("text that nests beyond the limit of JSON stays text")
    func deepText() throws {
        let text = AttributeValue.string(String(repeating: "[", count: 100_000))
        #expect(PatchQuirks.unquoted(text, for: try #require(Schema.user.attribute("roles"))) == text)
    }

    @Test(
        "recorded requests do what their sender means",
        arguments: [
            // Entra ID
            (#"{"op":"Replace","path":"active","value":"False"}"#, "active", "false"),
            (#"{"op":"Add","path":"active","value":"True"}"#, "active", "true"),
            (#"{"op":"Add","path":"\#(enterprise):manager","value":"m2"}"#, enterprise, #"{"manager":{"value":"m2"}}"#),
            (#"{"op":"Replace","path":"\#(enterprise):manager","value":""}"#, enterprise, "-"),
            (#"{"op":"Replace","path":"\#(enterprise):manager","value":{"value":""}}"#, enterprise, "-"),
            (#"{"op":"Replace","path":"\#(enterprise):manager.value","value":null}"#, enterprise, "-"),
            (
                #"{"op":"Add","path":"\#(enterprise):manager","value":{"value":"m2","displayName":"M"}}"#, enterprise,
                #"{"manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"Add","path":"\#(enterprise):manager","value":[{"$ref":null,"value":"m2"}]}"#, enterprise,
                #"{"manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"replace","value":{"name.familyName":"U","\#(enterprise):employeeNumber":"E"}}"#, enterprise,
                #"{"manager":{"value":"m1","$ref":"/Users/m1"},"employeeNumber":"E"}"#
            ),
            (
                #"{"op":"Replace","path":"emails[type eq \"work\"].value","value":"n@x"}"#, "emails",
                #"[{"value":"n@x","type":"work","primary":true}]"#
            ),
            (
                #"{"op":"Add","path":"emails[primary eq true].value","value":"n@x"}"#, "emails",
                #"[{"value":"n@x","type":"work","primary":true}]"#
            ),
            (
                #"{"op":"Add","path":"roles","value":[{"value":"{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}"#, "roles",
                #"[{"value":"Admin","display":"Admin"}]"#
            ),
            (#"{"op":"Add","path":"roles[primary eq \"True\"].value","value":"Admin"}"#, "roles", #"[{"primary":true,"value":"Admin"}]"#),
            (#"{"op":"Remove","path":"title","value":[{"value":"T"}]}"#, "title", "-"),
            // Okta
            (#"{"op":"replace","value":{"active":false}}"#, "active", "false"),
            (#"{"op":"replace","value":{"id":"7","title":"U"}}"#, "title", #""U""#),
            // OneLogin
            (
                #"{"op":"replace","path":"\#(enterprise):manager","value":{"managerId":"m2","displayName":"M"}}"#, enterprise,
                #"{"manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"replace","path":"emails","value":{"value":"n@x","type":"work","primary":"true"}}"#, "emails",
                #"[{"value":"n@x","type":"work","primary":true}]"#
            ),
            // Values in arrays for attributes that have only one
            (#"{"op":"replace","path":"title","value":["U"]}"#, "title", #""U""#),
            (#"{"op":"replace","path":"name.givenName","value":["B"]}"#, "name", #"{"givenName":"B"}"#),
        ])
    func recorded(operation: String, name: String, result: String) throws {
        let user = try PatchBench(
            #"""
            {"id":"7","userName":"a","title":"T","active":true,"name":{"givenName":"A"},"emails":[{"value":"w@x",
             "type":"work","primary":true}],
             "\#(Self.enterprise)":{"manager":{"value":"m1","$ref":"/Users/m1"}}}
            """#)
        let value = try user.patched(operation)[name] ?? .null
        #expect(value == (result == "-" ? .null : try AttributeValue(json: result)), "\(value.jsonText)")
    }
}
