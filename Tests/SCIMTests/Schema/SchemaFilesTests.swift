import Foundation
import SCIM
import Testing

@Suite("Schemas of a site")
struct SchemaFilesTests {
    private static let person = "urn:example:params:scim:schemas:extension:2.0:Person"

    private func sample(_ name: String) throws -> (name: String, document: AttributeValue) {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Samples")
        return (name, try AttributeValue(json: Array(Data(contentsOf: folder.appending(path: name)))))
    }

    private func extended(_ names: String...) throws -> (registry: SchemaRegistry, indexed: [String: [String]]) {
        let result = SchemaRegistry.standard.extended(by: try names.map(sample))
        #expect(result.findings == [])
        return (result.registry, result.indexed)
    }

    @Test("custom fields of users are found under their URN or without it, in the configured spelling")
    func weight() throws {
        let (registry, indexed) = try extended("device.json", "user-weight.json")
        let user = try #require(registry.resourceType(named: "User"))
        #expect(user.schemaExtensions.map(\.schema) == [Schema.enterpriseUser.id, Self.person])
        #expect(registry.schema(Self.person)?.attributes.map(\.name) == ["Weight", "badge", "shift", "place", "pin"])
        for path in ["weight", "WEIGHT", Self.person + ":weight"] {
            #expect(registry.resolve(try AttributePath(parsing: path), in: user)?.name == Self.person + ":Weight")
        }
        #expect(indexed == ["User": [Self.person + ":Weight", Self.person + ":place.value"], "Device": ["owner.value"]])
        let resource = try ResourceValidator(registry: registry, type: user).resource(
            from: ["userName": "ada", Self.person: ["weight": 61, "badge": "B1"]], replacing: nil)
        #expect(resource[Self.person] == ["Weight": .decimal(61), "badge": "B1"])
        #expect(try Filter(parsing: "Weight gt 60").matches(resource, of: user, in: registry))
    }

