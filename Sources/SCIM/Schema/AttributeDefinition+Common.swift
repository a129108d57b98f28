extension AttributeDefinition {
    /// The attributes that every resource has (RFC 7643 §3, §3.1), in the order of answers: `schemas`, `id`,
    /// `externalId`, `meta`.
    public static let common: [AttributeDefinition] = [
        .init(
            "schemas", .reference, isMultiValued: true, description: "URIs of the schemas that the resource follows",
            isRequired: true, isCaseExact: true, returned: .always, referenceTypes: ["uri"]),
        .init(
            "id", description: "Identifier that the service provider chose; it never changes", isCaseExact: true,
            mutability: .readOnly, returned: .always, uniqueness: .server),
        .init("externalId", description: "Identifier that the client chose", isCaseExact: true),
        .init(
            "meta", .complex, description: "What the service provider knows about the resource", mutability: .readOnly,
            subAttributes: [
                .init("resourceType", description: "Name of the resource type", isCaseExact: true, mutability: .readOnly),
                .init("created", .dateTime, description: "When the resource was created", mutability: .readOnly),
                .init("lastModified", .dateTime, description: "When the resource was last changed", mutability: .readOnly),
                .init(
                    "location", .reference, description: "URL of the resource", isCaseExact: true, mutability: .readOnly,
                    referenceTypes: ["uri"]),
                .init("version", description: "Entity tag of the resource's state", isCaseExact: true, mutability: .readOnly),
            ]),
    ]

    /// The common attribute `name`, found without regard to case, or nil.
    static func common(_ name: String) -> AttributeDefinition? { common.first { $0.name.isSameName(as: name) } }
}

extension AttributeDefinition {
    /// A multi-valued complex attribute with the parts of RFC 7643 §2.4: `value`, `display`, `type`, `primary`.
    static func plural(
        _ name: String, _ description: String, of type: AttributeType = .string, value: String, types: [String] = []
    ) -> AttributeDefinition {
        let isReference = type == .reference
        return .init(
            name, .complex, isMultiValued: true, description: description,
            subAttributes: [
                .init(
                    "value", type, description: value, isCaseExact: isReference || type == .binary,
                    referenceTypes: isReference ? ["external"] : []),
                .init("display", description: "Text to show for the value"),
                .init("type", description: "What the value is for", canonicalValues: types),
                .init("primary", .boolean, description: "Whether it is the preferred value; at most one is"),
            ])
    }
}
