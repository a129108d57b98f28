import SCIM
import Testing

private let enterprise = Schema.enterpriseUser.id

@Suite("PATCH replace (RFC 7644 §3.5.2.3)")
struct PatchReplaceTests {
    private let user: PatchBench

    init() throws {
        user = try PatchBench(
            #"""
            {"schemas":["\#(Schema.user.id)"],"id":"7","userName":"a","name":{"givenName":"A","familyName":"L"},"title":"T","active":true,
             "emails":[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"work"},{"value":"h@x","type":"home"}],
             "addresses":[{"type":"work","locality":"Ulm","country":"DE"}],
             "\#(enterprise)":{"department":"D","manager":{"value":"m1","$ref":"/Users/m1"}}}
            """#)
    }

    @Test(
        "each row of the section",
        arguments: [
            // The path is left out.
            (#"{"op":"replace","value":{"title":"U","active":false}}"#, "title", #""U""#),
            (#"{"op":"replace","value":{"emails":[{"value":"n@x"}]}}"#, "emails", #"[{"value":"n@x"}]"#),
            (#"{"op":"replace","value":{"name":{"givenName":"B"}}}"#, "name", #"{"givenName":"B","familyName":"L"}"#),
            (#"{"op":"replace","value":{"name.givenName":"B"}}"#, "name", #"{"givenName":"B","familyName":"L"}"#),
            (
                #"{"op":"replace","value":{"\#(enterprise)":{"department":"E"}}}"#, enterprise,
                #"{"department":"E","manager":{"value":"m1","$ref":"/Users/m1"}}"#
            ),
            // A single-valued attribute.
            (#"{"op":"replace","path":"title","value":"U"}"#, "title", #""U""#),
            (#"{"op":"replace","path":"active","value":"False"}"#, "active", "false"),
            (#"{"op":"replace","path":"name.familyName","value":"X"}"#, "name", #"{"givenName":"A","familyName":"X"}"#),
            // A multi-valued attribute without a filter: all values.
            (#"{"op":"replace","path":"emails","value":[{"value":"n@x","type":"work"}]}"#, "emails", #"[{"value":"n@x","type":"work"}]"#),
            (#"{"op":"replace","path":"emails","value":{"value":"n@x"}}"#, "emails", #"[{"value":"n@x"}]"#),
            (#"{"op":"replace","path":"emails","value":"n@x"}"#, "emails", #"[{"value":"n@x"}]"#),
            (#"{"op":"replace","path":"emails","value":[]}"#, "emails", "-"),
            (#"{"op":"replace","path":"emails","value":null}"#, "emails", "-"),
            // What does not exist is added.
            (#"{"op":"replace","path":"nickName","value":"N"}"#, "nickName", #""N""#),
            (#"{"op":"replace","path":"name.middleName","value":"M"}"#, "name", #"{"givenName":"A","familyName":"L","middleName":"M"}"#),
            (#"{"op":"replace","path":"phoneNumbers","value":[{"value":"1"}]}"#, "phoneNumbers", #"[{"value":"1"}]"#),
            (#"{"op":"replace","path":"phoneNumbers.value","value":"1"}"#, "phoneNumbers", #"[{"value":"1"}]"#),
            // A complex attribute: the sub-attributes given, the others stay.
            (#"{"op":"replace","path":"name","value":{"givenName":"B"}}"#, "name", #"{"givenName":"B","familyName":"L"}"#),
            (#"{"op":"replace","path":"name","value":{"GIVENNAME":null,"formatted":"F"}}"#, "name", #"{"familyName":"L","formatted":"F"}"#),
            (#"{"op":"replace","path":"name","value":{"givenName":null}}"#, "name", #"{"familyName":"L"}"#),
            (#"{"op":"replace","path":"name","value":{"givenName":null,"familyName":null}}"#, "name", "-"),
            (#"{"op":"replace","path":"name","value":{}}"#, "name", #"{"givenName":"A","familyName":"L"}"#),
            (#"{"op":"replace","path":"name","value":{"nope":"x"}}"#, "name", #"{"givenName":"A","familyName":"L"}"#),
            (#"{"op":"replace","path":"name","value":null}"#, "name", "-"),
            // A value path: all values that match.
            (
                #"{"op":"replace","path":"emails[type eq \"home\"]","value":{"value":"n@x","type":"other"}}"#, "emails",
                #"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"work"},{"value":"n@x","type":"other"}]"#
            ),
            (
                #"{"op":"replace","path":"addresses[type eq \"work\"]","value":{"type":"work","locality":"Bonn"}}"#, "addresses",
                #"[{"locality":"Bonn","type":"work"}]"#
            ),
            (
                #"{"op":"replace","path":"addresses[type eq \"work\"]","value":[{"locality":"Bonn"}]}"#, "addresses",
                #"[{"locality":"Bonn","type":"work"}]"#
            ),
            (
                #"{"op":"replace","path":"emails[type eq \"home\"]","value":"n@x"}"#, "emails",
                #"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"work"},{"value":"n@x","type":"home"}]"#
            ),
            (#"{"op":"replace","path":"emails[type eq \"work\"]","value":null}"#, "emails", #"[{"value":"h@x","type":"home"}]"#),
            // A value path and a sub-attribute: that of all values that match.
            (
                #"{"op":"replace","path":"emails[type eq \"work\"].type","value":"other"}"#, "emails",
                #"[{"value":"a@x","type":"other","primary":true},{"value":"b@x","type":"other"},{"value":"h@x","type":"home"}]"#
            ),
            (
                #"{"op":"replace","path":"addresses[type eq \"work\"].locality","value":"Bonn"}"#, "addresses",
                #"[{"type":"work","locality":"Bonn","country":"DE"}]"#
            ),
            (
                #"{"op":"replace","path":"emails[type eq \"home\"].value","value":"n@x"}"#, "emails",
                #"[{"value":"a@x","type":"work","primary":true},{"value":"b@x","type":"work"},{"value":"n@x","type":"home"}]"#
            ),
            (#"{"op":"replace","path":"emails[type eq \"work\"].value","value":null}"#, "emails", #"[{"value":"h@x","type":"home"}]"#),
            (
                #"{"op":"replace","path":"emails[primary eq true].primary","value":false}"#, "emails",
                #"[{"value":"a@x","type":"work","primary":false},{"value":"b@x","type":"work"},{"value":"h@x","type":"home"}]"#
            ),
            // A reference that names another no longer points to the first.
            (
                #"{"op":"replace","path":"\#(enterprise):manager","value":{"value":"m2"}}"#, enterprise,
                #"{"department":"D","manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"replace","path":"\#(enterprise):manager","value":"m2"}"#, enterprise,
                #"{"department":"D","manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"replace","path":"\#(enterprise):manager.value","value":"m2"}"#, enterprise,
                #"{"department":"D","manager":{"value":"m2"}}"#
            ),
            (
                #"{"op":"replace","path":"\#(enterprise):manager","value":{"value":"m2","$ref":"/Users/m2"}}"#, enterprise,
                #"{"department":"D","manager":{"value":"m2","$ref":"/Users/m2"}}"#
            ),
            (
                #"{"op":"replace","path":"\#(enterprise):manager","value":{"value":"m1"}}"#, enterprise,
                #"{"department":"D","manager":{"value":"m1","$ref":"/Users/m1"}}"#
            ),
            (#"{"op":"replace","path":"\#(enterprise):manager","value":null}"#, enterprise, #"{"department":"D"}"#),
        ])
    func rows(operation: String, name: String, result: String) throws { #expect(try user.value(name, after: operation) == result) }

    @Test(
        "a whole value whose filter matches none has no target",
        arguments: [
            #"{"op":"replace","path":"emails[type eq \"other\"]","value":{"value":"n@x"}}"#,
            #"{"op":"replace","path":"phoneNumbers[type eq \"work\"]","value":{"value":"1"}}"#,
            #"{"op":"Replace","path":"emails[type eq \"home\" and primary eq true]","value":{"value":"n@x"}}"#,
            #"{"op":"replace","path":"emails[type ne \"work\" and type ne \"home\"].value","value":"n@x"}"#,
        ])
    func noTarget(operation: String) { #expect(throws: SCIMError.noTarget("")) { try user.patched(operation) } }

    @Test("operations see what those before them have done")
    func order() throws {
        let emails = try user.value(
            "emails",
            after: #"""
                [{"op":"remove","path":"emails"},{"op":"add","path":"emails","value":[{"value":"1","type":"work"}]},
                 {"op":"replace","path":"emails[type eq \"work\"].value","value":"2"},{"op":"add","path":"emails",
                  "value":{"value":"3","primary":true}},
                 {"op":"replace","path":"emails[value eq \"3\"].type","value":"home"}]
                """#)
        #expect(emails == #"[{"value":"2","type":"work"},{"value":"3","primary":true,"type":"home"}]"#)
    }

    @Test("a request is atomic: an error leaves nothing changed")
    func atomic() throws {
        let before = user.resource
        #expect(throws: SCIMError.noTarget("")) {
            try user.patched(
                #"[{"op":"replace","path":"title","value":"U"},{"op":"replace","path":"emails[type eq \"x\"]","value":{"value":"y"}}]"#)
        }
        #expect(user.resource == before)
    }

    @Test("several values at once cannot be made primary: the validator refuses it")
    func twoPrimaries() throws {
        let patched = try user.patched(#"{"op":"replace","path":"emails.primary","value":true}"#)
        #expect(throws: SCIMError.invalidValue("")) {
            try ResourceValidator(registry: .standard, type: .user).validated(patched, replacing: user.resource)
        }
    }

    @Test("a first use of an extension adds its URN to schemas, the last removal takes it away, once validated")
    func schemas() throws {
        let validator = ResourceValidator(registry: .standard, type: .user)
        let without = try validator.validated(try user.patched(#"{"op":"remove","path":"\#(enterprise)"}"#), replacing: user.resource)
        #expect(without.schemas == [Schema.user.id])
        let bench = try PatchBench(AttributeValue.complex(without.attributes).jsonText)
        let with = try validator.validated(
            try bench.patched(#"{"op":"add","path":"\#(enterprise):department","value":"D"}"#), replacing: without)
        #expect(with.schemas == [Schema.user.id, enterprise])
    }
}

@Suite("PATCH and mutability")
struct PatchMutabilityTests {
    private let bench: PatchBench

    init() throws {
        let schema = Schema(
            id: "urn:x:thing", name: "Thing", description: "",
            attributes: [
                .init("name", isRequired: true), .init("serial", mutability: .immutable), .init("tags", isMultiValued: true),
                .init("marks", isMultiValued: true, mutability: .immutable),
                .init("exact", isMultiValued: true, isCaseExact: true),
                .init(
                    "owner", .complex,
                    subAttributes: [.init("value", mutability: .immutable), .init("note"), .init("kind", isRequired: true)]),
                .init("badge", mutability: .readOnly),
            ])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        bench = try PatchBench(
            #"{"id":"1","name":"n","tags":["Red","blue"],"marks":["a"],"exact":["A"],"owner":{"value":"o","note":"x","kind":"k"}}"#,
            type: type,
            registry: SchemaRegistry(resourceTypes: [type], schemas: [schema]))
    }

    @Test(
        "an immutable attribute takes its first value, and the same one again",
        arguments: [
            (#"{"op":"add","path":"serial","value":"1"}"#, "serial", #""1""#),
            (#"{"op":"replace","path":"serial","value":"1"}"#, "serial", #""1""#),
            (#"[{"op":"add","path":"serial","value":"1"},{"op":"add","path":"serial","value":"1"}]"#, "serial", #""1""#),
            (#"{"op":"add","path":"marks","value":["a"]}"#, "marks", #"["a"]"#),
            (#"{"op":"replace","path":"owner.value","value":"o"}"#, "owner", #"{"value":"o","note":"x","kind":"k"}"#),
            (#"{"op":"replace","path":"owner","value":{"value":"o","note":"y"}}"#, "owner", #"{"value":"o","note":"y","kind":"k"}"#),
        ])
    func immutableAccepted(operation: String, name: String, result: String) throws {
        #expect(try bench.value(name, after: operation) == result)
    }

    @Test(
        "another value for it is refused with mutability",
        arguments: [
            #"[{"op":"add","path":"serial","value":"1"},{"op":"replace","path":"serial","value":"2"}]"#,
            #"[{"op":"add","path":"serial","value":"1"},{"op":"remove","path":"serial"}]"#, #"{"op":"add","path":"marks","value":["b"]}"#,
            #"{"op":"remove","path":"marks"}"#, #"{"op":"replace","path":"owner.value","value":"p"}"#,
            #"{"op":"remove","path":"owner.value"}"#,
            #"{"op":"replace","path":"owner","value":{"value":"p"}}"#, #"{"op":"replace","path":"badge","value":"b"}"#,
            #"{"op":"remove","path":"badge"}"#,
            #"{"op":"remove","path":"name"}"#, #"{"op":"remove","path":"owner.kind"}"#,
            #"{"op":"replace","path":"owner.kind","value":null}"#,
        ])
    func immutableRefused(operation: String) { #expect(throws: SCIMError.mutability("")) { try bench.patched(operation) } }

    @Test(
        "plain values are added once and removed by name, with regard to case where the schema has it",
        arguments: [
            (#"{"op":"add","path":"tags","value":["RED","green"]}"#, "tags", #"["Red","blue","green"]"#),
            (#"{"op":"add","path":"tags","value":"x"}"#, "tags", #"["Red","blue","x"]"#),
            (#"{"op":"add","path":"exact","value":["a","A"]}"#, "exact", #"["A","a"]"#),
            (#"{"op":"remove","path":"tags","value":["red"]}"#, "tags", #"["blue"]"#),
            (#"{"op":"remove","path":"exact","value":["a"]}"#, "exact", #"["A"]"#),
            (#"{"op":"remove","path":"tags[value eq \"RED\"]"}"#, "tags", #"["blue"]"#),
            (#"{"op":"remove","path":"tags[value sw \"b\" or value sw \"r\"]"}"#, "tags", "-"),
            (#"{"op":"replace","path":"tags[value eq \"red\"]","value":"green"}"#, "tags", #"["green","blue"]"#),
            (#"{"op":"replace","path":"tags","value":[]}"#, "tags", "-"),
        ])
    func plainValues(operation: String, name: String, result: String) throws { #expect(try bench.value(name, after: operation) == result) }

    @Test("a plain value that nobody has is no target", arguments: ["add", "replace"])
    func plainNoTarget(kind: String) {
        #expect(throws: SCIMError.noTarget("")) { try bench.patched(#"{"op":"\#(kind)","path":"tags[value eq \"x\"]","value":"y"}"#) }
    }
}
