/// A description of what is served, as OpenAPI 3.1, made from the same schemas by which requests are judged.
///
/// It says what follows the RFC, and leaves open what a server may take or answer besides: objects may have more members,
/// filters and paths are held to their outline only. Each resource type has its own schemas and operations. HEAD goes with
/// each GET without being listed.
public struct OpenAPIDocument: Sendable {
    let registry: SchemaRegistry
    let configuration: ServiceProviderConfig
    let baseURL: String
    let supplement: OpenAPISupplement?

    /// Creates a description.
    /// - Parameters:
    ///   - registry: The resource types and schemas.
    ///   - configuration: What the server can do; what it cannot is not described.
    ///   - baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    ///   - supplement: What is described besides; nil for nothing.
    public init(
        registry: SchemaRegistry, configuration: ServiceProviderConfig, baseURL: String, supplement: OpenAPISupplement? = nil
    ) {
        self.registry = registry
        self.configuration = configuration
        self.baseURL = baseURL
        self.supplement = supplement
    }

    /// The document, the same for the same registry, configuration and URL.
    public var document: AttributeValue {
        let resources = OpenAPIResource.all(of: registry)
        let paths = OpenAPIPaths(resources: resources, configuration: configuration)
        let schemas = OpenAPISchemas(resources: resources, configuration: configuration)
        let security = OpenAPISecurity(configuration.authenticationSchemes)
        var map: AttributeMap = [
            "openapi": "3.1.0",
            "info": [
                "title": "SCIM 2.0 service provider", "version": "2.0",
                "description": .string(Self.introduction),
            ],
            "servers": [["url": .string(baseURL)]],
        ]
        if let help = configuration.documentationURI { map.append("externalDocs", ["url": .string(help)]) }
        if let requirements = security.requirements { map.append("security", requirements) }
        map.append("tags", .array((paths.tags + (supplement?.tags ?? [])).map { ["name": .string($0)] }))
        map.append("paths", .complex(paths.document.supplemented(by: supplement?.paths)))
        var components: AttributeMap = [
            "schemas": .complex(schemas.document.supplemented(by: supplement?.schemas)),
            "responses": .complex(OpenAPIResponses.errors.supplemented(by: supplement?.responses)),
            "headers": .complex(OpenAPIHeaders.document), "parameters": .complex(OpenAPIParameters(configuration).document),
        ]
        if !security.schemes.isEmpty { components.append("securitySchemes", .complex(security.schemes)) }
        map.append("components", .complex(components))
        return .complex(map)
    }

    /// The document as JSON.
    public var jsonBytes: [UInt8] { document.jsonBytes }

    private static let introduction = """
        Users, groups and whatever else this directory keeps, over SCIM 2.0 (RFC 7643, RFC 7644). Names of attributes, \
        parameters and operators may be written in any case. HEAD is answered wherever GET is. What belongs to a whole message \
        and not to one of its members is checked by the server alone: a PATCH must leave a valid resource, a member must exist, \
        startIndex does not go with cursor. Rules of this site may refuse a change with any status from 400 to 599.
        """
}
