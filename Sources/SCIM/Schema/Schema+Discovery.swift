extension Schema {
    /// The schema of the service provider's configuration (RFC 7643 §5, §8.7.2).
    public static let serviceProviderConfig = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig", name: "Service Provider Configuration",
        description: "What the service provider can do",
        attributes: [
            .readOnlyURI("documentationUri", "URL of help for people", to: ["external"]),
            .capability("patch", "PATCH requests"),
            .capability(
                "bulk", "bulk requests",
                .readOnly("maxOperations", .integer, "Most operations in a bulk request", isRequired: true),
                .readOnly("maxPayloadSize", .integer, "Largest bulk request in bytes", isRequired: true)),
            .capability(
                "filter", "filters", .readOnly("maxResults", .integer, "Most resources in one answer", isRequired: true)),
            .capability("changePassword", "changes of passwords"),
            .capability("sort", "sorted results"),
            .capability("etag", "entity tags"),
            .init(
                "pagination", .complex, description: "How results are paged through", mutability: .readOnly,
                subAttributes: [
                    .readOnly("cursor", .boolean, "Whether there are pages by cursor", isRequired: true),
                    .readOnly("index", .boolean, "Whether there are pages by startIndex", isRequired: true),
                    .init(
                        "defaultPaginationMethod", description: "The way that is taken when a request names none",
                        canonicalValues: ["cursor", "index"], mutability: .readOnly),
                    .readOnly("defaultPageSize", .integer, "Results on a page when a request does not say"),
                    .readOnly("maxPageSize", .integer, "Most results on a page"),
                    .readOnly("cursorTimeout", .integer, "Seconds for which a cursor is good at least"),
                ]),
            .init(
                "securityEvents", .complex, description: "Events that are told as Security Event Tokens",
                mutability: .readOnly,
                subAttributes: [
                    .init(
                        "asyncRequest", description: "When requests are answered before they are done",
                        canonicalValues: ["none", "long", "request"], mutability: .readOnly),
                    .init(
                        "eventUris", isMultiValued: true, description: "URIs of the events", isCaseExact: true,
                        mutability: .readOnly),
                ]),
            .init(
                "authenticationSchemes", .complex, isMultiValued: true, description: "Ways to authenticate",
                isRequired: true, mutability: .readOnly,
                subAttributes: [
                    .init(
                        "type", description: "Kind of the scheme", isRequired: true,
                        canonicalValues: ["oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest", "mutualtls"],
                        mutability: .readOnly),
                    .readOnly("name", .string, "Name of the scheme", isRequired: true),
                    .readOnly("description", .string, "What the scheme is", isRequired: true),
                    .readOnlyURI("specUri", "URL of the scheme's specification", to: ["external"]),
                    .readOnlyURI("documentationUri", "URL of help about the scheme", to: ["external"]),
                    .readOnly("primary", .boolean, "Whether it is the preferred scheme"),
                ]),
        ])

    /// The schema of resource types (RFC 7643 §6, §8.7.2).
    public static let resourceType = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:ResourceType", name: "ResourceType",
        description: "A kind of resource that the service provider offers",
        attributes: [
            .readOnly("id", .string, "Identifier, the same as the name"),
            .readOnly("name", .string, "Name of the resource type", isRequired: true),
            .readOnly("description", .string, "What resources of the type stand for"),
            .readOnlyURI("endpoint", "Path of the endpoint below the base URL", to: ["uri"], isRequired: true),
            .readOnlyURI("schema", "URI of the core schema", to: ["uri"], isRequired: true),
            .init(
                "schemaExtensions", .complex, isMultiValued: true, description: "Extensions of the resource type",
                mutability: .readOnly,
                subAttributes: [
                    .readOnlyURI("schema", "URI of the extension", to: ["uri"], isRequired: true),
                    .readOnly("required", .boolean, "Whether each resource must carry the extension", isRequired: true),
                ]),
        ])

    /// The schema of schemas (RFC 7643 §7, §8.7.2).
    public static let schema = Schema(
        id: "urn:ietf:params:scim:schemas:core:2.0:Schema", name: "Schema", description: "A set of attribute definitions",
        attributes: [
            .readOnly("id", .string, "URI of the schema", isRequired: true),
            .readOnly("name", .string, "Name of the schema"),
            .readOnly("description", .string, "What the schema is for"),
            .attributeDefinitions("attributes", subAttributes: [.attributeDefinitions("subAttributes", subAttributes: [])]),
        ])
}

extension AttributeDefinition {
    fileprivate static func readOnly(
        _ name: String, _ type: AttributeType, _ description: String, isRequired: Bool = false
    ) -> AttributeDefinition {
        .init(name, type, description: description, isRequired: isRequired, mutability: .readOnly)
    }

    fileprivate static func readOnlyURI(
        _ name: String, _ description: String, to types: [String], isRequired: Bool = false
    ) -> AttributeDefinition {
        .init(
            name, .reference, description: description, isRequired: isRequired, isCaseExact: true, mutability: .readOnly,
            referenceTypes: types)
    }

    fileprivate static func capability(_ name: String, _ what: String, _ limits: AttributeDefinition...) -> AttributeDefinition {
        .init(
            name, .complex, description: "Support of \(what)", isRequired: true, mutability: .readOnly,
            subAttributes: [.readOnly("supported", .boolean, "Whether it is supported", isRequired: true)] + limits)
    }

    /// A list of definitions, as a definition.
    fileprivate static func attributeDefinitions(
        _ name: String, subAttributes: [AttributeDefinition]
    ) -> AttributeDefinition {
        func choice(_ name: String, _ description: String, _ values: [String]) -> AttributeDefinition {
            .init(name, description: description, canonicalValues: values, mutability: .readOnly)
        }
        return .init(
            name, .complex, isMultiValued: true, description: "Definitions of attributes", isRequired: name == "attributes",
            mutability: .readOnly,
            subAttributes: [
                .init("name", description: "Name of the attribute", isRequired: true, isCaseExact: true, mutability: .readOnly),
                .init(
                    "type", description: "Data type", isRequired: true,
                    canonicalValues: ["string", "complex", "boolean", "decimal", "integer", "dateTime", "reference", "binary"],
                    mutability: .readOnly),
                .readOnly("multiValued", .boolean, "Whether there may be several values", isRequired: true),
                .init("description", description: "What the attribute means", isCaseExact: true, mutability: .readOnly),
                .readOnly("required", .boolean, "Whether there must be a value"),
                .init(
                    "canonicalValues", isMultiValued: true, description: "Suggested values", isCaseExact: true,
                    mutability: .readOnly),
                .readOnly("caseExact", .boolean, "Whether strings compare with regard to case"),
                choice("mutability", "Who may change it", ["readOnly", "readWrite", "immutable", "writeOnly"]),
                choice("returned", "When it is returned", ["always", "never", "default", "request"]),
                choice("uniqueness", "Where its value is unique", ["none", "server", "global"]),
                .init(
                    "referenceTypes", isMultiValued: true, description: "What a reference may lead to", isCaseExact: true,
                    mutability: .readOnly),
            ] + subAttributes)
    }
}
