/// The description of a service provider as an OpenAPI 3.1 document, made from what it serves.
///
/// It has every endpoint of RFC 7644 §3.2 with its parameters, messages and answers, and for each resource type the JSON
/// schemas (2020-12) of what is sent and what is answered. The same input always gives the same bytes.
public struct OpenAPIDocument: Sendable {
    /// The resource types and schemas.
    public var registry: SchemaRegistry
    /// What the service provider can do. Without bulk limits there is no `/Bulk`, without PATCH no such method.
    public var configuration: ServiceProviderConfig
    /// The base URL as the client sees it, without a slash at the end: `https://host/scim/v2`.
    public var baseURL: String
    /// The version of the server.
    public var version: String
    /// Further path items by their path below the base URL, for endpoints that no RFC on SCIM has.
    public var additionalPaths: AttributeMap

    /// Creates a description.
    public init(
        _ registry: SchemaRegistry, _ configuration: ServiceProviderConfig, baseURL: String, version: String,
        additionalPaths: AttributeMap = [:]
    ) {
        self.registry = registry
        self.configuration = configuration
        self.baseURL = baseURL
        self.version = version
        self.additionalPaths = additionalPaths
    }

    /// The document.
    public var document: AttributeValue {
        var paths = OpenAPIPaths(registry: registry, configuration: configuration).all
        for member in additionalPaths.members { paths.append(member.name, member.value) }
        var map: AttributeMap = [
            "openapi": "3.1.0",
            "info": [
                "title": "SCIM 2.0 service provider",
                "description": "Users, groups and other resources by RFC 7643 and RFC 7644, with cursors by RFC 9865.",
                "version": .string(version),
            ],
        ]
        if let help = configuration.documentationURI { map.append("externalDocs", ["url": .string(help)]) }
        map.append("servers", [["url": .string(baseURL)]])
        let schemes = OpenAPISecurity.schemes(of: configuration)
        map.append("security", .array(schemes.members.map { [$0.name: []] }))
        map.append("tags", .array(tags))
        map.append("paths", .complex(paths))
        map.append(
            "components",
            [
                "schemas": .complex(OpenAPISchemas(registry: registry, configuration: configuration).all),
                "parameters": .complex(OpenAPIParameters.all), "headers": .complex(OpenAPIResponses.headers),
                "responses": .complex(OpenAPIResponses.errors), "securitySchemes": .complex(schemes),
            ])
        return .complex(map)
    }

    /// The document as JSON.
    public var jsonBytes: [UInt8] { document.jsonBytes }

    private var tags: [AttributeValue] {
        registry.resourceTypes.map { type in ["name": .string(type.name), "description": .string(type.description)] }
            + [
                ["name": "protocol", "description": "Searches over all resource types, several operations in one request"],
                ["name": "discovery", "description": "What the service provider offers"],
            ]
    }
}

/// Shorthands for the parts of a document.
enum OpenAPI {
    /// The media types of messages, SCIM's own first (RFC 7644 §3.1).
    static let mediaTypes = ["application/scim+json", "application/json"]

    /// A reference to a component: `schemas/User`.
    static func reference(_ component: String) -> AttributeValue { ["$ref": .string("#/components/" + component)] }

    /// `content` with one schema in each media type.
    static func content(_ schema: String) -> AttributeValue {
        .complex(AttributeMap(mediaTypes.map { .init(name: $0, value: ["schema": reference("schemas/" + schema)]) }))
    }

    /// The schema of an object.
    static func object(_ properties: AttributeMap, required: [String] = [], description: String = "") -> AttributeValue {
        var map: AttributeMap = ["type": "object"]
        if !description.isEmpty { map.append("description", .string(description)) }
        if !required.isEmpty { map.append("required", .array(required.map { .string($0) })) }
        map.append("properties", .complex(properties))
        return .complex(map)
    }

    /// The schema of an array.
    static func array(of items: AttributeValue, minimum: Int64 = 0) -> AttributeValue {
        var map: AttributeMap = ["type": "array", "items": items]
        if minimum > 0 { map.append("minItems", .integer(minimum)) }
        return .complex(map)
    }

    /// The schema of the member `schemas` of a message.
    static func schemas(_ urn: String) -> AttributeValue { array(of: ["type": "string", "const": .string(urn)], minimum: 1) }
}

/// How a client says who it is.
enum OpenAPISecurity {
    /// The security schemes by their name.
    static func schemes(of configuration: ServiceProviderConfig) -> AttributeMap {
        var found = AttributeMap()
        for scheme in configuration.authenticationSchemes {
            guard let (name, value) = described(scheme), found[name] == nil else { continue }
            found.append(name, value)
        }
        return found
    }

    private static func described(_ scheme: ServiceProviderConfig.AuthenticationScheme) -> (String, AttributeValue)? {
        let description = AttributeValue.string(scheme.description)
        return switch scheme.type.lowercased() {
        case "oauthbearertoken": ("bearer", ["type": "http", "scheme": "bearer", "description": description])
        case "oauth2": ("accessToken", ["type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": description])
        case "httpbasic": ("basic", ["type": "http", "scheme": "basic", "description": description])
        case "httpdigest": ("digest", ["type": "http", "scheme": "digest", "description": description])
        case "mutualtls": ("mutualTLS", ["type": "mutualTLS", "description": description])
        default: nil
        }
    }
}
