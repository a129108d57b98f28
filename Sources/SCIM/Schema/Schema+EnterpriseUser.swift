extension Schema {
    /// The extension for users in an organization (RFC 7643 §4.3, §8.7.1).
    public static let enterpriseUser = Schema(
        id: "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", name: "EnterpriseUser",
        description: "User of an organization",
        attributes: [
            .init("employeeNumber", description: "Number or code that the organization gave to the person"),
            .init("costCenter", description: "Name of a cost center"),
            .init("organization", description: "Name of an organization"),
            .init("division", description: "Name of a division"),
            .init("department", description: "Name of a department"),
            .init(
                "manager", .complex, description: "The user's manager, who is often another user",
                subAttributes: [
                    .init("value", description: "Identifier of the manager"),
                    .init(
                        "$ref", .reference, description: "URL of the manager", isCaseExact: true, referenceTypes: ["User"]),
                    .init("displayName", description: "Name of the manager", mutability: .readOnly),
                ]),
        ])
}
