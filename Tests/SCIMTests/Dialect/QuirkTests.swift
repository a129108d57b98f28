import SCIM
import Testing

private let enterprise = Schema.enterpriseUser.id

/// What a client sends beside what the RFC has for it.
struct QuirkCase: Sendable, CustomTestStringConvertible {
    let quirk: Quirk
    let type: ResourceType
    let sent: String
    let meant: String
    let error: SCIMError

    var testDescription: String { "\(quirk): \(sent)" }

    static func post(_ quirk: Quirk, _ sent: String, _ meant: String, _ error: SCIMError = .invalidValue("")) -> QuirkCase {
        QuirkCase(quirk: quirk, type: .user, sent: sent, meant: meant, error: error)
    }

    static func patch(_ quirk: Quirk, _ sent: String, _ meant: String, _ error: SCIMError = .invalidValue("")) -> QuirkCase {
        QuirkCase(quirk: quirk, type: .user, sent: DialectBench.patch(sent), meant: DialectBench.patch(meant), error: error)
    }

    static func group(_ quirk: Quirk, _ sent: String, _ meant: String, _ error: SCIMError = .invalidValue("")) -> QuirkCase {
        QuirkCase(quirk: quirk, type: .group, sent: DialectBench.patch(sent), meant: DialectBench.patch(meant), error: error)
    }
}

@Suite("Quirks of clients")
struct QuirkTests {
    private static func post(_ members: String) -> String { DialectBench.post(members) }
    private static func postEnterprise(_ members: String) -> String { DialectBench.postEnterprise(members) }

