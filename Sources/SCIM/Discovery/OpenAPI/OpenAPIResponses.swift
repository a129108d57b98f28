/// The answers to a request.
struct OpenAPIResponses {
    /// The media types of SCIM messages (RFC 7644 §3.1).
    static let mediaTypes = ["application/scim+json", "application/json"]

    private var map = AttributeMap()

    /// The answers by status.
    var document: AttributeValue { .complex(map) }

    /// Adds an answer that says that all is well.
    /// - Parameter content: What its body holds; nil for none.
    mutating func append(
        _ status: Int, _ description: String, headers: [OpenAPIHeaders] = [], content: AttributeValue? = nil, links: AttributeMap = [:]
    ) {
        var response: AttributeMap = [
            "description": .string(description), "headers": OpenAPIHeaders.references([.requestID] + headers),
        ]
        if let content { response.append("content", content) }
        if !links.isEmpty { response.append("links", .complex(links)) }
        map.append(String(status), .complex(response))
    }

    /// Adds the errors of these statuses, beside those that each request may meet.
    mutating func append(errors: [Int]) {
        for status in Set(errors + Self.everywhere).sorted() {
            guard let name = Self.kinds.first(where: { $0.status == status })?.name else { continue }
            map.append(String(status), ["$ref": .string("#/components/responses/\(name)")])
        }
    }

    /// The content of a message in both media types.
    static func content(_ schema: AttributeValue, example: AttributeValue? = nil) -> AttributeValue {
        content(schema, in: mediaTypes, example: example)
    }

    /// The content of a message.
    static func content(_ schema: AttributeValue, in mediaTypes: [String], example: AttributeValue? = nil) -> AttributeValue {
        .complex(
            AttributeMap(
                mediaTypes.map { mediaType in
                    var content: AttributeMap = ["schema": schema]
                    if let example { content.append("example", example) }
                    return .init(name: mediaType, value: .complex(content))
                }))
    }

    // MARK: Errors

    private struct Kind {
        let status: Int
        let name: String
        let description: String
        var header: OpenAPIHeaders?
    }

    /// What any request may be answered.
    private static let everywhere = [400, 401, 403, 414, 429, 431, 500, 503]

    private static let kinds = [
        Kind(status: 400, name: "BadRequest", description: "The request is malformed or its values do not fit; scimType tells how"),
        Kind(
            status: 401, name: "Unauthorized", description: "No credential was sent, or none that is good here", header: .challenge),
        Kind(status: 403, name: "Forbidden", description: "The client may not do this"),
        Kind(status: 404, name: "NotFound", description: "There is no such resource"),
        Kind(
            status: 405, name: "MethodNotAllowed", description: "The endpoint does not take this method, but those in Allow",
            header: .allow),
        Kind(status: 408, name: "RequestTimeout", description: "The body did not come in time"),
        Kind(
            status: 409, name: "Conflict",
            description: "Another resource has a value that must be unique, or the change does not go with what there is"),
        Kind(
            status: 412, name: "PreconditionFailed", description: "The resource is in another state than If-Match or If-None-Match demands"),
        Kind(status: 413, name: "ContentTooLarge", description: "The body, or the number of operations in it, is too large"),
        Kind(status: 414, name: "URITooLong", description: "The URL is too long; search by POST instead"),
        Kind(status: 415, name: "UnsupportedMediaType", description: "The body is no JSON by its Content-Type"),
        Kind(
            status: 429, name: "TooManyRequests", description: "Too many requests of this kind; try again later", header: .retryAfter),
        Kind(status: 431, name: "RequestHeaderFieldsTooLarge", description: "The headers are too large"),
        Kind(status: 500, name: "InternalServerError", description: "The server failed; its log has more under X-Request-Id"),
        Kind(
            status: 503, name: "ServiceUnavailable", description: "The server cannot do it now; try again later", header: .retryAfter),
    ]

    /// What goes wrong before a request is read has neither an id nor a message.
    private static let ofTheConnection = [400, 431]

    /// The errors as components.
    static var errors: AttributeMap {
        AttributeMap(
            kinds.map { kind in
                var headers: [OpenAPIHeaders] = kind.header.map { [$0] } ?? []
                if !ofTheConnection.contains(kind.status) { headers.insert(.requestID, at: 0) }
                var response: AttributeMap = ["description": .string(kind.description)]
                if !headers.isEmpty { response.append("headers", OpenAPIHeaders.references(headers)) }
                response.append("content", content(OpenAPISchemas.reference("Error")))
                return .init(name: kind.name, value: .complex(response))
            })
    }
}