    @Test("each characteristic is read; what is left out is that of RFC 7643 §2.2")
    func characteristics() throws {
        let schema = try Schema(document: sample("user-weight.json").document)
        #expect(schema.attribute("weight") == .init("Weight", .decimal, description: "Weight in kilograms"))
        #expect(
            schema.attribute("badge") == .init("badge", description: "Number on the badge", isCaseExact: true, uniqueness: .server))
        #expect(schema.attribute("shift") == .init("shift", canonicalValues: ["early", "late"], isClosed: true))
        #expect(schema.attribute("shift")?.canonicalValue("LATE") == "late")
        #expect(schema.attribute("shift")?.canonicalValue("night") == nil)
        #expect(schema.attribute("pin") == .init("pin", mutability: .writeOnly, returned: .never))
        #expect(schema.attribute("place")?.subAttributes.map(\.type) == [.string, .integer, .reference])
        #expect(schema.attribute("place")?.subAttribute("$ref")?.isCaseExact == true)
        #expect(schema.attribute("place")?.isMultiValued == true)
    }

    @Test("a schema with the URN of a core schema adds its attributes to it")
    func core() throws {
        let (registry, indexed) = try extended("user-core.json")
        let user = try #require(registry.resourceType(named: "User"))
        #expect(registry.schemas.count == 3)
        #expect(registry.schema(Schema.user.id)?.attributes.count == Schema.user.attributes.count + 2)
        #expect(registry.resolve(AttributePath(attribute: "Pronouns"), in: user)?.name == "pronouns")
        #expect(indexed == ["User": ["hiredOn"]])
    }

    @Test("a whole resource type is added with its endpoint")
    func device() throws {
        let (registry, indexed) = try extended("device.json")
        #expect(registry.resourceTypes.map(\.endpoint) == ["/Users", "/Groups", "/Devices"])
        #expect(indexed == ["Device": ["owner.value"]])
        let device = registry.resourceTypes[2]
        let validator = ResourceValidator(registry: registry, type: device)
        #expect(try validator.resource(from: ["serialNumber": "A", "nope": 1], replacing: nil)["serialNumber"] == "A")
        #expect(throws: SCIMError.invalidValue("")) { try validator.resource(from: ["kind": "phone"], replacing: nil) }
    }

    @Test("roles and entitlements are discovered as Okta asks: by resource types with its schemas")
    func okta() throws {
        let (registry, _) = try extended("okta-entitlements.json")
        let documents = registry.resourceTypes.map { $0.document(baseURL: "https://host/scim/v2") }
        let found = Dictionary(uniqueKeysWithValues: documents.map { ($0["name"]?.string ?? "", $0) })
        #expect(found["Role"]?["schema"] == "urn:okta:scim:schemas:core:1.0:Role")
        #expect(found["Role"]?["endpoint"] == "/Roles")
        #expect(found["Entitlement"]?["schema"] == "urn:okta:scim:schemas:core:1.0:Entitlement")
        #expect(found["License"]?["schema"] == "urn:okta:scim:schemas:core:1.0:Entitlement")
        #expect(
            found["License"]?["schemaExtensions"]
                == [["schema": "urn:example:scim:schemas:extension:app:1.0:License", "required": true]])
        for type in registry.resourceTypes.map(\.schema) { #expect(registry.schema(type) != nil) }
    }

    @Test("what the server answers can be read again, and changes nothing", arguments: SchemaRegistry.standard.schemas)
    func answers(schema: Schema) throws {
        let document = schema.document(baseURL: "https://host/scim/v2")
        if schema.id != Schema.group.id, schema.id != Schema.user.id { #expect(try Schema(document: document) == schema) }
        let list: AttributeValue = ["Resources": [document, ResourceType.user.document(baseURL: "https://host/scim/v2")]]
        let result = SchemaRegistry.standard.extended(by: [("a.json", list)])
        #expect(result.findings == [])
        #expect(result.registry.schemas == SchemaRegistry.standard.schemas)
        #expect(result.registry.resourceTypes == SchemaRegistry.standard.resourceTypes)
    }

    // MARK: Findings

    private static func schema(_ members: AttributeMap) -> AttributeValue {
        var map: AttributeMap = ["id": "urn:example:a:X", "resourceTypes": ["User"], "attributes": [["name": "a"]]]
        for member in members.members { map[member.name] = member.value == .null ? nil : member.value }
        return .complex(map)
    }

    private static func attribute(_ members: AttributeMap) -> AttributeValue {
        schema(["attributes": [.complex(["name": "a"] + members)]])
    }

    @Test(
        "what is wrong with a schema is found, with its place",
        arguments: [
            (schema([:]), []), ([] as AttributeValue, [""]), (1, [""]), (["name": "x"], [""]), (schema(["id": nil]), ["id"]),
            (schema(["id": "User"]), ["id"]), (schema(["id": "urn:x"]), ["id"]), (schema(["id": "https://example.com/User"]), ["id"]),
            (schema(["id": "urn:example:a b"]), ["id"]), (schema(["id": "urn:example:1.2.3"]), ["id"]),
            (schema(["id": "urn:example::a"]), ["id"]),
            (schema(["id": "urn:ietf:params:scim:api:messages:2.0:X"]), ["id"]), (schema(["id": .string(Schema.schema.id)]), ["id"]),
            (schema(["id": 1]), ["id"]), (schema(["atributes": []]), ["atributes"]), (schema(["description": 1]), ["description"]),
            (schema(["attributes": []]), ["attributes"]), (schema(["attributes": "a"]), ["attributes"]),
            (schema(["attributes": [1]]), ["attributes[0]"]),
            (schema(["attributes": [["name": "a"], ["name": "A"]]]), ["attributes[1].name"]),
            (schema(["resourceTypes": ["Usr"]]), ["resourceTypes[0]", "id"]), (schema(["resourceTypes": "User"]), ["resourceTypes", "id"]),
            (schema(["required": "yes"]), ["required"]), (schema(["resourceTypes": nil]), ["id"]),
            (schema(["resourceTypes": ["User", "User"]]), ["resourceTypes[1]"]),
            (schema(["id": .string(Schema.user.id)]), ["resourceTypes[0]"]),
            (schema(["id": .string(Schema.user.id), "resourceTypes": nil, "attributes": [["name": "USERNAME"]]]), ["attributes[0].name"]),
            (schema(["attributes": [["name": "title"]]]), ["attributes[0].name"]),
        ] as [(AttributeValue, [String])])
    func schemaFindings(document: AttributeValue, paths: [String]) {
        let findings = SchemaRegistry.standard.extended(by: [("x.json", document)]).findings
        #expect(findings.map(\.path) == paths, "\(findings)")
        #expect(findings.allSatisfy { $0.file == "x.json" })
    }

    @Test(
        "what is wrong with an attribute is found, with its place",
        arguments: [
            (["name": ""], "name"), (["name": 1], "name"), (["name": "1a"], "name"), (["name": "a b"], "name"), (["name": "a.b"], "name"),
            (["name": "$ref"], "name"), (["name": "Meta"], "name"), (["name": .string(String(repeating: "a", count: 200))], "name"),
            (["type": "strin"], "type"), (["type": "complex"], "subAttributes"), (["multivalue": true], "multivalue"),
            (["multiValued": "true"], "multiValued"), (["required": 1], "required"), (["canonicalValues": "a"], "canonicalValues"),
            (["canonicalValues": ["a", "a"]], "canonicalValues[1]"), (["canonicalValues": [1]], "canonicalValues[0]"),
            (["type": "integer", "canonicalValues": ["1"]], "canonicalValues"), (["closed": true], "closed"),
            (["type": "binary", "caseExact": false], "caseExact"), (["mutability": "readonly "], "mutability"),
            (["mutability": "writeOnly", "returned": "default"], "returned"), (["mutability": "readOnly", "required": true], "required"),
            (["mutability": "readOnly", "returned": "never"], "returned"), (["returned": "sometimes"], "returned"),
            (["uniqueness": "sever"], "uniqueness"), (["type": "boolean", "uniqueness": "server"], "uniqueness"),
            (["mutability": "writeOnly", "uniqueness": "server"], "uniqueness"), (["referenceTypes": ["User"]], "referenceTypes"),
            (["type": "reference", "referenceTypes": ["Usr"]], "referenceTypes"), (["subAttributes": [["name": "b"]]], "subAttributes"),
            (["mutability": "writeOnly", "indexed": true], "indexed"), (["type": "integer", "returned": "never"], "returned"),
            (["type": "complex", "subAttributes": [["name": "b"]], "indexed": true], "indexed"),
            (["type": "complex", "subAttributes": [["name": "b", "type": "complex"]]], "subAttributes[0].type"),
            (["type": "complex", "subAttributes": [["name": "b", "multiValued": true]]], "subAttributes[0].multiValued"),
            (["type": "complex", "subAttributes": [["name": "b"], ["name": "B"]]], "subAttributes[1].name"),
            (["type": "complex", "subAttributes": [["name": "b", "returned": "never"]]], "subAttributes[0].returned"),
            (
                ["type": "complex", "subAttributes": [["name": "r", "type": "reference", "referenceTypes": ["Gruop"]]]],
                "subAttributes[0].referenceTypes"
            ),
        ] as [(AttributeMap, String)])
    func attributeFindings(members: AttributeMap, path: String) {
        let findings = SchemaRegistry.standard.extended(by: [("x.json", Self.attribute(members))]).findings
        #expect(findings.map(\.path) == ["attributes[0]." + path], "\(findings)")
        #expect(findings.allSatisfy { $0.severity == .error })
    }

    private static func type(_ members: AttributeMap) -> AttributeValue {
        var map: AttributeMap = ["name": "Device", "endpoint": "/Devices", "schema": "urn:example:a:X"]
        for member in members.members { map[member.name] = member.value == .null ? nil : member.value }
        return .complex(map)
    }

    @Test(
        "what is wrong with a resource type is found, with its place",
        arguments: [
            ([:], []), (["endpoint": "Devices"], []), (["name": nil], ["name"]), (["name": "A B"], ["name"]), (["name": "user"], ["name"]),
            (["id": "Other"], ["id"]), (["endpoint": nil], ["endpoint"]), (["endpoint": "/a/b"], ["endpoint"]),
            (["endpoint": "/"], ["endpoint"]),
            (["endpoint": "/.search"], ["endpoint"]), (["endpoint": "/bulk"], ["endpoint"]), (["endpoint": "/users"], ["endpoint"]),
            (["schema": nil], ["schema"]), (["schema": "urn:example:a:Y"], ["schema"]), (["endpont": "/x"], ["endpont"]),
            (["schemaExtensions": [["schema": "urn:example:a:Y"]]], ["schemaExtensions[0].schema"]),
            (["schemaExtensions": [["schema": "urn:example:a:X"]]], ["schemaExtensions[0].schema"]),
            (
                ["schemaExtensions": [["schema": .string(Schema.enterpriseUser.id)], ["schema": .string(Schema.enterpriseUser.id)]]],
                ["schemaExtensions[1].schema"]
            ),
            (["schemaExtensions": [1]], ["schemaExtensions[0]"]),
            (["schemaExtensions": [["required": true]]], ["schemaExtensions[0].schema"]),
        ] as [(AttributeMap, [String])])
    func typeFindings(members: AttributeMap, paths: [String]) {
        let files = [("s.json", Self.schema([:])), ("t.json", Self.type(members))]
        let findings = SchemaRegistry.standard.extended(by: files).findings
        #expect(findings.map(\.path) == paths, "\(findings)")
        #expect(findings.allSatisfy { $0.file == "t.json" })
    }

    @Test("all findings come at once, and a misspelt word is told what is near it")
    func hints() {
        let document = Self.attribute(["typ": "string", "mutability": "readonyl", "returnd": "always"])
        let error = #expect(throws: SchemaFindings.self) { try Schema(document: document) }
        #expect(
            error?.description == """
                attributes[0].typ: there is no such member; did you mean 'type'?
                attributes[0].returnd: there is no such member; did you mean 'returned'?
                attributes[0].mutability: 'readonyl' is none of readOnly, readWrite, immutable, writeOnly; did you mean 'readOnly'?
                """)
        #expect(throws: SchemaFindings.self) { try ResourceType(document: ["name": "x"]) }
        #expect(throws: Never.self) { try ResourceType(document: Self.type([:])) }
    }

    @Test("nothing is defined twice by files")
    func twice() {
        let files = [("a.json", Self.schema([:])), ("b.json", Self.schema([:]))]
        #expect(SchemaRegistry.standard.extended(by: files).findings.map(\.file) == ["b.json"])
        let types = [("s.json", Self.schema([:])), ("a.json", Self.type([:])), ("b.json", Self.type(["endpoint": "/Others"]))]
        #expect(SchemaRegistry.standard.extended(by: types).findings.map(\.file) == ["b.json"])
    }

    @Test("a resource type that is there gets the extensions that its document names")
    func moreExtensions() throws {
        let document: AttributeValue = [
            "name": "Group", "endpoint": "/Groups", "schema": .string(Schema.group.id),
            "schemaExtensions": [["schema": "urn:example:a:X", "required": true]],
        ]
        let files = [("s.json", Self.schema(["resourceTypes": nil])), ("t.json", document)]
        let result = SchemaRegistry.standard.extended(by: files)
        #expect(result.findings == [])
        #expect(result.registry.resourceType(named: "Group")?.schemaExtensions == [.init(schema: "urn:example:a:X", isRequired: true)])
    }
}

/// The members of both.
private func + (left: AttributeMap, right: AttributeMap) -> AttributeMap {
    var map = left
    for member in right.members { map[member.name] = member.value }
    return map
}
