import SCIM
import Testing

private let enterprise = Schema.enterpriseUser.id

@Suite("PATCH remove (RFC 7644 §3.5.2.2)")
struct PatchRemoveTests {
    private let user: PatchBench

    init() throws {
        user = try PatchBench(
            #"""
            {"schemas":["\#(Schema.user.id)"],"id":"7","userName":"a","name":{"givenName":"A","familyName":"L"},"title":"T",
             "emails":[{"value":"a@example.com","type":"work","primary":true},{"value":"b@x.org","type":"work"},
              {"value":"h@x.org","type":"home"}],
             "addresses":[{"type":"work","locality":"Ulm"}],
             "\#(enterprise)":{"department":"D","manager":{"value":"m","$ref":"/Users/m"}}}
            """#)
    }

    private static let all =
        #"[{"value":"a@example.com","type":"work","primary":true},{"value":"b@x.org","type":"work"},{"value":"h@x.org","type":"home"}]"#

    @Test(
        "each row of the section",
        arguments: [
            // A single-valued attribute or sub-attribute becomes unassigned; a value beside the path says nothing more.
            (#"{"op":"remove","path":"title"}"#, "title", "-"), (#"{"op":"remove","path":"TITLE","value":"other"}"#, "title", "-"),
            (#"{"op":"remove","path":"name"}"#, "name", "-"), (#"{"op":"remove","path":"name.givenName"}"#, "name", #"{"familyName":"L"}"#),
            (#"[{"op":"remove","path":"name.givenName"},{"op":"remove","path":"name.familyName"}]"#, "name", "-"),
            // A multi-valued attribute without a filter: all values.
            (#"{"op":"remove","path":"emails"}"#, "emails", "-"), (#"{"op":"remove","path":"emails","value":null}"#, "emails", "-"),
            // A filter on "value", or on sub-attributes: those that match; when none remain, the attribute.
            (
                #"{"op":"remove","path":"emails[value eq \"B@X.ORG\"]"}"#, "emails",
                #"[{"value":"a@example.com","type":"work","primary":true},{"value":"h@x.org","type":"home"}]"#
            ),
            (
                #"{"op":"remove","path":"emails[type eq \"work\" and value ew \"example.com\"]"}"#, "emails",
                #"[{"value":"b@x.org","type":"work"},{"value":"h@x.org","type":"home"}]"#
            ),
            (#"{"op":"remove","path":"emails[type eq \"work\"]"}"#, "emails", #"[{"value":"h@x.org","type":"home"}]"#),
            (
                #"{"op":"remove","path":"emails[primary eq true]"}"#, "emails",
                #"[{"value":"b@x.org","type":"work"},{"value":"h@x.org","type":"home"}]"#
            ),
            (#"{"op":"remove","path":"emails[primary eq false]"}"#, "emails", #"[{"value":"a@example.com","type":"work","primary":true}]"#),
            (#"{"op":"remove","path":"emails[value pr]"}"#, "emails", "-"),
            (#"[{"op":"remove","path":"emails[type eq \"work\"]"},{"op":"remove","path":"emails[type eq \"home\"]"}]"#, "emails", "-"),
            // Sub-attributes of the values that match, or of all.
            (
                #"{"op":"remove","path":"emails[type eq \"work\"].type"}"#, "emails",
                #"[{"value":"a@example.com","primary":true},{"value":"b@x.org"},{"value":"h@x.org","type":"home"}]"#
            ),
            (
                #"{"op":"remove","path":"emails.type"}"#, "emails",
                #"[{"value":"a@example.com","primary":true},{"value":"b@x.org"},{"value":"h@x.org"}]"#
            ),
            (#"[{"op":"remove","path":"addresses.type"},{"op":"remove","path":"addresses.locality"}]"#, "addresses", "-"),
            // Without its value, an address is none (Entra ID removes them so).
            (#"{"op":"Remove","path":"emails[type eq \"work\"].value"}"#, "emails", #"[{"value":"h@x.org","type":"home"}]"#),
            (#"{"op":"remove","path":"emails.value"}"#, "emails", "-"),
            // Extensions.
            (#"{"op":"remove","path":"\#(enterprise):department"}"#, enterprise, #"{"manager":{"value":"m","$ref":"/Users/m"}}"#),
            (#"{"op":"remove","path":"\#(enterprise):manager"}"#, enterprise, #"{"department":"D"}"#),
            (#"{"op":"remove","path":"\#(enterprise):manager.value"}"#, enterprise, #"{"department":"D"}"#),
            (#"{"op":"remove","path":"\#(enterprise):manager.$ref"}"#, enterprise, #"{"department":"D","manager":{"value":"m"}}"#),
            (#"{"op":"remove","path":"\#(enterprise)"}"#, enterprise, "-"),
            (#"[{"op":"remove","path":"\#(enterprise):department"},{"op":"remove","path":"\#(enterprise):manager"}]"#, enterprise, "-"),
            // With a list of values, those and only those (Entra ID, JumpCloud); an empty list names nobody.
            (
                #"{"op":"Remove","path":"emails","value":[{"value":"b@x.org"},{"value":"nobody@x"}]}"#, "emails",
                #"[{"value":"a@example.com","type":"work","primary":true},{"value":"h@x.org","type":"home"}]"#
            ),
            (#"{"op":"Remove","path":"emails","value":{"value":"b@x.org","type":"home"}}"#, "emails", all),
            (
                #"{"op":"Remove","path":"emails","value":"b@x.org"}"#, "emails",
                #"[{"value":"a@example.com","type":"work","primary":true},{"value":"h@x.org","type":"home"}]"#
            ),
            (#"{"op":"Remove","path":"emails","value":[]}"#, "emails", all),
            (#"{"op":"Remove","path":"emails","value":[null]}"#, "emails", all),
            (#"{"op":"Remove","path":"addresses","value":[{"locality":"Ulm","type":"work"}]}"#, "addresses", "-"),
            (#"{"op":"Remove","path":"addresses","value":[{"locality":"Ulm"}]}"#, "addresses", #"[{"type":"work","locality":"Ulm"}]"#),
        ])
    func rows(operation: String, name: String, result: String) throws { #expect(try user.value(name, after: operation) == result) }

    @Test(
        "removing what is not there succeeds and changes nothing",
        arguments: [
            #"{"op":"remove","path":"nickName"}"#, #"{"op":"remove","path":"name.middleName"}"#, #"{"op":"remove","path":"phoneNumbers"}"#,
            #"{"op":"remove","path":"emails[type eq \"other\"]"}"#, #"{"op":"remove","path":"emails[type eq \"other\"].value"}"#,
            #"{"op":"remove","path":"emails.display"}"#, #"{"op":"remove","path":"\#(enterprise):division"}"#,
            #"{"op":"remove","path":"phoneNumbers.value"}"#,
        ])
    func absent(operation: String) throws { #expect(try user.patched(operation) == user.resource) }

    @Test(
        "a required attribute cannot be removed: mutability",
        arguments: [
            #"{"op":"remove","path":"userName"}"#, #"{"op":"replace","path":"userName","value":null}"#,
            #"{"op":"replace","value":{"userName":null}}"#,
            #"{"op":"add","path":"userName","value":[]}"#, #"{"op":"remove","path":"schemas"}"#,
        ])
    func required(operation: String) { #expect(throws: SCIMError.mutability("")) { try user.patched(operation) } }
}
