/// The parameters of requests.
enum OpenAPIParameters {
    /// Those of a query over resources (RFC 7644 §3.4.2, RFC 9865 §2).
    static let query = ["filter", "startIndex", "count", "cursor", "sortBy", "sortOrder", "attributes", "excludedAttributes"]
    /// Those that choose the attributes of an answer (RFC 7644 §3.9).
    static let selection = ["attributes", "excludedAttributes"]
    /// Those that demand a state of the resource (RFC 7644 §3.14).
    static let conditions = ["ifMatch", "ifNoneMatch"]

    /// References to parameters.
    static func references(_ names: [String]) -> AttributeValue { .array(names.map { OpenAPI.reference("parameters/" + $0) }) }

    /// The components.
    static let all: AttributeMap = [
        "id": path("id", "Identifier of the resource"), "name": path("name", "Name of the resource type"),
        "urn": path("urn", "URN of the schema"),
        "filter": query(
            "filter", "What resources must fulfil (RFC 7644 §3.4.2.2)", ["type": "string"], example: "userName eq \"ada\""),
        "startIndex": query(
            "startIndex", "Number of the first result, counted from 1; less means 1. Not together with cursor.", ["type": "integer"]),
        "count": query(
            "count", "Most results on the page; less than 0 means 0. With cursor it is 1 or more.", ["type": "integer"]),
        "cursor": query(
            "cursor", "Empty for the first page, then the nextCursor or previousCursor of an answer (RFC 9865)",
            ["type": "string", "pattern": "^[A-Za-z0-9._~-]*$"], mayBeEmpty: true),
        "sortBy": query("sortBy", "Attribute by which results are sorted (RFC 7644 §3.4.2.3)", ["type": "string"], example: "userName"),
        "sortOrder": query(
            "sortOrder", "Order of the results", ["type": "string", "enum": ["ascending", "descending"], "default": "ascending"]),
        "attributes": names("attributes", "Attributes that are wanted, with those that are always returned"),
        "excludedAttributes": names("excludedAttributes", "Attributes that are not wanted"),
        "ifMatch": header("If-Match", "Entity tags of which the resource must have one, or *"),
        "ifNoneMatch": header("If-None-Match", "Entity tags of which the resource must have none, or *"),
    ]

    private static func path(_ name: String, _ description: String) -> AttributeValue {
        [
            "name": .string(name), "in": "path", "required": true, "description": .string(description),
            "schema": ["type": "string", "minLength": 1],
        ]
    }

    private static func query(
        _ name: String, _ description: String, _ schema: AttributeValue, example: String? = nil, mayBeEmpty: Bool = false
    ) -> AttributeValue {
        var map: AttributeMap = ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
        if mayBeEmpty { map.append("allowEmptyValue", true) }
        if let example { map.append("example", .string(example)) }
        return .complex(map)
    }

    private static func names(_ name: String, _ description: String) -> AttributeValue {
        [
            "name": .string(name), "in": "query", "description": .string(description + " (RFC 7644 §3.9), with commas between"),
            "style": "form", "explode": false, "schema": OpenAPI.array(of: ["type": "string"]),
        ]
    }

    private static func header(_ name: String, _ description: String) -> AttributeValue {
        let tag = "(W/)?\"[!#-~]*\""
        return [
            "name": .string(name), "in": "header", "description": .string(description + " (RFC 7644 §3.14)"),
            "schema": ["type": "string", "pattern": .string("^(\\*|\(tag)( *, *\(tag))*)$")], "example": "W/\"1\"",
        ]
    }
}
