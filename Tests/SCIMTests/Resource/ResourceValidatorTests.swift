import SCIM
import Testing

@Suite("Validating resources")
struct ResourceValidatorTests {
    private static let enterprise = Schema.enterpriseUser.id
    private let users = ResourceValidator(registry: .standard, type: .user)
    private let groups = ResourceValidator(registry: .standard, type: .group)

    private func user(_ json: String, replacing existing: Resource? = nil) throws -> Resource {
        try users.resource(from: AttributeValue(json: json), replacing: existing)
    }

    private func text(_ resource: Resource) -> String { AttributeValue.complex(resource.attributes).jsonText }

    // MARK: Shape

    @Test("names become canonical, and the order is schemas, id, externalId, core, extensions")
    func canonical() throws {
        let existing = Resource(attributes: ["id": "7", "userName": "old"])
        let resource = try user(
            """
            {"\(Self.enterprise.uppercased())":{"DEPARTMENT":"IT","employeeNumber":"1"},"active":"False","Title":"T","USERNAME":"a",
             "NAME":{"familyname":"L","GIVENNAME":"A"},"externalID":"x","id":"9","Emails":{"Value":"a@b.c","PRIMARY":"true"}}
            """, replacing: existing)
        #expect(
            text(resource) == """
                {"schemas":["\(Schema.user.id)","\(Self.enterprise)"],"id":"7","externalId":"x","userName":"a",\
                "name":{"familyName":"L","givenName":"A"},"title":"T","active":false,"emails":[{"value":"a@b.c","primary":true}],\
                "\(Self.enterprise)":{"employeeNumber":"1","department":"IT"}}
                """)
    }

    @Test("the result is a fixed point")
    func idempotence() throws {
        let resource = try user(
            #"{"userName":"a","emails":"x@y.z","department":"IT","manager":"5","roles":[{"value":"r","primary":"True"}]}"#)
        #expect(text(try users.validated(resource, replacing: resource)) == text(resource))
        #expect(text(try users.resource(from: .complex(resource.attributes), replacing: resource)) == text(resource))
    }

    @Test("what is not an object is refused with invalidSyntax", arguments: ["[]", "null", "1", #""a""#, "true", #"[{"userName":"a"}]"#])
    func notAnObject(json: String) {
        #expect(throws: SCIMError.invalidSyntax("")) { try user(json) }
    }

    @Test("nulls, empty arrays, empty objects and unknown attributes are dropped; empty strings stay")
    func dropped() throws {
        let resource = try user(
            #"""
            {"userName":"a","title":null,"emails":[],"name":{},"roles":[null],"nickName":"","user_name":"z","custom":{"a":1},
             "name2":5,"urn:ietf:params:scim:schemas:extension:forest:2.0:User":{"x":1},"addresses":[{"nope":1}]}
            """#)
        #expect(text(resource) == #"{"schemas":["\#(Schema.user.id)"],"userName":"a","nickName":"","active":true}"#)
    }

    @Test("meta, groups and the client's own id are dropped on create, a password always")
    func readOnly() throws {
        let resource = try user(
            """
            {"id":"1","userName":"a","meta":{"created":"1999-01-01T00:00:00Z"},"groups":[{"value":"g"}],"password":"secret"}
            """)
        #expect(resource.attributes.members.map(\.name) == ["schemas", "userName", "active"])
    }

    @Test("a readOnly attribute keeps its stored value, whatever the client sends")
    func readOnlyIsKept() throws {
        let validator = try custom(.init("badge", mutability: .readOnly))
        let existing = Resource(attributes: ["id": "1", "name": "n", "badge": "server"])
        for body: AttributeValue in [["name": "n", "badge": "client"], ["name": "n"], ["name": "n", "badge": nil]] {
            #expect(try validator.resource(from: body, replacing: existing)["badge"] == "server")
        }
        #expect(try validator.resource(from: ["name": "n", "badge": "client"], replacing: nil)["badge"] == nil)
    }

    // MARK: schemas

    @Test(
        "schemas may be missing, unknown or old; the answer names the base and the extensions in use",
        arguments: [
            "", #""schemas":null,"#, #""schemas":[],"#, #""schemas":["urn:scim:schemas:core:1.0"],"#, #""schemas":["urn:example:x"],"#,
            #""schemas":["urn:scim:schemas:core:2.0","urn:scim:schemas:extension:enterprise:2.0"],"#,
            #""schemas":["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"#,
        ])
    func schemas(member: String) throws {
        #expect(try user("{\(member)\"userName\":\"a\"}").schemas == [Schema.user.id])
        #expect(
            try user("{\(member)\"userName\":\"a\",\"\(Self.enterprise)\":{\"division\":\"d\"}}").schemas == [
                Schema.user.id, Self.enterprise,
            ])
        #expect(try user("{\(member)\"userName\":\"a\",\"\(Self.enterprise)\":{\"division\":null}}").schemas == [Schema.user.id])
    }

    @Test("schemas that are no array of strings are refused", arguments: [#""urn:x""#, "5", "[5]", "[null]", #"{"a":1}"#, "true"])
    func wrongSchemas(value: String) {
        #expect(throws: SCIMError.invalidValue("")) { try user("{\"schemas\":\(value),\"userName\":\"a\"}") }
    }

    // MARK: Required

    @Test(
        "a user needs a userName that is a string and not blank",
        arguments: [
            "{}", #"{"userName":null}"#, #"{"userName":""}"#, #"{"userName":"  "}"#, #"{"userName":["a"]}"#, #"{"userName":{"a":1}}"#,
            #"{"userName":5}"#,
        ])
    func userName(json: String) {
        for existing in [nil, Resource(attributes: ["id": "1", "userName": "old"])] {
            let error = #expect(throws: SCIMError.self) { try user(json, replacing: existing) }
            #expect(error == .invalidValue(""))
            #expect(error?.detail.hasPrefix("userName: ") == true)
        }
    }

    @Test("a group needs a displayName, and each member a value")
    func group() throws {
        #expect(throws: SCIMError.invalidValue("")) { try groups.resource(from: ["members": []], replacing: nil) }
        let body: AttributeValue = [
            "displayName": "G",
            "members": [
                ["value": "1", "type": "User", "display": "Ada", "$ref": "https://x/Users/1"], ["VALUE": "2"], "3", ["value": "1"],
            ],
        ]
        let group = try groups.resource(from: body, replacing: nil)
        #expect(
            group["members"] == [
                ["value": "1", "$ref": "https://x/Users/1", "type": "User"], ["value": "2"], ["value": "3"], ["value": "1"],
            ])
        for members in [[["type": "User"]], [["value": ""]]] as [AttributeValue] {
            let error = #expect(throws: SCIMError.self) {
                try groups.resource(from: ["displayName": "G", "members": members], replacing: nil)
            }
            #expect(error == .invalidValue(""))
            #expect(error?.detail.hasPrefix("members.value: ") == true)
        }
        #expect(throws: SCIMError.invalidValue("")) { try groups.resource(from: ["displayName": "G", "members": [5]], replacing: nil) }
    }

    @Test("a required part and a required extension are demanded, where there is a whole to be part of")
    func requiredParts() throws {
        let badge = AttributeDefinition("badge", .complex, subAttributes: [.init("code", isRequired: true), .init("color")])
        let validator = try custom(badge)
        #expect(throws: SCIMError.invalidValue("")) {
            try validator.resource(from: ["name": "n", "badge": ["color": "red"]], replacing: nil)
        }
        #expect(try validator.resource(from: ["name": "n", "badge": ["code": "1"]], replacing: nil)["badge"] == ["code": "1"])
        #expect(try validator.resource(from: ["name": "n"], replacing: nil)["badge"] == nil)
        for (isRequired, body, isAccepted) in [
            (true, ["name": "n"], false), (true, ["name": "n", "urn:x:ext": ["must": "1"]], true), (false, ["name": "n"], true),
            (false, ["name": "n", "urn:x:ext": ["may": "1"]], false), (false, ["name": "n", "urn:x:ext": ["must": "1"]], true),
        ] as [(Bool, AttributeValue, Bool)] {
            let validator = try custom(extending: [.init("must", isRequired: true), .init("may")], isRequired: isRequired)
            #expect(((try? validator.resource(from: body, replacing: nil)) != nil) == isAccepted, "\(isRequired) \(body)")
        }
    }

    // MARK: Change

    @Test("PUT clears what it leaves out (RFC 7644 §3.5.1)")
    func put() throws {
        let existing = try user(#"{"userName":"a","title":"T","name":{"givenName":"A","familyName":"B"},"department":"IT"}"#)
        let resource = try user(#"{"userName":"a","name":{"familyName":"C"}}"#, replacing: existing)
        #expect(text(resource) == #"{"schemas":["\#(Schema.user.id)"],"userName":"a","name":{"familyName":"C"},"active":true}"#)
    }

    @Test("an immutable attribute can be set once, kept, and left out of a PUT, but neither changed nor removed")
    func immutable() throws {
        let validator = try custom(.init("badge", mutability: .immutable))
        let existing = Resource(attributes: ["id": "1", "name": "n", "badge": "b"])
        let without = Resource(attributes: ["id": "1", "name": "n"])
        #expect(try validator.resource(from: ["name": "n", "badge": "b"], replacing: nil)["badge"] == "b")
        #expect(try validator.resource(from: ["name": "n", "badge": "b"], replacing: without)["badge"] == "b")
        #expect(try validator.resource(from: ["name": "n", "badge": "b"], replacing: existing)["badge"] == "b")
        #expect(try validator.resource(from: ["name": "n"], replacing: existing)["badge"] == "b")
        #expect(throws: SCIMError.mutability("")) { try validator.resource(from: ["name": "n", "badge": "c"], replacing: existing) }
        #expect(throws: SCIMError.mutability("")) {
            try validator.validated(Resource(attributes: ["name": "n", "badge": "c"]), replacing: existing)
        }
        #expect(throws: SCIMError.mutability("")) { try validator.validated(without, replacing: existing) }
        #expect(try validator.validated(existing, replacing: existing)["badge"] == "b")
    }

    @Test("an immutable part of a single complex value is kept where PUT leaves it out, and neither changed nor removed")
    func immutableParts() throws {
        let owner = AttributeDefinition("owner", .complex, subAttributes: [.init("value", mutability: .immutable), .init("note")])
        let validator = try custom(owner)
        let existing = Resource(attributes: ["id": "1", "name": "n", "owner": ["value": "o", "note": "x"]])
        func put(_ owner: AttributeValue) throws -> AttributeValue? {
            try validator.resource(from: ["name": "n", "owner": owner], replacing: existing)["owner"]
        }
        #expect(try put(["value": "o", "note": "y"]) == ["value": "o", "note": "y"])
        #expect(try put(["note": "y"]) == ["value": "o", "note": "y"])
        #expect(try put(["note": "y"])?.complex?.members.map(\.name) == ["value", "note"])
        #expect(try put(nil) == nil)
        #expect(throws: SCIMError.mutability("")) { try put(["value": "p", "note": "x"]) }
        let error = #expect(throws: SCIMError.self) {
            try validator.validated(Resource(attributes: ["name": "n", "owner": ["note": "x"]]), replacing: existing)
        }
        #expect(error == .mutability(""))
        #expect(error?.detail.hasPrefix("owner.value: ") == true)
        let unset = Resource(attributes: ["id": "1", "name": "n", "owner": ["note": "x"]])
        #expect(try validator.resource(from: ["name": "n", "owner": ["value": "p"]], replacing: unset)["owner"] == ["value": "p"])
    }

    @Test("a changed resource passes the same rules and keeps the stored id")
    func validated() throws {
        let existing = try user(#"{"userName":"a"}"#, replacing: Resource(attributes: ["id": "1"]))
        var changed = existing
        changed["emails"] = [["value": "x", "primary": "True"]]
        changed["id"] = "2"
        changed["nonsense"] = 1
        changed["meta"] = ["version": "9"]
        let result = try users.validated(changed, replacing: existing)
        #expect(result.id == "1")
        #expect(result["emails"] == [["value": "x", "primary": true]])
        #expect(result["nonsense"] == nil)
        #expect(result["meta"] == nil)
        changed["emails"] = [["value": "x", "primary": true], ["value": "y", "primary": true]]
        #expect(throws: SCIMError.invalidValue("")) { try users.validated(changed, replacing: existing) }
        changed["emails"] = nil
        changed["userName"] = nil
        #expect(throws: SCIMError.invalidValue("")) { try users.validated(changed, replacing: existing) }
    }

    @Test(
        "a new user without active is active; who is known stays as he is unless true or false is said",
        arguments: [
            ("", true), (#","active":null"#, true), (#","active":false"#, false), (#","active":"False""#, false),
            (#","active":true"#, true),
        ])
    func active(member: String, isActive: Bool) throws {
        let body = "{\"userName\":\"a\"\(member)}"
        #expect(try user(body)["active"] == .boolean(isActive))
        let existing = try user(#"{"userName":"a","active":false}"#)
        let isSaid = member.contains("true") || member.lowercased().contains("false")
        #expect(try user(body, replacing: existing)["active"] == .boolean(isSaid && isActive))
    }

    @Test("a group has no active")
    func groupHasNoActive() throws {
        #expect(try groups.resource(from: ["displayName": "G"], replacing: nil)["active"] == nil)
    }

    @Test("the error names the attribute with its extension and part")
    func paths() {
        for (body, path) in [
            (#"{"userName":"a","active":"maybe"}"#, "active: "), (#"{"userName":"a","name":{"givenName":5}}"#, "name.givenName: "),
            (#"{"userName":"a","\#(Self.enterprise)":{"department":5}}"#, "\(Self.enterprise):department: "),
            (#"{"userName":"a","\#(Self.enterprise)":{"manager":{"value":5}}}"#, "\(Self.enterprise):manager.value: "),
            (#"{"userName":"a","\#(Self.enterprise)":"IT"}"#, "\(Self.enterprise): "),
        ] {
            let error = #expect(throws: SCIMError.self) { try user(body) }
            #expect(error == .invalidValue(""))
            #expect(error?.detail.hasPrefix(path) == true, "\(error?.detail ?? "")")
        }
    }

    // MARK: What clients write

    @Test(
        "the extension is understood under the URNs of old clients",
        arguments: [
            "urn:scim:schemas:extension:enterprise:2.0", "urn:scim:schemas:extension:enterprise:1.0",
            "urn:scim:schemas:extension:enterprise:2.0:User", "urn:ietf:params:scim:schemas:extension:enterprise:2.0User",
        ])
    func oldURNs(urn: String) throws {
        let resource = try user(#"{"userName":"a","\#(urn)":{"department":"IT","manager":{"managerId":"5","displayName":"D"}}}"#)
        #expect(resource[Self.enterprise] == ["department": "IT", "manager": ["value": "5"]])
        #expect(resource[urn] == nil)
        #expect(resource.schemas == [Schema.user.id, Self.enterprise])
    }

    @Test("core attributes under the base URN, and the extension's at the top, find their place")
    func misplaced() throws {
        let resource = try user(#"{"\#(Schema.user.id)":{"userName":"a","title":"no"},"title":"T","department":"IT","manager":"5"}"#)
        #expect(resource["userName"] == "a")
        #expect(resource["title"] == "T")
        #expect(resource[Self.enterprise] == ["department": "IT", "manager": ["value": "5"]])
    }

    @Test("an extension under two spellings is one, and the first to name an attribute has it")
    func twoSpellings() throws {
        let resource = try user(
            #"""
            {"userName":"a","urn:scim:schemas:extension:enterprise:1.0":{"department":"1","division":"1","x":1},
             "\#(Self.enterprise)":{"DEPARTMENT":"2","costCenter":"2"}}
            """#)
        #expect(resource[Self.enterprise] == ["costCenter": "2", "division": "1", "department": "1"])
    }

    @Test("a body of many unknown members in odd places is looked through quickly")
    func hostile() throws {
        let members = (0..<9000).map { #""k\#($0)":0"# }.joined(separator: ",")
        let body = try AttributeValue(
            json: #"{"userName":"a",\#(members),"\#(Schema.user.id)":{\#(members)},"\#(Self.enterprise)":{\#(members)},"#
                + #""urn:scim:schemas:extension:enterprise:2.0":{\#(members)}}"#)
        let clock = ContinuousClock()
        var resource: Resource?
        let time = try clock.measure { resource = try users.resource(from: body, replacing: nil) }
        #expect(resource?["userName"] == "a")
        #expect(time < .seconds(10))
    }

    @Test("an attribute in its own place wins over a stray one, and a stray one that does not fit is ignored")
    func strays() throws {
        let placed = try user(#"{"userName":"a","department":"top","\#(Self.enterprise)":{"department":"own"}}"#)
        #expect(placed[Self.enterprise] == ["department": "own"])
        let both = try user(#"{"userName":"a","division":"top","\#(Self.enterprise)":{"department":"own"}}"#)
        #expect(both[Self.enterprise] == ["division": "top", "department": "own"])
        let unfit = try user(#"{"userName":"a","department":{"name":"IT"},"organization":null}"#)
        #expect(unfit[Self.enterprise] == nil)
    }

    @Test("the documented create of Entra ID is accepted")
    func entra() throws {
        let resource = try user(
            #"""
            {"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0User"],
             "externalId":"e","userName":"u","active":true,"addresses":null,"displayName":null,"emails":[{"type":"work","value":"w","primary":true}],
             "meta":{"resourceType":"User"},"name":{"formatted":null,"familyName":"F"},"phoneNumbers":null,"preferredLanguage":null,
             "title":null,"department":null,"manager":null,"roles":[]}
            """#)
        #expect(resource.attributes.members.map(\.name) == ["schemas", "externalId", "userName", "name", "active", "emails"])
    }

    // MARK: Schemas of our own

    private func custom(_ attribute: AttributeDefinition) throws -> ResourceValidator {
        let schema = Schema(id: "urn:x:thing", name: "Thing", description: "", attributes: [.init("name", isRequired: true), attribute])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        return ResourceValidator(registry: SchemaRegistry(resourceTypes: [type], schemas: [schema]), type: type)
    }

    private func custom(extending attributes: [AttributeDefinition], isRequired: Bool) throws -> ResourceValidator {
        let schema = Schema(id: "urn:x:thing", name: "Thing", description: "", attributes: [.init("name", isRequired: true)])
        let addition = Schema(id: "urn:x:ext", name: "Ext", description: "", attributes: attributes)
        let type = ResourceType(
            name: "Thing", endpoint: "/Things", description: "", schema: schema.id,
            schemaExtensions: [.init(schema: addition.id, isRequired: isRequired)])
        return ResourceValidator(registry: SchemaRegistry(resourceTypes: [type], schemas: [schema, addition]), type: type)
    }
}
