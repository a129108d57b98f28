import SCIM
import Testing

@Suite("Choosing attributes")
struct AttributeSelectionTests {
    private static let enterprise = Schema.enterpriseUser.id
    private static let user = Resource(attributes: [
        "schemas": [.string(Schema.user.id), .string(enterprise)], "id": "1", "externalId": "x", "userName": "ada",
        "name": ["familyName": "Lovelace", "givenName": "Ada"], "title": "T", "password": "never",
        "emails": [["value": "a@b.c", "type": "work"], ["value": "d@e.f"]], "groups": [["value": "g"]],
        enterprise: ["department": "IT", "division": "D", "manager": ["value": "5", "displayName": "M"]],
        "meta": ["resourceType": "User", "version": "1"],
    ])

    private func project(_ attributes: String?, _ excluded: String?) throws -> AttributeMap {
        try AttributeSelection(attributes: attributes, excludedAttributes: excluded)
            .applied(to: Self.user, of: .user, in: .standard).attributes
    }

    @Test(
        "the answer has these attributes",
        arguments: [
            (nil, nil, "schemas id externalId userName name title emails groups E meta"),
            ("userName", nil, "schemas id userName"), ("USERNAME", nil, "schemas id userName"),
            (" userName , title ", nil, "schemas id userName title"),
            ("", nil, "schemas id externalId userName name title emails groups E meta"),
            (",,", "", "schemas id externalId userName name title emails groups E meta"),
            ("nope", nil, "schemas id"), ("nope,title", nil, "schemas id title"), ("name..x,.,[", nil, "schemas id"),
            ("password", nil, "schemas id"), ("meta", nil, "schemas id meta"), ("meta.version", nil, "schemas id meta"),
            ("\(Schema.user.id):title", nil, "schemas id title"), ("urn:example:title", nil, "schemas id"),
            (Schema.user.id, nil, "schemas id userName name title emails groups"),
            (enterprise, nil, "schemas id E"), ("\(enterprise):department", nil, "schemas id E"), ("department", nil, "schemas id E"),
            ("\(enterprise):nope", nil, "schemas id"), (enterprise.lowercased(), nil, "schemas id E"),
            (nil, "title", "schemas id externalId userName name emails groups E meta"),
            (nil, "id,schemas,title,emails", "schemas id externalId userName name groups E meta"),
            (nil, "groups,meta", "schemas id externalId userName name title emails E"),
            (nil, "nope", "schemas id externalId userName name title emails groups E meta"),
            (nil, enterprise, "schemas id externalId userName name title emails groups meta"),
            (nil, Schema.user.id, "schemas id externalId E meta"),
            (nil, "name.familyName,name.givenName", "schemas id externalId userName title emails groups E meta"),
            ("title", "title", "schemas id title"), ("title", "userName", "schemas id title"),
        ] as [(String?, String?, String)])
    func topLevel(attributes: String?, excluded: String?, names: String) throws {
        let found = try project(attributes, excluded).members.map { $0.name == Self.enterprise ? "E" : $0.name }
        #expect(found.joined(separator: " ") == names)
    }

