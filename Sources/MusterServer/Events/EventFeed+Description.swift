import SCIM

extension EventFeed {
    /// The endpoints of security events for the description of the server (OpenAPI 3.1).
    static var description: AttributeMap {
        [
            "/Events": [
                "post": [
                    "operationId": "pollEvents", "tags": ["events"], "summary": "Poll for security events (RFC 8936, RFC 9967)",
                    "requestBody": [
                        "required": true,
                        "content": content([
                            "type": "object",
                            "properties": [
                                "maxEvents": ["type": "integer", "minimum": 0], "returnImmediately": ["type": "boolean"],
                                "cursor": ["type": "string"], "from": ["type": "string", "enum": ["now"]],
                                "ack": ["type": "array", "items": ["type": "string"]], "setErrs": ["type": "object"],
                            ],
                        ]),
                    ],
                    "responses": responses(
                        [
                            "type": "object", "required": ["sets", "moreAvailable", "cursor"],
                            "properties": [
                                "sets": ["type": "object", "additionalProperties": ["type": "string"]],
                                "order": ["type": "array", "items": ["type": "string"]], "moreAvailable": ["type": "boolean"],
                                "cursor": ["type": "string"],
                            ],
                        ], errors: [400, 401, 403, 404, 405, 408, 413, 414, 415, 429, 500, 503]),
                ]
            ],
            "/Events/jwks.json": [
                "get": [
                    "operationId": "getEventKeys", "tags": ["events"], "summary": "The public key of the events' signatures",
                    "responses": responses(
                        ["type": "object", "required": ["keys"], "properties": ["keys": ["type": "array", "items": ["type": "object"]]]],
                        errors: [400, 401, 403, 404, 405, 414, 429, 500, 503]),
                ]
            ],
        ]
    }

    private static func content(_ schema: AttributeValue) -> AttributeValue { ["application/json": ["schema": schema]] }

    private static func responses(_ schema: AttributeValue, errors: [Int]) -> AttributeValue {
        var responses: AttributeMap = ["200": ["description": "What happened", "content": content(schema)]]
        for status in errors { responses.append(String(status), ["$ref": .string("#/components/responses/error\(status)")]) }
        return .complex(responses)
    }
}
