extension OpenAPISchemas {
    /// An object that may have other members too.
    /// - Parameter more: Further keywords.
    static func object(
        _ description: String, _ properties: AttributeMap, required: [String] = [], more: AttributeMap = [:]
    ) -> AttributeValue {
        var map: AttributeMap = ["type": "object", "description": .string(description), "properties": .complex(properties)]
        if !required.isEmpty { map.append("required", .array(required.map { .string($0) })) }
        for member in more.members { map.append(member.name, member.value) }
        return .complex(map)
    }

    /// The schema with a description.
    static func described(_ schema: AttributeValue, _ description: String) -> AttributeValue {
        .complex(AttributeMap((schema.complex?.members ?? []) + [.init(name: "description", value: .string(description))]))
    }

    /// The `schemas` of a message (RFC 7644 §8.2).
    /// - Parameter isOptional: Whether clients may leave it empty, as some do.
    static func message(_ urn: String, isOptional: Bool = false) -> AttributeValue {
        var map: AttributeMap = ["type": "array", "items": ["const": .string(urn)]]
        if !isOptional { map.append("minItems", 1) }
        return .complex(map)
    }

    /// A document of the server's own, as its schema says (RFC 7643 §5 to §7).
    static func discovery(_ schema: Schema) -> AttributeValue {
        let common = AttributeDefinition.common.filter { $0.name == "schemas" || $0.name == "meta" }
        let properties = AttributeDefinition.properties(common + schema.attributes, by: .server)
        let required = ["schemas"] + schema.attributes.filter(\.isRequired).map(\.name)
        return object(schema.description, properties, required: required)
    }

    static let error = object(
        "What went wrong (RFC 7644 §3.12)",
        [
            "schemas": message(MessageSchema.error),
            "status": ["type": "string", "pattern": "^[45][0-9]{2}$", "description": "The HTTP status"],
            "scimType": [
                "type": "string", "description": "Keyword of the error",
                "examples": [
                    "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget", "invalidValue",
                    "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount",
                ],
            ],
            "detail": ["type": "string", "description": "What to do about it, for a person"],
        ], required: ["schemas", "status", "detail"])

    static let bulkResponse = object(
        "What became of the operations of a bulk request (RFC 7644 §3.7.3)",
        [
            "schemas": message(MessageSchema.bulkResponse),
            "Operations": [
                "type": "array",
                "items": object(
                    "What became of one operation",
                    [
                        "location": ["type": "string", "description": "URL of the resource; missing where a POST failed"],
                        "method": ["type": "string"], "bulkId": ["type": "string"],
                        "version": ["type": "string", "description": "Entity tag of the resource"],
                        "status": ["type": "string", "pattern": "^[2-5][0-9]{2}$"],
                        "response": ["type": "object", "description": "The error, or the resource"],
                    ], required: ["method", "status"]),
            ],
        ], required: ["schemas", "Operations"])

    // MARK: Events

    static let eventPoll = object(
        "A poll for security events (RFC 8936 §2.4)",
        [
            "maxEvents": ["type": ["integer", "null"], "minimum": 0, "default": 100, "description": "How many events to answer at most"],
            "returnImmediately": [
                "type": ["boolean", "null"], "default": false, "description": "Whether to answer at once also where there is nothing",
            ],
            "ack": ["type": ["array", "null"], "items": ["type": "string"], "description": "The jti of tokens that were taken in"],
            "setErrs": [
                "type": ["object", "null"], "description": "By the jti of tokens, why they could not be taken in",
                "additionalProperties": object("The failure", ["err": ["type": "string"], "description": ["type": "string"]]),
            ],
            "cursor": ["type": ["string", "null"], "description": "What the last answer gave: go on behind it", "example": ""],
            "from": [
                "enum": ["oldest", "now", .null], "default": "oldest", "description": "Where to begin; does not go with cursor",
            ],
        ], more: ["not": ["required": ["cursor", "from"]]])

    static let eventPollAnswer = object(
        "Security event tokens (RFC 8936 §2.4.1)",
        [
            "sets": [
                "type": "object", "description": "The tokens (RFC 8417) by their jti",
                "additionalProperties": ["type": "string", "contentMediaType": "application/secevent+jwt"],
            ],
            "order": ["type": "array", "items": ["type": "string"], "description": "The jti in the order of the changes"],
            "moreAvailable": ["type": "boolean", "description": "Whether more events wait"],
            "cursor": ["type": "string", "description": "What the next poll sends to go on"],
        ], required: ["sets", "order", "moreAvailable", "cursor"])

    static let keySet = object(
        "A JSON Web Key Set (RFC 7517 §5)",
        [
            "keys": [
                "type": "array",
                "items": object(
                    "A public key",
                    [
                        "kty": ["type": "string"], "crv": ["type": "string"], "x": ["type": "string"], "y": ["type": "string"],
                        "kid": ["type": "string"], "alg": ["type": "string"], "use": ["type": "string"],
                    ], required: ["kty"]),
            ]
        ], required: ["keys"])

    static let description = object(
        "A description as OpenAPI 3.1", ["openapi": ["type": "string", "pattern": "^3\\.1\\."], "paths": ["type": "object"]],
        required: ["openapi", "info", "paths"])
}