    @Test("parts are chosen and left out one by one, in each of several values")
    func parts() throws {
        #expect(try project("name.familyName", nil)["name"] == ["familyName": "Lovelace"])
        #expect(try project("name.familyName,name", nil)["name"]?.complex?.count == 2)
        #expect(try project("emails.value", nil)["emails"] == [["value": "a@b.c"], ["value": "d@e.f"]])
        #expect(try project("emails.TYPE", nil)["emails"] == [["type": "work"]])
        #expect(try project("\(Schema.user.id):emails.type", nil)["emails"] == [["type": "work"]])
        #expect(try project(nil, "name.familyName")["name"] == ["givenName": "Ada"])
        #expect(try project(nil, "emails.value")["emails"] == [["type": "work"]])
        #expect(try project("\(Self.enterprise):manager.value", nil)[Self.enterprise] == ["manager": ["value": "5"]])
        #expect(
            try project(nil, "\(Self.enterprise):manager.value,\(Self.enterprise):division")[Self.enterprise] == [
                "department": "IT", "manager": ["displayName": "M"],
            ])
    }

    @Test("an attribute returned on request comes only by name, one always returned comes always, one never returned never")
    func returned() throws {
        let schema = Schema(
            id: "urn:x:thing", name: "Thing", description: "",
            attributes: [
                .init("a", returned: .always), .init("r", returned: .request), .init("n", returned: .never), .init("d"),
                .init(
                    "c", .complex,
                    subAttributes: [
                        .init("a", returned: .always), .init("r", returned: .request), .init("n", returned: .never), .init("d"),
                    ]),
            ])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        let registry = SchemaRegistry(resourceTypes: [type], schemas: [schema])
        let whole: AttributeValue = ["a": "1", "r": "1", "n": "1", "d": "1"]
        let thing = Resource(attributes: ["a": "1", "r": "1", "n": "1", "d": "1", "c": whole])
        func names(_ attributes: String?, _ excluded: String?) throws -> String {
            let answer = try AttributeSelection(attributes: attributes, excludedAttributes: excluded).applied(
                to: thing, of: type, in: registry)
            return answer.attributes.members.map { member in
                member.name + (member.value.complex.map { "(" + $0.members.map(\.name).joined() + ")" } ?? "")
            }.joined(separator: " ")
        }
        #expect(try names(nil, nil) == "a d c(ad)")
        #expect(try names("r", nil) == "a r c(a)")
        #expect(try names("n,d", nil) == "a d c(a)")
        #expect(try names("c.r", nil) == "a c(ar)")
        #expect(try names("c", nil) == "a c(ad)")
        #expect(try names("c.n", nil) == "a c(a)")
        #expect(try names("urn:x:thing", nil) == "a d c(ad)")
        #expect(try names(nil, "a,c.a,d") == "a c(ad)")
        #expect(try names(nil, "c.d") == "a d c(a)")
    }

    @Test(
        "whether an attribute is wanted is known before the answer is made",
        arguments: [
            (nil, nil, true), ("members", nil, true), ("MEMBERS.value", nil, true), ("displayName", nil, false), (nil, "members", false),
            (nil, "Members", false), (nil, "members.value", true), (nil, "displayName", true), ("id", "members", false),
            (Schema.group.id, nil, true), (nil, Schema.group.id, false), ("urn:ietf:params:scim:schemas:core:2.0:Group:members", nil, true),
        ] as [(String?, String?, Bool)])
    func selects(attributes: String?, excluded: String?, isSelected: Bool) throws {
        let selection = try AttributeSelection(attributes: attributes, excludedAttributes: excluded)
        #expect(selection.selects("members", of: .group, in: .standard) == isSelected)
        #expect(selection.isDefault == (attributes == nil && excluded == nil))
    }

    @Test("an attribute that the type has not is never selected")
    func foreign() {
        #expect(!AttributeSelection.default.selects("groups", of: .group, in: .standard))
        #expect(!AttributeSelection.default.selects("password", of: .user, in: .standard))
        #expect(AttributeSelection.default.selects("GROUPS", of: .user, in: .standard))
    }

    @Test("a parameter lists at most 500 names")
    func limit() throws {
        let names = Array(repeating: "title", count: 500).joined(separator: ",")
        #expect(throws: Never.self) { try AttributeSelection(attributes: names, excludedAttributes: names) }
        #expect(throws: SCIMError.invalidValue("")) { try AttributeSelection(attributes: names + ",a", excludedAttributes: nil) }
        #expect(throws: SCIMError.invalidValue("")) { try AttributeSelection(attributes: nil, excludedAttributes: names + ",a") }
    }

    @Test(
        "a default answer is the whole document only where every stored attribute is returned by default (RFC 7643 §7)",
        arguments: [
            ([.init("a"), .init("b", returned: .always)], true), ([.init("a", returned: .never)], true),
            ([.init("a", returned: .request)], false), ([.init("a", .complex, subAttributes: [.init("b")])], true),
            ([.init("a", .complex, subAttributes: [.init("b", returned: .request)])], false),
            ([.init("a", .complex, subAttributes: [.init("b", returned: .never)])], false),
        ] as [([AttributeDefinition], Bool)])
    func wholeDocuments(attributes: [AttributeDefinition], isWhole: Bool) throws {
        let schema = Schema(id: "urn:example:E", name: "E", description: "", attributes: attributes)
        for type in [
            ResourceType(name: "T", endpoint: "/Ts", description: "", schema: schema.id, schemaExtensions: []),
            ResourceType(
                name: "T", endpoint: "/Ts", description: "", schema: Schema.group.id,
                schemaExtensions: [.init(schema: "URN:EXAMPLE:E", isRequired: false)]),
        ] {
            let registry = SchemaRegistry(resourceTypes: [type, .group], schemas: [.group, schema])
            #expect(AttributeSelection.default.isWholeDocument(of: type, in: registry) == isWhole)
            #expect(AttributeSelection.default.isWholeDocument(of: .group, in: registry))
            #expect(try !AttributeSelection(attributes: "a", excludedAttributes: nil).isWholeDocument(of: type, in: registry))
            #expect(try !AttributeSelection(attributes: nil, excludedAttributes: "a").isWholeDocument(of: type, in: registry))
        }
    }
}
