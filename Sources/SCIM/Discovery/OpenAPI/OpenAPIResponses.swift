/// The answers to requests.
enum OpenAPIResponses {
    private static let texts: [(status: Int, description: String)] = [
        (400, "The request is malformed or does not fit the schema; scimType says how"), (401, "The client is not known"),
        (403, "The client may not do this"), (404, "There is no such resource or endpoint"),
        (405, "The endpoint does not take this method"), (406, "None of the media types that the client takes can be answered"),
        (408, "The body did not arrive in time"), (409, "A value is taken, or the request does not go together with what there is"),
        (412, "The resource is in another state than the client demands"), (413, "The request is too large; detail tells the limit"),
        (414, "The URL is too long"), (415, "The body is in another media type than SCIM's or JSON"), (429, "Too many requests"),
        (500, "The server failed"), (501, "The server does not offer this"), (503, "The server cannot do this now"),
    ]

    /// What any request may be answered.
    static let usual = [400, 401, 403, 404, 405, 406, 414, 429, 500, 501, 503]
    /// What a request with a body may be answered besides.
    static let body = [408, 413, 415]
    /// What a change may be answered besides.
    static let change = [409, 412]

    /// The components for errors.
    static let errors = AttributeMap(texts.map { .init(name: "error\($0.status)", value: error($0.status, $0.description)) })

    /// The components for headers.
    static let headers: AttributeMap = [
        "ETag": header("Entity tag of the resource's state", ["type": "string"]),
        "Location": header("URL of the resource", ["type": "string", "format": "uri"]),
        "Allow": header("Methods that the endpoint takes", ["type": "string"]),
        "WWW-Authenticate": header("Ways to authenticate", ["type": "string"]),
        "Retry-After": header("Seconds after which to try again", ["type": "integer"]),
    ]

    /// `responses` of an operation: what succeeds, then the errors by their status.
    static func all(_ successes: [(status: Int, response: AttributeValue)], errors: [Int]) -> AttributeValue {
        var map = AttributeMap()
        for item in successes { map.append(String(item.status), item.response) }
        for status in errors.sorted() { map.append(String(status), OpenAPI.reference("responses/error\(status)")) }
        return .complex(map)
    }

    /// An answer that succeeds.
    /// - Parameters:
    ///   - schema: The component of the body; nil for an answer without one.
    ///   - headers: The names of its headers.
    static func success(_ description: String, _ schema: String? = nil, headers: [String] = []) -> AttributeMap {
        var map: AttributeMap = ["description": .string(description)]
        if !headers.isEmpty { map.append("headers", references(headers)) }
        if let schema { map.append("content", OpenAPI.content(schema)) }
        return map
    }

    private static func references(_ names: [String]) -> AttributeValue {
        .complex(AttributeMap(names.map { .init(name: $0, value: OpenAPI.reference("headers/" + $0)) }))
    }

    private static func header(_ description: String, _ schema: AttributeValue) -> AttributeValue {
        ["description": .string(description), "schema": schema]
    }

    private static func error(_ status: Int, _ description: String) -> AttributeValue {
        let headers: [Int: [String]] = [401: ["WWW-Authenticate"], 405: ["Allow"], 429: ["Retry-After"], 503: ["Retry-After"]]
        return .complex(success(description, OpenAPISchemas.error, headers: headers[status] ?? []))
    }
}