    static let cases: [QuirkCase] = [
        // Values
        .post(.booleanAsString, post(#","active":"False""#), post(#","active":false"#)),
        .post(
            .booleanAsString, post(#","roles":[{"value":"r","primary":"True"}]"#), post(#","roles":[{"value":"r","primary":true}]"#)),
        .patch(
            .booleanAsString, #"{"op":"replace","path":"active","value":"False"}"#,
            #"{"op":"replace","path":"active","value":false}"#),
        .patch(
            .booleanAsString, #"{"op":"replace","path":"emails[primary eq \"True\"].value","value":"n@x"}"#,
            #"{"op":"replace","path":"emails[primary eq true].value","value":"n@x"}"#, .invalidFilter("")),
        .post(.loneValueForArray, post(#","emails":{"value":"a@x"}"#), post(#","emails":[{"value":"a@x"}]"#)),
        .patch(
            .loneValueForArray, #"{"op":"replace","path":"emails","value":{"value":"n@x"}}"#,
            #"{"op":"replace","path":"emails","value":[{"value":"n@x"}]}"#),
        .patch(
            .arrayForLoneValue, #"{"op":"replace","path":"title","value":["U"]}"#, #"{"op":"replace","path":"title","value":"U"}"#),
        .patch(
            .arrayForLoneValue, #"{"op":"add","path":"\#(enterprise):manager","value":[{"$ref":null,"value":"m2"}]}"#,
            #"{"op":"add","path":"\#(enterprise):manager","value":{"value":"m2"}}"#),
        .post(.bareValueForObject, post(#","emails":["a@x"]"#), post(#","emails":[{"value":"a@x"}]"#)),
        .patch(
            .bareValueForObject, #"{"op":"add","path":"emails","value":["n@x"]}"#,
            #"{"op":"add","path":"emails","value":[{"value":"n@x"}]}"#),
        .group(
            .bareValueForObject, #"{"op":"add","path":"members","value":["d"]}"#,
            #"{"op":"add","path":"members","value":[{"value":"d"}]}"#),
        .post(.emptyStringIsUnassigned, post(#","emails":[""]"#), post("")),
        .post(.emptyStringIsUnassigned, post(#","profileUrl":"","photos":[{"value":"","type":"photo"}]"#), post("")),
        .patch(
            .emptyStringIsUnassigned, #"{"op":"replace","path":"\#(enterprise):manager","value":""}"#,
            #"{"op":"remove","path":"\#(enterprise):manager"}"#),
        .post(.emptyPassword, post(#","password":"""#), post("")),
        .patch(
            .emptyPassword, #"{"op":"replace","value":{"title":"U","password":""}}"#, #"{"op":"replace","value":{"title":"U"}}"#),
        .patch(
            .jsonInText, #"{"op":"add","path":"roles","value":"[{\"value\":\"r\"}]"}"#,
            #"{"op":"add","path":"roles","value":[{"value":"r"}]}"#),
        .patch(
            .jsonInText, #"{"op":"replace","path":"name","value":"{\"givenName\":\"B\"}"}"#,
            #"{"op":"replace","path":"name","value":{"givenName":"B"}}"#),
        .post(.unknownAttributes, post(#","user_name":"z""#), post("")),
        .post(.unknownAttributes, post(#","name":{"givenName":"A","nick":"B"}"#), post(#","name":{"givenName":"A"}"#)),
        .post(.unknownAttributes, post(#","urn:ietf:params:scim:schemas:extension:forest:2.0:User":{"x":1}"#), post("")),
        .post(
            .unknownAttributes, postEnterprise(#""\#(enterprise)":{"department":"D","floor":5}"#),
            postEnterprise(#""\#(enterprise)":{"department":"D"}"#)),
        .patch(
            .unknownAttributes, #"{"op":"add","path":"emails","value":[{"value":"n@x","label":"x"}]}"#,
            #"{"op":"add","path":"emails","value":[{"value":"n@x"}]}"#),
        // Schemas
        .post(
            .legacySchemaURN, #"{"schemas":["urn:scim:schemas:core:1.0"],"userName":"a"}"#, post("")),
        .post(
            .legacySchemaURN,
            #"{"schemas":["urn:scim:schemas:core:2.0","urn:scim:schemas:extension:enterprise:2.0"],"userName":"a","#
                + #""urn:scim:schemas:extension:enterprise:2.0":{"department":"D"}}"#,
            postEnterprise(#""\#(enterprise)":{"department":"D"}"#)),
        .patch(
            .legacySchemaURN, #"{"op":"replace","path":"urn:scim:schemas:extension:enterprise:2.0:User:department","value":"E"}"#,
            #"{"op":"replace","path":"\#(enterprise):department","value":"E"}"#, .invalidPath("")),
        .post(.unknownSchema, #"{"schemas":["\#(Schema.user.id)","urn:example:x"],"userName":"a"}"#, post("")),
        .post(.schemasIncomplete, #"{"userName":"a"}"#, post("")),
        .post(.schemasIncomplete, #"{"schemas":[],"userName":"a"}"#, post("")),
        .post(
            .schemasIncomplete, post(#","\#(enterprise)":{"department":"D"}"#), postEnterprise(#""\#(enterprise)":{"department":"D"}"#)),
        QuirkCase(
            quirk: .schemasIncomplete, type: .user, sent: #"{"Operations":[{"op":"remove","path":"title"}]}"#,
            meant: DialectBench.patch(#"{"op":"remove","path":"title"}"#), error: .invalidSyntax("")),
        .post(.coreAttributesUnderURN, post(#","\#(Schema.user.id)":{"title":"T"}"#), post(#","title":"T""#)),
        .patch(
            .coreAttributesUnderURN, #"{"op":"add","value":{"\#(Schema.user.id)":{"title":"U"}}}"#,
            #"{"op":"add","value":{"title":"U"}}"#, .invalidPath("")),
        .post(.extensionAttributeAtTop, post(#","department":"D""#), postEnterprise(#""\#(enterprise)":{"department":"D"}"#)),
        .patch(
            .extensionAttributeAtTop, #"{"op":"replace","path":"department","value":"E"}"#,
            #"{"op":"replace","path":"\#(enterprise):department","value":"E"}"#, .invalidPath("")),
        // References
        .patch(
            .managerAsString, #"{"op":"add","path":"\#(enterprise):manager","value":"m2"}"#,
            #"{"op":"add","path":"\#(enterprise):manager","value":{"value":"m2"}}"#),
        .post(
            .managerAsString, postEnterprise(#""\#(enterprise)":{"manager":"m"}"#),
            postEnterprise(#""\#(enterprise)":{"manager":{"value":"m"}}"#)),
        .post(
            .managerIDOfSCIM1, postEnterprise(#""\#(enterprise)":{"manager":{"managerId":"m","displayName":"M"}}"#),
            postEnterprise(#""\#(enterprise)":{"manager":{"value":"m"}}"#)),
        // Messages
        .patch(
            .operationCase, #"{"op":"Replace","path":"title","value":"U"}"#, #"{"op":"replace","path":"title","value":"U"}"#,
            .invalidSyntax("")),
        .patch(
            .emptyPath, #"{"op":"replace","path":"","value":{"title":"U"}}"#, #"{"op":"replace","value":{"title":"U"}}"#,
            .invalidPath("")),
        .patch(
            .pathlessDottedKeys, #"{"op":"replace","value":{"name.familyName":"U","\#(enterprise):department":"E"}}"#,
            #"{"op":"replace","value":{"name":{"familyName":"U"},"\#(enterprise)":{"department":"E"}}}"#, .invalidPath("")),
        .patch(
            .pathlessDottedKeys, #"{"op":"replace","value":{"emails[type eq \"home\"].value":"n@x"}}"#,
            #"{"op":"replace","path":"emails[type eq \"home\"].value","value":"n@x"}"#, .invalidPath("")),
        .patch(
            .extensionAsPath, #"{"op":"add","path":"\#(enterprise)","value":{"department":"E"}}"#,
            #"{"op":"add","value":{"\#(enterprise)":{"department":"E"}}}"#, .invalidPath("")),
        .patch(
            .readOnlyInBody, #"{"op":"replace","value":{"id":"7","meta":{"version":"1"},"groups":[{"value":"g"}],"title":"U"}}"#,
            #"{"op":"replace","value":{"title":"U"}}"#, .mutability("")),
        // Operations
        .patch(
            .createByFilter, #"{"op":"add","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers","value":[{"type":"mobile","value":"1"}]}"#, .noTarget("")),
        .patch(
            .createByFilter, #"{"op":"replace","path":"phoneNumbers[type eq \"mobile\"].value","value":"1"}"#,
            #"{"op":"add","path":"phoneNumbers","value":[{"type":"mobile","value":"1"}]}"#, .noTarget("")),
        .patch(
            .removeByValue, #"{"op":"remove","path":"emails","value":[{"value":"h@x"}]}"#,
            #"{"op":"remove","path":"emails[value eq \"h@x\"]"}"#),
        .patch(.removeByValue, #"{"op":"remove","path":"title","value":"T"}"#, #"{"op":"remove","path":"title"}"#),
        // Members
        .group(
            .membersRemoveByValue, #"{"op":"remove","path":"members","value":[{"value":"b"}]}"#,
            #"{"op":"remove","path":"members[value eq \"b\"]"}"#),
        .group(
            .membersInMembers, #"{"op":"add","path":"members","value":{"members":[{"value":"d"}]}}"#,
            #"{"op":"add","path":"members","value":[{"value":"d"}]}"#),
    ]

    @Test("where it is understood, it means what the RFC has for it, and is noted", arguments: cases)
    func understood(_ item: QuirkCase) throws {
        let meant = try DialectBench(item.type, .rfc).read(item.meant)
        for dialect in [DialectBench.only(item.quirk), .auto] {
            let sent = try DialectBench(item.type, dialect).read(item.sent)
            #expect(sent.resource == meant.resource, "\(AttributeValue.complex(sent.resource.attributes).jsonText)")
            #expect(sent.secrets == meant.secrets)
            #expect(sent.quirks == [item.quirk])
        }
    }

    @Test("where it is not, it is refused", arguments: cases)
    func refused(_ item: QuirkCase) {
        let error = #expect(throws: SCIMError.self) { try DialectBench(item.type, .rfc).read(item.sent) }
        #expect(error == item.error)
        #expect(error?.detail.isEmpty == false)
    }

    @Test("what the RFC has for it is no quirk", arguments: cases)
    func plain(_ item: QuirkCase) throws {
        for dialect in ClientDialect.presets {
            #expect(try DialectBench(item.type, dialect).read(item.meant).quirks == [], "\(dialect.name)")
        }
    }

    @Test("every quirk is in this table but those that have no RFC form, or show only when they meet the store")
    func complete() {
        #expect(Set(Self.cases.map(\.quirk)) == Set(Quirk.all).subtracting([.looseReference, .unknownMember, .comparedValuePath]))
    }

    @Test(
        "a reference that is no URI, or has no scheme where it leads elsewhere, is kept or refused",
        arguments: [
            #""profileUrl":"www.example.com/ada""#, #""profileUrl":"https://example.com/a b""#, #""profileUrl":"https://example.com/ä""#,
            #""profileUrl":"/ada""#, #""profileUrl":"http:""#, #""profileUrl":"https://example.com/%zz""#, #""profileUrl":"a#b:c""#,
            #""profileUrl":"1http://example.com""#, #""profileUrl":"https://example.com/#a#b""#, #""photos":[{"value":"ada.png"}]"#,
        ])
    func looseReference(member: String) throws {
        let sent = try DialectBench(.user, DialectBench.only(.looseReference)).read(DialectBench.post("," + member))
        #expect(sent.quirks == [.looseReference])
        #expect(try AttributeValue(json: "{\(member)}").complex?.members.first.map { sent.resource[$0.name] == $0.value } == true)
        #expect(throws: SCIMError.invalidValue("")) { try DialectBench(.user, .rfc).read(DialectBench.post("," + member)) }
    }

    @Test(
        "an absolute URI is none of these, nor is a relative one or an id where it leads to a resource",
        arguments: [
            #""profileUrl":"https://example.com/ada?x=1&y=%C3%A4#top""#, #""profileUrl":"urn:x:y""#,
            #""profileUrl":"mailto:ada@example.com""#,
            #""profileUrl":"http://[::1]:8080/""#, #""photos":[{"value":"data:image/png;base64,iVBORw0KGgo="}]"#,
        ])
    func absolute(member: String) throws {
        #expect(try DialectBench(.user, .rfc).read(DialectBench.post("," + member)).quirks == [])
    }

    @Test(
        "an id and a relative URI lead to a resource",
        arguments: [
            "https://example.com/v2/Users/m", "../Users/m", "Users/m", "m", "2819c223-7f76-453a-919d-413861904646", "/Users/m?x=a:b",
            "urn:uuid:2819c223",
        ])
    func resourceReference(reference: String) throws {
        let body = DialectBench.postEnterprise(#""\#(enterprise)":{"manager":{"value":"m","$ref":"\#(reference)"}}"#)
        #expect(try DialectBench(.user, .rfc).read(body).resource[enterprise]?["manager"]?["$ref"] == .string(reference))
    }

    @Test("a role whose value is JSON as text stays text where that is not understood")
    func roleAsText() throws {
        let message = DialectBench.patch(#"{"op":"add","path":"roles","value":[{"value":"{\"value\":\"Admin\",\"displayName\":\"A\"}"}]}"#)
        let plain = try DialectBench(.user, .rfc).read(message)
        #expect(plain.resource["roles"] == [["value": #"{"value":"Admin","displayName":"A"}"#]])
        let quirky = try DialectBench(.user, .entra).read(message)
        #expect(quirky.resource["roles"] == [["value": "Admin", "display": "A"]])
        #expect(quirky.quirks == [.jsonInText])
    }

    @Test(
        "a manager without an id is none, however it is written",
        arguments: [
            #""value":"""#, #""value":{"value":""}"#, #""value":{"managerId":""}"#, #""value":[{"managerId":"","displayName":"M"}]"#,
            #""value":{"value":null}"#,
        ])
    func nobody(value: String) throws {
        let sent = try DialectBench().read(DialectBench.patch(#"{"op":"replace","path":"\#(enterprise):manager",\#(value)}"#))
        #expect(sent.resource[enterprise] == ["department": "D"])
    }

    @Test("several quirks are noted together, and again by the next reading")
    func together() throws {
        let body = #"""
            {"userName":"a","active":"True","emails":{"value":"a@x","kind":"x"},"department":"D","manager":"m","custom":1}
            """#
        #expect(
            try DialectBench().read(body).quirks == [
                .schemasIncomplete, .booleanAsString, .loneValueForArray, .unknownAttributes, .extensionAttributeAtTop, .managerAsString,
            ])
    }

    @Test("quirks met before an error are told as well")
    func beforeAnError() throws {
        var quirks: Set<Quirk> = []
        let body = try AttributeValue(json: DialectBench.post(#","active":"True","emails":[5]"#))
        #expect(throws: SCIMError.invalidValue("")) {
            try ResourceValidator(registry: .standard, type: .user).resource(
                from: body, replacing: nil, dialect: .auto, noting: &quirks)
        }
        #expect(quirks == [.booleanAsString])
    }
}

@Suite("What follows the RFC has no quirk")
struct NoQuirkTests {
    @Test(
        "bodies as RFC 7643 §8 has them",
        arguments: [
            #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819","userName":"bjensen@example.com",
             "meta":{"resourceType":"User","created":"2010-01-23T04:56:22Z","version":"W\/\"3694e05e9dff590\"",
              "location":"https://example.com/v2/Users/2819"}}
            """#,
            #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],
             "externalId":"701984","userName":"b","name":{"formatted":"Ms. B","familyName":"J","givenName":"B","middleName":null},
             "displayName":"","nickName":"Babs","profileUrl":"https://login.example.com/b","emails":[{"value":"b@example.com","type":"work",
              "primary":true},{"value":"babs@example.org","type":"home"}],"addresses":[{"type":"work","streetAddress":"100 Plaza",
              "country":"USA","formatted":"100 Plaza\nHollywood","primary":true}],"phoneNumbers":[{"value":"555-555-5555","type":"work"}],
             "ims":[{"value":"someaimhandle","type":"aim"}],"photos":[{"value":"https://photos.example.com/p/F","type":"photo"}],
             "userType":"Employee","preferredLanguage":"en-US","locale":"en-US","timezone":"America/Los_Angeles","active":true,
             "password":"t1meMa$heen","groups":[{"value":"e9","$ref":"https://example.com/v2/Groups/e9","display":"Guides"}],
             "x509Certificates":[{"value":"MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],"roles":[],
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"employeeNumber":"701984","costCenter":"4130",
              "manager":{"value":"26118915","$ref":"../Users/26118915","displayName":"John Smith"}}}
            """#,
            #"""
            {"SCHEMAS":["URN:ietf:params:scim:schemas:core:2.0:user"],"USERNAME":"b","NAME":{"GIVENNAME":"B"},"Active":false}
            """#,
            #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"b",
             "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":null}
            """#,
        ])
    func users(body: String) throws { #expect(try DialectBench(.user, .rfc).read(body).quirks == []) }

    @Test("a group as RFC 7643 §8.4 has it")
    func group() throws {
        let body = #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"id":"e9","displayName":"Tour Guides","members":[{"value":"2819",
             "$ref":"https://example.com/v2/Users/2819","display":"Babs Jensen"},{"value":"902c","type":"User"}]}
            """#
        #expect(try DialectBench(.group, .rfc).read(body).quirks == [])
    }

    @Test(
        "operations as RFC 7644 §3.5.2 has them, on users",
        arguments: [
            #"{"op":"add","value":{"emails":[{"value":"b@example.org","type":"other"}],"nickname":"Babs"}}"#,
            #"{"op":"add","path":"emails","value":{"value":"b@example.org","type":"other"}}"#,
            #"{"op":"remove","path":"emails[type eq \"work\" and value ew \"x\"]"}"#, #"{"op":"remove","path":"emails"}"#,
            #"{"op":"remove","path":"emails[primary eq true].type"}"#, #"{"op":"remove","path":"nickName","value":null}"#,
            #"{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@x","type":"work"}}"#,
            #"{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@x"}"#,
            #"{"op":"replace","path":"name.givenName","value":"B"}"#,
            #"{"op":"replace","value":{"emails":[{"value":"n@x","type":"work","primary":true}],"nickName":"B"}}"#,
            #"{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:title","value":"U"}"#,
            #"{"op":"add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value","value":"m2"}"#,
            #"{"op":"replace","value":{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"E"}}}"#,
            #"{"op":"add","path":"password","value":"secret"}"#, #"{"op":"replace","path":"title","value":""}"#,
            #"{"op":"replace","path":"emails","value":[]}"#, #"{"op":"replace","path":"active","value":false}"#,
        ])
    func userPatches(operation: String) throws {
        #expect(try DialectBench(.user, .rfc).read(DialectBench.patch(operation)).quirks == [])
    }

    @Test(
        "and on groups",
        arguments: [
            #"{"op":"add","path":"members","value":[{"display":"Babs Jensen","$ref":"https://example.com/v2/Users/d","value":"d"}]}"#,
            #"{"op":"remove","path":"members"}"#, #"{"op":"remove","path":"members[value eq\"a\"]"}"#,
            #"{"op":"remove","path":"members[value eq \"a\" or value eq \"b\"]"}"#,
            #"{"op":"replace","path":"members","value":[{"value":"a"}]}"#, #"{"op":"add","value":{"members":[{"value":"d"}]}}"#,
        ])
    func groupPatches(operation: String) throws {
        #expect(try DialectBench(.group, .rfc).read(DialectBench.patch(operation)).quirks == [])
    }
}
