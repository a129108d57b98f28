extension Schema {
    /// The core schema of groups (RFC 7643 §4.2, §8.7.1). `displayName` is required, as §4.2 says.
    public static let group = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:Group", name: "Group", description: "Group",
        attributes: [
            .init("displayName", description: "Name to show", isRequired: true),
            .init(
                "members", .complex, isMultiValued: true, description: "Users and groups that belong to the group",
                subAttributes: [
                    .init("value", description: "Identifier of the member", mutability: .immutable),
                    .init(
                        "$ref", .reference, description: "URL of the member", isCaseExact: true, mutability: .immutable,
                        referenceTypes: ["User", "Group"]),
                    .init(
                        "type", description: "Resource type of the member", canonicalValues: ["User", "Group"],
                        mutability: .immutable),
                    // Filled in when it is asked for. A client that adds a member gets back what it sent (scim2-tester compares
                    // them), and the answer about a large group is half as long.
                    .init(
                        "display", description: "Name of the member, kept by the service provider", mutability: .readOnly,
                        returned: .request),
                ]),
        ])
}
