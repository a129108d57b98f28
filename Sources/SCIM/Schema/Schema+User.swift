extension Schema {
    /// The core schema of users (RFC 7643 §4.1, §8.7.1).
    public static let user = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:User", name: "User", description: "User account",
        attributes: [
            .init(
                "userName", description: "Name with which the user signs in, unique without regard to case",
                isRequired: true, uniqueness: .server),
            .init(
                "name", .complex, description: "Parts of the user's real name",
                subAttributes: [
                    .init("formatted", description: "Whole name, ready to show"),
                    .init("familyName", description: "Last name"),
                    .init("givenName", description: "First name"),
                    .init("middleName", description: "Middle names"),
                    .init("honorificPrefix", description: "Title in front of the name, such as Dr."),
                    .init("honorificSuffix", description: "Suffix behind the name, such as III"),
                ]),
            .init("displayName", description: "Name to show to others"),
            .init("nickName", description: "Casual name"),
            .init(
                "profileUrl", .reference, description: "URL of a page about the user", isCaseExact: true,
                referenceTypes: ["external"]),
            .init("title", description: "Job title"),
            .init("userType", description: "Relation to the organization, such as Employee or Contractor"),
            .init("preferredLanguage", description: "Preferred languages, as in the Accept-Language header"),
            .init("locale", description: "Locale for dates, numbers and currency, such as en-US"),
            .init("timezone", description: "Time zone by its IANA name, such as America/Los_Angeles"),
            .init("active", .boolean, description: "Whether the user may sign in"),
            .init(
                "password", description: "Password in clear text; it is never returned", isCaseExact: true,
                mutability: .writeOnly, returned: .never),
            .plural("emails", "Email addresses", value: "Email address", types: ["work", "home", "other"]),
            .plural(
                "phoneNumbers", "Telephone numbers", value: "Telephone number, best as an RFC 3966 URI",
                types: ["work", "home", "mobile", "fax", "pager", "other"]),
            .plural(
                "ims", "Instant messaging addresses", value: "Instant messaging address",
                types: ["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"]),
            .plural("photos", "Pictures of the user", of: .reference, value: "URL of a picture", types: ["photo", "thumbnail"]),
            .init(
                "addresses", .complex, isMultiValued: true, description: "Postal addresses",
                subAttributes: [
                    .init("formatted", description: "Whole address, ready to show or print"),
                    .init("streetAddress", description: "Street, house number, post office box"),
                    .init("locality", description: "City"),
                    .init("region", description: "State or region"),
                    .init("postalCode", description: "Postal code"),
                    .init("country", description: "Country as two letters (ISO 3166-1)"),
                    .init("type", description: "What the address is for", canonicalValues: ["work", "home", "other"]),
                    .init("primary", .boolean, description: "Whether it is the preferred address; at most one is"),
                ]),
            .init(
                "groups", .complex, isMultiValued: true,
                description: "Groups to which the user belongs; changed through the groups themselves", mutability: .readOnly,
                subAttributes: [
                    .init("value", description: "Identifier of the group", mutability: .readOnly),
                    .init(
                        "$ref", .reference, description: "URL of the group", isCaseExact: true, mutability: .readOnly,
                        referenceTypes: ["User", "Group"]),
                    .init("display", description: "Name of the group", mutability: .readOnly),
                    .init(
                        "type", description: "Whether the user is a member itself or through another group",
                        canonicalValues: ["direct", "indirect"], mutability: .readOnly),
                ]),
            .plural("entitlements", "Things to which the user is entitled", value: "Entitlement"),
            .plural("roles", "Roles of the user", value: "Role"),
            .plural(
                "x509Certificates", "Certificates of the user", of: .binary, value: "DER-encoded X.509 certificate in base64"),
        ])
}
