import SCIM
import Testing

@Suite("Resolving paths")
struct ResolvingTests {
    private static let enterprise = Schema.enterpriseUser.id

    @Test(
        "a path leads to its definition, whatever the case and the URN in front",
        arguments: [
            (nil, "userName", nil, "userName"), (nil, "USERNAME", nil, "userName"), (nil, "ID", nil, "id"),
            (nil, "schemas", nil, "schemas"), (nil, "meta", "LastModified", "meta.lastModified"),
            (nil, "Emails", "VALUE", "emails.value"), (nil, "name", "familyname", "name.familyName"),
            (Schema.user.id, "title", nil, "title"), ("URN:IETF:params:scim:schemas:core:2.0:user", "title", nil, "title"),
            (Schema.user.id, "externalId", nil, "externalId"), ("urn:scim:schemas:core:1.0", "title", nil, "title"),
            (enterprise, "department", nil, enterprise + ":department"),
            (enterprise.uppercased(), "Manager", "Value", enterprise + ":manager.value"),
            ("urn:scim:schemas:extension:enterprise:2.0", "division", nil, enterprise + ":division"),
            (nil, "department", nil, enterprise + ":department"), (nil, "manager", "value", enterprise + ":manager.value"),
            (enterprise, nil, nil, enterprise), ("urn:ietf:params:scim:schemas:extension:enterprise:2.0", "User", nil, enterprise),
        ] as [(String?, String?, String?, String)])
    func resolves(schema: String?, attribute: String?, part: String?, name: String) throws {
        let path = AttributePath(schema: schema, attribute: attribute, subAttribute: part)
        let resolved = try #require(SchemaRegistry.standard.resolve(path, in: .user))
        #expect(resolved.name == name)
        #expect(resolved.schema == (name.hasPrefix("urn:") ? Self.enterprise : nil))
        #expect((resolved.attribute == nil) == (name == Self.enterprise))
        #expect((resolved.subAttribute == nil) == !name.dropFirst(name.hasPrefix("urn:") ? 60 : 0).contains("."))
    }

    @Test(
        "a path that no schema of the type has leads nowhere",
        arguments: [
            (nil, "nope", nil), (nil, "name", "nope"), (nil, "userName", "value"), (nil, "members", nil),
            (Schema.user.id, "department", nil), (Schema.user.id, nil, nil), (Schema.group.id, "displayName", nil),
            (enterprise, "userName", nil), (enterprise, "manager", "nope"), ("urn:example:other", "userName", nil),
            ("urn:example:other", nil, nil), (nil, nil, nil), (nil, "", nil),
        ] as [(String?, String?, String?)])
    func nowhere(schema: String?, attribute: String?, part: String?) {
        let path = AttributePath(schema: schema, attribute: attribute, subAttribute: part)
        #expect(SchemaRegistry.standard.resolve(path, in: .user) == nil)
    }

    @Test("a group has its own attributes and no enterprise extension")
    func group() {
        let registry = SchemaRegistry.standard
        #expect(registry.resolve(AttributePath(attribute: "Members", subAttribute: "$REF"), in: .group)?.name == "members.$ref")
        #expect(registry.resolve(AttributePath(attribute: "department"), in: .group) == nil)
        #expect(registry.resolve(AttributePath(schema: Self.enterprise, attribute: nil), in: .group) == nil)
    }
}
