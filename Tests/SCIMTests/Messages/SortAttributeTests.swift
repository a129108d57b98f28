import SCIM
import Testing

@Suite("Sorting")
struct SortAttributeTests {
    private static let extra = Schema(
        id: "urn:example:Extra", name: "Extra", description: "",
        attributes: [
            .init("code", isCaseExact: true), .init("secret", returned: .never),
            .init("place", .complex, subAttributes: [.init("room")]), .init("pin", mutability: .writeOnly),
        ])
    private static let registry = SchemaRegistry(
        resourceTypes: [
            ResourceType(
                name: "User", endpoint: "/Users", description: "", schema: Schema.user.id,
                schemaExtensions: [.init(schema: extra.id, isRequired: false)])
        ],
        schemas: [.user, extra])

    private func attribute(_ path: String) throws -> ResolvedAttribute? {
        let request = SearchRequest(sortBy: try AttributePath(parsing: path))
        return try request.sortAttribute(of: Self.registry.resourceTypes[0], in: Self.registry)
    }

    @Test(
        "an attribute is found by its name, its part or its whole URN (RFC 7644 §3.4.2.3)",
        arguments: [
            ("userName", "userName"), ("emails", "emails"), ("emails.type", "emails"), ("urn:example:Extra:code", "code"),
            ("urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "name"),
        ])
    func found(path: String, name: String) throws {
        #expect(try attribute(path)?.attribute?.name == name)
    }

    @Test(
        "nothing is sorted by what there is not, by a complex attribute without value, or by what is never returned",
        arguments: ["nope", "name", "name.nope", "meta", "urn:example:Extra", "place", "secret", "pin", "password", "urn:x:y:title"])
    func refused(path: String) {
        #expect(throws: SCIMError.invalidValue("")) { try attribute(path) }
    }

    @Test("without sortBy there is no order")
    func none() throws {
        #expect(try SearchRequest().sortAttribute(of: .user, in: .standard) == nil)
    }
}
