extension ResourceType {
    /// Users, with the enterprise extension (RFC 7643 §4.1, §4.3).
    public static let user = ResourceType(
        name: "User", endpoint: "/Users", description: "User account", schema: Schema.user.id,
        schemaExtensions: [.init(schema: Schema.enterpriseUser.id, isRequired: false)])

    /// Groups (RFC 7643 §4.2).
    public static let group = ResourceType(
        name: "Group", endpoint: "/Groups", description: "Group", schema: Schema.group.id, schemaExtensions: [])
}

extension SchemaRegistry {
    /// The resource types and schemas of RFC 7643: users with the enterprise extension, and groups.
    public static let standard = SchemaRegistry(
        resourceTypes: [.user, .group], schemas: [.user, .enterpriseUser, .group])
}
