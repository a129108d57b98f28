import SCIM
import Testing

private let enterprise = Schema.enterpriseUser.id

@Suite("PATCH add (RFC 7644 §3.5.2.1)")
struct PatchAddTests {
    private let user: PatchBench

    init() throws {
        user = try PatchBench(
            #"""
            {"schemas":["\#(Schema.user.id)"],"id":"7","userName":"a","name":{"givenName":"A","familyName":"L"},"title":"T","active":true,
             "emails":[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"}],
             "addresses":[{"type":"work","locality":"Ulm"}]}
            """#)
    }

    @Test(
        "each row of the section",
        arguments: [
            // The path is left out: the value is a set of attributes.
            (#"{"op":"add","value":{"nickName":"N","title":"U"}}"#, "nickName", #""N""#),
            (
                #"{"op":"add","value":{"emails":[{"value":"n@x"}]}}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"},{"value":"n@x"}]"#
            ),
            // The target does not exist.
            (#"{"op":"add","path":"nickName","value":"N"}"#, "nickName", #""N""#),
            (#"{"op":"add","path":"name.middleName","value":"M"}"#, "name", #"{"givenName":"A","familyName":"L","middleName":"M"}"#),
            (#"{"op":"add","path":"phoneNumbers","value":[{"value":"1"}]}"#, "phoneNumbers", #"[{"value":"1"}]"#),
            (#"{"op":"add","path":"\#(enterprise):department","value":"D"}"#, enterprise, #"{"department":"D"}"#),
            (#"{"op":"add","path":"\#(enterprise):manager","value":{"value":"m"}}"#, enterprise, #"{"manager":{"value":"m"}}"#),
            (#"{"op":"add","path":"\#(enterprise):manager.value","value":"m"}"#, enterprise, #"{"manager":{"value":"m"}}"#),
            (
                #"{"op":"add","path":"\#(enterprise)","value":{"department":"D","division":"V"}}"#, enterprise,
                #"{"department":"D","division":"V"}"#
            ),
            // A complex attribute: a set of sub-attributes.
            (
                #"{"op":"add","path":"name","value":{"familyName":"X","honorificPrefix":"Dr."}}"#, "name",
                #"{"givenName":"A","familyName":"X","honorificPrefix":"Dr."}"#
            ),
            // A multi-valued attribute: a new value, alone or in an array.
            (
                #"{"op":"add","path":"emails","value":[{"value":"n@x","type":"other"}]}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"},{"value":"n@x","type":"other"}]"#
            ),
            (#"{"op":"add","path":"phoneNumbers","value":{"value":"1","type":"work"}}"#, "phoneNumbers", #"[{"value":"1","type":"work"}]"#),
            (
                #"{"op":"add","path":"addresses","value":[{"type":"home","locality":"Bonn"}]}"#, "addresses",
                #"[{"type":"work","locality":"Ulm"},{"locality":"Bonn","type":"home"}]"#
            ),
            // A single-valued attribute, or a value that exists: it is replaced.
            (#"{"op":"add","path":"title","value":"U"}"#, "title", #""U""#),
            (#"{"op":"add","path":"active","value":false}"#, "active", "false"),
            (#"{"op":"add","path":"name.givenName","value":"B"}"#, "name", #"{"givenName":"B","familyName":"L"}"#),
            // A value path.
            (
                #"{"op":"add","path":"emails[type eq \"home\"].display","value":"H"}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home","display":"H"}]"#
            ),
            (
                #"{"op":"add","path":"emails[type eq \"home\"]","value":{"display":"H"}}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home","display":"H"}]"#
            ),
            (
                #"{"op":"add","path":"addresses[type eq \"work\"].country","value":"DE"}"#, "addresses",
                #"[{"type":"work","locality":"Ulm","country":"DE"}]"#
            ),
            // null is no value (RFC 7643 §2.5), and an object with nothing known in it changes nothing.
            (#"{"op":"add","path":"title","value":null}"#, "title", "-"),
            (
                #"{"op":"add","path":"emails.type","value":null}"#, "emails",
                #"[{"value":"w@x","primary":true},{"value":"h@x"}]"#
            ),
            (#"{"op":"add","path":"name","value":{}}"#, "name", #"{"givenName":"A","familyName":"L"}"#),
            (#"{"op":"add","path":"name","value":{"nope":1}}"#, "name", #"{"givenName":"A","familyName":"L"}"#),
            (#"{"op":"add","path":"name","value":{"givenName":null}}"#, "name", #"{"familyName":"L"}"#),
            (
                #"{"op":"add","path":"emails","value":[]}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"}]"#
            ),
            (#"{"op":"add","path":"nickName","value":""}"#, "nickName", #""""#),
        ])
    func rows(operation: String, name: String, result: String) throws { #expect(try user.value(name, after: operation) == result) }

    @Test(
        "a value that is there already changes nothing",
        arguments: [
            #"{"op":"add","path":"title","value":"T"}"#, #"{"op":"add","path":"emails","value":[{"value":"h@x","type":"home"}]}"#,
            #"{"op":"add","path":"emails","value":{"value":"h@x"}}"#, #"{"op":"add","path":"emails","value":"h@x"}"#,
            #"{"op":"add","path":"emails","value":[{"value":"w@x","type":"work","primary":true}]}"#,
            #"{"op":"add","path":"addresses","value":{"locality":"Ulm","type":"work"}}"#,
            #"{"op":"add","path":"name","value":{"givenName":"A"}}"#,
            #"{"op":"add","path":"active","value":"True"}"#, #"{"op":"add","value":{"title":"T","name":{"familyName":"L"},"active":true}}"#,
            #"{"op":"add","path":"emails[type eq \"home\"].value","value":"h@x"}"#,
            #"{"op":"add","path":"emails[primary eq true].type","value":"work"}"#,
        ])
    func again(operation: String) throws {
        let patched = try user.patched(operation)
        #expect(patched == user.resource)
        #expect(patched.attributes.members.map(\.name) == user.resource.attributes.members.map(\.name))
    }

    @Test("the same value with another type is another value")
    func otherType() throws {
        #expect(
            try user.value("emails", after: #"{"op":"add","path":"emails","value":{"value":"h@x","type":"other"}}"#)
                == #"[{"value":"w@x","type":"work","primary":true},{"value":"h@x","type":"home"},{"value":"h@x","type":"other"}]"#)
    }

    @Test(
        "a value that becomes primary takes that from the others",
        arguments: [
            #"{"op":"add","path":"emails","value":[{"value":"n@x","primary":true}]}"#,
            #"{"op":"add","path":"emails","value":{"value":"n@x","primary":"True"}}"#,
            #"{"op":"add","value":{"emails":{"value":"n@x","primary":true}}}"#,
        ])
    func primary(operation: String) throws {
        #expect(
            try user.value("emails", after: operation)
                == #"[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home"},{"value":"n@x","primary":true}]"#)
    }

    @Test(
        "so does one that is there already, by path or by value",
        arguments: [
            #"{"op":"add","path":"emails[type eq \"home\"].primary","value":true}"#,
            #"{"op":"add","path":"emails[type eq \"home\"]","value":{"primary":true}}"#,
            #"{"op":"add","path":"emails","value":[{"value":"h@x","type":"home","primary":true}]}"#,
            #"{"op":"replace","path":"emails[value eq \"h@x\"].primary","value":"true"}"#,
        ])
    func primaryMoves(operation: String) throws {
        #expect(
            try user.value("emails", after: operation)
                == #"[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home","primary":true}]"#)
    }

    @Test(
        "a sub-attribute of a value that the filter describes and nobody has makes that value (Entra ID)",
        arguments: [
            (
                #"{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}"#, "phoneNumbers",
                #"[{"value":"1","type":"mobile"}]"#
            ),
            (
                #"{"op":"Replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}"#, "phoneNumbers",
                #"[{"value":"1","type":"mobile"}]"#
            ),
            (
                #"{"op":"Add","path":"phoneNumbers[TYPE eq \"mobile\" and Primary eq \"True\"].value","value":"1"}"#, "phoneNumbers",
                #"[{"value":"1","type":"mobile","primary":true}]"#
            ),
            (#"{"op":"Add","path":"roles[primary eq \"True\"].value","value":"r"}"#, "roles", #"[{"value":"r","primary":true}]"#),
            (
                #"{"op":"Add","path":"addresses[type eq \"home\"].locality","value":"Bonn"}"#, "addresses",
                #"[{"type":"work","locality":"Ulm"},{"type":"home","locality":"Bonn"}]"#
            ),
            (
                #"{"op":"Add","path":"phoneNumbers[type eq \"mobile\"]","value":{"value":"1"}}"#, "phoneNumbers",
                #"[{"type":"mobile","value":"1"}]"#
            ),
            (
                #"{"op":"Add","path":"emails[type eq \"o\" and primary eq true].value","value":"n@x"}"#, "emails",
                #"[{"value":"w@x","type":"work","primary":false},{"value":"h@x","type":"home"},{"type":"o","primary":true,"value":"n@x"}]"#
            ),
            (#"{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":null}"#, "phoneNumbers", "-"),
        ])
    func described(operation: String, name: String, result: String) throws {
        let value = try user.patched(operation)[name] ?? .null
        #expect(value == (result == "-" ? .null : try AttributeValue(json: result)))
    }

    @Test(
        "a filter that describes no value gives none: noTarget",
        arguments: [
            #"{"op":"add","path":"phoneNumbers[type ne \"mobile\"].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers[type pr].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers[type eq \"a\" or type eq \"b\"].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers[not (type eq \"a\")].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers[type eq null].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers[type co \"a\"]","value":{"value":"1"}}"#,
        ])
    func notDescribed(operation: String) { #expect(throws: SCIMError.noTarget("")) { try user.patched(operation) } }

    @Test(
        "a value of another type is refused with invalidValue",
        arguments: [
            #"{"op":"add","path":"active","value":"maybe"}"#, #"{"op":"add","path":"title","value":5}"#,
            #"{"op":"add","path":"title","value":{"a":1}}"#,
            #"{"op":"add","path":"title","value":["a","b"]}"#, #"{"op":"add","path":"name","value":"A"}"#,
            #"{"op":"add","path":"emails","value":[5]}"#,
            #"{"op":"add","path":"emails","value":[{"value":"a","primary":true},{"value":"b","primary":true}]}"#,
            #"{"op":"add","path":"emails[type eq \"home\"].primary","value":"x"}"#,
            #"{"op":"add","path":"emails[type eq \"home\"]","value":[{"value":"a"},{"value":"b"}]}"#,
            #"{"op":"add","path":"addresses[type eq \"work\"]","value":"Ulm"}"#,
        ])
    func badValue(operation: String) { #expect(throws: SCIMError.invalidValue("")) { try user.patched(operation) } }

    @Test("a thousand values are accepted, one more is refused, in however many operations they come")
    func limit() throws {
        func operation(_ range: Range<Int>) -> String {
            #"{"op":"add","path":"emails","value":["# + range.map { #"{"value":"\#($0)"}"# }.joined(separator: ",") + "]}"
        }
        let full = try user.patched("[\(operation(0..<500)),\(operation(500..<998))]")
        #expect(full["emails"]?.array?.count == 1000)
        #expect(throws: SCIMError.invalidValue("")) { try user.patched("[\(operation(0..<500)),\(operation(500..<999))]") }
        #expect(try user.patched("[\(operation(0..<998)),\(operation(0..<998))]") == full)
    }
}
