import SCIM
import Testing

@Suite("The standard schemas")
struct StandardSchemaTests {
    @Test("the registry offers users with the enterprise extension, and groups")
    func registry() {
        let registry = SchemaRegistry.standard
        #expect(registry.resourceTypes.map(\.name) == ["User", "Group"])
        #expect(registry.schemas.map(\.id) == [Schema.user.id, Schema.enterpriseUser.id, Schema.group.id])
        #expect(registry.resourceType(named: "user") == .user)
        #expect(registry.schema("URN:ietf:params:scim:schemas:core:2.0:group") == .group)
        #expect(registry.schema("urn:ietf:params:scim:schemas:core:2.0:Device") == nil)
    }

    @Test(
        "the attributes are those of RFC 7643 §8.7.1, in its order",
        arguments: [
            (
                Schema.user,
                """
                userName name displayName nickName profileUrl title userType preferredLanguage locale timezone active \
                password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates
                """
            ),
            (.enterpriseUser, "employeeNumber costCenter organization division department manager"),
            (.group, "displayName members"),
        ])
    func attributes(schema: Schema, names: String) {
        #expect(schema.attributes.map(\.name).joined(separator: " ") == names)
    }

    @Test("userName is required and unique, passwords are written only, groups read only")
    func characteristics() {
        let userName = Schema.user.attribute("USERNAME")
        #expect(userName?.isRequired == true)
        #expect(userName?.uniqueness == .server)
        #expect(userName?.isCaseExact == false)
        let password = Schema.user.attribute("password")
        #expect(password?.mutability == .writeOnly)
        #expect(password?.returned == .never)
        let groups = Schema.user.attribute("groups")
        #expect(groups?.mutability == .readOnly)
        #expect(groups?.subAttributes.allSatisfy { $0.mutability == .readOnly } == true)
        #expect(Schema.user.attributes.filter(\.isRequired).map(\.name) == ["userName"])
        #expect(Schema.group.attributes.filter(\.isRequired).map(\.name) == ["displayName"])
        #expect(Schema.enterpriseUser.attribute("manager")?.subAttribute("displayName")?.mutability == .readOnly)
    }

    @Test(
        "multi-valued attributes have the parts of §2.4 and the RFC's canonical types",
        arguments: [
            ("emails", AttributeType.string, ["work", "home", "other"]),
            ("phoneNumbers", .string, ["work", "home", "mobile", "fax", "pager", "other"]),
            ("ims", .string, ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
            ("photos", .reference, ["photo", "thumbnail"]),
            ("entitlements", .string, []), ("roles", .string, []), ("x509Certificates", .binary, []),
        ])
    func plural(name: String, type: AttributeType, canonical: [String]) throws {
        let attribute = try #require(Schema.user.attribute(name))
        #expect(attribute.isMultiValued)
        #expect(attribute.subAttributes.map(\.name) == ["value", "display", "type", "primary"])
        #expect(attribute.subAttribute("value")?.type == type)
        #expect(attribute.subAttribute("type")?.canonicalValues == canonical)
        #expect(attribute.subAttribute("primary")?.type == .boolean)
    }

    @Test("members are immutable values, whose name the server keeps")
    func members() throws {
        let members = try #require(Schema.group.attribute("members"))
        #expect(members.isMultiValued)
        #expect(members.mutability == .readWrite)
        #expect(["value", "$ref", "type"].allSatisfy { members.subAttribute($0)?.mutability == .immutable })
        #expect(members.subAttribute("$ref")?.referenceTypes == ["User", "Group"])
    }

    @Test("the common attributes are schemas, id, externalId and meta (§3.1)")
    func common() {
        let common = AttributeDefinition.common
        #expect(common.map(\.name) == ["schemas", "id", "externalId", "meta"])
        #expect(common.map(\.returned) == [.always, .always, .default, .default])
        #expect(common.map(\.mutability) == [.readWrite, .readOnly, .readWrite, .readOnly])
        #expect(common[1].isCaseExact && common[2].isCaseExact)
        #expect(common[3].subAttributes.map(\.name) == ["resourceType", "created", "lastModified", "location", "version"])
    }

    @Test("every attribute and part is described, references and binaries are case exact (§2.3.6, §2.3.7), names are valid")
    func completeness() {
        func check(_ attribute: AttributeDefinition, _ path: String) {
            #expect(!attribute.description.isEmpty, "\(path)")
            #expect(!attribute.isCaseExact || [.string, .reference, .binary].contains(attribute.type), "\(path)")
            #expect(attribute.isCaseExact || ![.reference, .binary].contains(attribute.type), "\(path)")
            #expect((attribute.type == .complex) == !attribute.subAttributes.isEmpty || path.hasSuffix("subAttributes"), "\(path)")
            #expect((attribute.type == .reference) == !attribute.referenceTypes.isEmpty, "\(path)")
            #expect(attribute.name.first.map { $0.isLetter || $0 == "$" } == true, "\(path)")
            for part in attribute.subAttributes { check(part, path + "." + part.name) }
        }
        let schemas: [Schema] = [.user, .enterpriseUser, .group, .serviceProviderConfig, .resourceType, .schema]
        for schema in schemas { for attribute in schema.attributes { check(attribute, schema.name + "." + attribute.name) } }
        for attribute in AttributeDefinition.common { check(attribute, attribute.name) }
    }
}
