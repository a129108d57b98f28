extension Quirk {
    static let ofSchemas: [Quirk] = [
        legacySchemaURN, unknownSchema, schemasIncomplete, coreAttributesUnderURN, extensionAttributeAtTop,
    ]

    /// `urn:scim:schemas:core:1.0` for `urn:ietf:params:scim:schemas:core:2.0:User`.
    public static let legacySchemaURN = Quirk(
        "legacy-schema-urn", "Schema URNs of SCIM 1 and of drafts are taken for those of RFC 7643, in bodies and in paths.",
        clients: ["onelogin", "google", "entra", "mappings"])
    /// A URN that no schema of the resource type has, in `schemas`.
    public static let unknownSchema = Quirk(
        "unknown-schema", "URNs in `schemas` that the resource type does not have are dropped.",
        clients: ["entra", "onelogin", "mappings"])
    /// A body or message without `schemas`.
    public static let schemasIncomplete = Quirk(
        "schemas-incomplete", "Where `schemas` is missing, empty or incomplete, the body is taken for what the endpoint wants.",
        clients: ["onelogin", "mappings"])
    /// `{"urn:ietf:params:scim:schemas:core:2.0:User": {"userName": …}}`.
    public static let coreAttributesUnderURN = Quirk(
        "core-attributes-under-urn", "Core attributes in an object under the URN of the base schema are taken as if they stood at the top.",
        clients: ["mappings"])
    /// `"department": "IT"` beside `userName`, or as a path.
    public static let extensionAttributeAtTop = Quirk(
        "extension-attribute-at-top",
        "An attribute of an extension that stands at the top, or in a path without its URN, is taken for that of the extension.",
        clients: ["entra", "onelogin", "mappings"])
}
