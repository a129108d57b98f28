/// The headers of answers.
enum OpenAPIHeaders: String, CaseIterable {
    case requestID = "X-Request-Id"
    case eTag = "ETag"
    case location = "Location"
    case quirks = "Muster-Quirks"
    case challenge = "WWW-Authenticate"
    case allow = "Allow"
    case retryAfter = "Retry-After"

    /// The headers as components.
    static var document: AttributeMap {
        AttributeMap(allCases.map { .init(name: $0.rawValue, value: $0.header) })
    }

    /// References to `headers`, by name.
    static func references(_ headers: [OpenAPIHeaders]) -> AttributeValue {
        .complex(
            AttributeMap(
                headers.map { .init(name: $0.rawValue, value: ["$ref": .string("#/components/headers/\($0.rawValue)")]) }))
    }

    private var header: AttributeValue {
        switch self {
        case .requestID:
            Self.text("Identifier of the request, also in the server's log: the client's own where it sent a sane one", isRequired: true)
        case .eTag: Self.text("Entity tag of the resource's state (RFC 7644 §3.14)", isRequired: true, example: "W/\"3\"")
        case .location: Self.text("URL of the resource", isRequired: true)
        case .quirks: Self.text("Names of what the message had besides the RFC and was understood, with commas between")
        case .challenge:
            Self.text("How to authenticate, one line for each way (RFC 9110 §11.6.1)", isRequired: true, example: "Bearer realm=\"muster\"")
        case .allow: Self.text("The methods that the endpoint takes", isRequired: true, example: "GET, HEAD, POST")
        case .retryAfter:
            ["description": "Seconds after which to try again", "schema": ["type": "integer", "minimum": 0]]
        }
    }

    private static func text(_ description: String, isRequired: Bool = false, example: String? = nil) -> AttributeValue {
        var map: AttributeMap = ["description": .string(description)]
        if isRequired { map.append("required", true) }
        map.append("schema", ["type": "string"])
        if let example { map.append("example", .string(example)) }
        return .complex(map)
    }
}
