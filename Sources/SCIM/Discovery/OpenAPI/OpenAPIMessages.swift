/// The schemas of SCIM's messages (RFC 7644 §8.2).
enum OpenAPIMessages {
    /// The components.
    static func all(bulk: ServiceProviderConfig.Bulk?) -> AttributeMap {
        var messages: AttributeMap = [OpenAPISchemas.error: error, "Message.SearchRequest": searchRequest, "Message.PatchOp": patchOp]
        if let bulk {
            messages.append("Message.BulkRequest", bulkRequest(bulk))
            messages.append("Message.BulkResponse", bulkResponse)
        }
        return messages
    }

    /// A page whose elements are of one of the components.
    static func list(of components: [String]) -> AttributeValue {
        let references = components.map { OpenAPI.reference("schemas/" + $0) }
        let items: AttributeValue = references.count == 1 ? references[0] : ["anyOf": .array(references)]
        return OpenAPI.object(
            [
                "schemas": OpenAPI.schemas(MessageSchema.listResponse), "totalResults": count("Results on all pages together"),
                "startIndex": count("Number of the first result, with pages by startIndex"), "itemsPerPage": count("Results on this page"),
                "nextCursor": text("What leads to the next page, with pages by cursor"),
                "previousCursor": text("What leads to the page before, with pages by cursor"), "Resources": OpenAPI.array(of: items),
            ],
            required: ["schemas", "itemsPerPage", "Resources"], description: "A page of results (RFC 7644 §3.4.2, RFC 9865 §2)")
    }

    private static func text(_ description: String) -> AttributeValue { ["type": "string", "description": .string(description)] }

    private static func count(_ description: String) -> AttributeValue {
        ["type": "integer", "minimum": 0, "description": .string(description)]
    }

    private static let error = OpenAPI.object(
        [
            "schemas": OpenAPI.schemas(MessageSchema.error), "status": ["type": "string", "pattern": "^[45][0-9][0-9]$"],
            "scimType": text("Keyword of the error (RFC 7644 §3.12, RFC 9865 §2.1)"), "detail": text("What went wrong and what to do"),
        ],
        required: ["schemas", "status"], description: "An error (RFC 7644 §3.12)")

    private static let searchRequest = OpenAPI.object(
        [
            "schemas": contained(MessageSchema.searchRequest), "filter": ["type": ["string", "null"]],
            "startIndex": ["type": ["integer", "null"]], "count": ["type": ["integer", "null"]],
            "cursor": ["type": ["string", "null"], "pattern": "^[A-Za-z0-9._~-]*$"], "sortBy": ["type": ["string", "null"]],
            "sortOrder": ["type": ["string", "null"], "enum": ["ascending", "descending", nil]],
            "attributes": ["type": ["array", "null"], "items": ["type": "string"]],
            "excludedAttributes": ["type": ["array", "null"], "items": ["type": "string"]],
        ],
        required: ["schemas"], description: "A search by POST (RFC 7644 §3.4.3)")

    private static let patchOp = OpenAPI.object(
        [
            "schemas": contained(MessageSchema.patchOp),
            "Operations": OpenAPI.array(
                of: OpenAPI.object(
                    [
                        "op": ["type": "string", "enum": ["add", "remove", "replace"]],
                        "path": ["type": ["string", "null"], "description": "What is changed; without it the value names the attributes"],
                        "value": ["description": "The value, or an object with values by attribute"],
                    ],
                    required: ["op"]), minimum: 1),
        ],
        required: ["Operations"], description: "Changes that are made all or none (RFC 7644 §3.5.2)")

    private static func bulkRequest(_ limits: ServiceProviderConfig.Bulk) -> AttributeValue {
        let methods = BulkOperation.Method.allCases.map { AttributeValue.string($0.rawValue) }
        let operation = OpenAPI.object(
            [
                "method": ["type": "string", "enum": .array(methods)], "bulkId": text("Name of what a POST creates; each POST needs one"),
                "version": text("Entity tag that the resource must have"), "path": text("Path below the base URL: /Users or /Users/{id}"),
                "data": ["type": "object", "description": "A resource, or a PatchOp message"],
            ],
            required: ["method", "path"])
        let operations: AttributeValue = [
            "type": "array", "minItems": 1, "maxItems": .integer(Int64(limits.maximumOperations)), "items": operation,
        ]
        return OpenAPI.object(
            [
                "schemas": contained(MessageSchema.bulkRequest),
                "failOnErrors": ["type": ["integer", "null"], "minimum": 1, "description": "Errors after which the rest is left undone"],
                "Operations": operations,
            ],
            required: ["Operations"],
            description: "Several operations (RFC 7644 §3.7), at most \(limits.maximumPayloadBytes) bytes")
    }

    private static let bulkResponse = OpenAPI.object(
        [
            "schemas": OpenAPI.schemas(MessageSchema.bulkResponse),
            "Operations": OpenAPI.array(
                of: OpenAPI.object(
                    [
                        "location": text("URL of the resource"), "method": ["type": "string"], "bulkId": ["type": "string"],
                        "version": text("Entity tag of the resource"), "status": ["type": "string", "pattern": "^[2-5][0-9][0-9]$"],
                        "response": ["type": "object", "description": "The error, or the resource"],
                    ],
                    required: ["method", "status"])),
        ],
        required: ["schemas", "Operations"], description: "What became of each operation (RFC 7644 §3.7.3)")

    /// `schemas` of a message that is sent: it names this URN, perhaps among others.
    private static func contained(_ urn: String) -> AttributeValue {
        ["type": "array", "items": ["type": "string"], "contains": ["const": .string(urn)]]
    }
}
