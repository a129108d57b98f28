extension AttributeDefinition {
    /// Who writes a document that a JSON Schema describes.
    enum Author {
        /// The client: what it may leave out may also be null (RFC 7643 §2.5), and readOnly attributes are not for it.
        case client
        /// The server.
        case server
    }

    /// Values of the attribute as a JSON Schema (2020-12).
    func jsonSchema(by author: Author) -> AttributeValue {
        var map = isMultiValued ? array(by: author) : element(by: author)
        if author == .client, !isRequired, let type = map["type"] { map["type"] = [type, "null"] }
        if author == .client, !isRequired, let values = map["enum"]?.array { map["enum"] = .array(values + [.null]) }
        if !description.isEmpty { map.append("description", .string(description)) }
        if author == .server, mutability == .readOnly { map.append("readOnly", true) }
        if isNeverKept { map.append("writeOnly", true) }
        return .complex(map)
    }

    /// Attributes as the `properties` of a JSON Schema: those that the author may write.
    static func properties(_ definitions: [AttributeDefinition], by author: Author) -> AttributeMap {
        AttributeMap(
            definitions.filter { $0.isWritten(by: author) }.map { .init(name: $0.name, value: $0.jsonSchema(by: author)) })
    }

    /// Whether a client must give a value. What is never kept must be given only once, which the server alone knows.
    var isDemandedOfClients: Bool { isRequired && mutability != .readOnly && !isNeverKept }

    private func isWritten(by author: Author) -> Bool {
        switch author {
        case .client: mutability != .readOnly
        case .server: !isNeverKept
        }
    }

    private func array(by author: Author) -> AttributeMap {
        var map: AttributeMap = ["type": "array", "items": .complex(element(by: author))]
        if author == .client {
            if isRequired { map.append("minItems", 1) }
            if !isMembership { map.append("maxItems", .integer(Int64(Limit.values))) }
            if subAttribute("primary")?.type == .boolean {
                // At most one value is primary (RFC 7643 §2.4).
                map.append("contains", ["properties": ["primary": ["const": true]], "required": ["primary"]])
                map.append("minContains", 0)
                map.append("maxContains", 1)
            }
        }
        return map
    }

    private func element(by author: Author) -> AttributeMap {
        switch type {
        case .boolean: ["type": "boolean"]
        case .decimal: ["type": "number"]
        case .integer: ["type": "integer", "format": "int64"]
        case .dateTime: ["type": "string", "format": "date-time"]
        case .binary: binary(by: author)
        case .string, .reference: text(by: author)
        case .complex: object(by: author)
        }
    }

    private func binary(by author: Author) -> AttributeMap {
        var map: AttributeMap = ["type": "string", "contentEncoding": "base64"]
        if author == .client { map.append("pattern", .string(OpenAPIPatterns.base64)) }
        return map
    }

    private func text(by author: Author) -> AttributeMap {
        var map: AttributeMap = ["type": "string"]
        if !canonicalValues.isEmpty {
            map.append(isClosed ? "enum" : "examples", .array(canonicalValues.map { .string($0) }))
        }
        guard author == .client, !isClosed else { return map }
        map.append("pattern", .string(isRequired ? OpenAPIPatterns.nonBlank : OpenAPIPatterns.text))
        if uniqueness != .none || isNeverKept { map.append("maxLength", .integer(Int64(Limit.uniqueCharacters))) }
        return map
    }

    private func object(by author: Author) -> AttributeMap {
        var map: AttributeMap = ["type": "object"]
        var parts = subAttributes
        // A member without its value means nobody.
        if isMembership, let value = parts.firstIndex(where: { $0.name == "value" }) { parts[value].isRequired = true }
        let properties = Self.properties(parts, by: author)
        if !properties.isEmpty { map.append("properties", .complex(properties)) }
        guard author == .client else { return map }
        let demanded = parts.filter(\.isDemandedOfClients)
        if !demanded.isEmpty { map.append("required", .array(demanded.map { .string($0.name) })) }
        return map
    }
}

extension AttributeDefinition {
    /// A value that the attribute takes.
    var example: AttributeValue {
        let value: AttributeValue =
            switch type {
            case .string: .string(canonicalValues.first ?? name)
            case .boolean: true
            case .decimal: 1.5
            case .integer: 1
            case .dateTime: "2011-05-13T04:42:34Z"
            case .binary: "ZXhhbXBsZQ=="
            case .reference: "https://example.com/"
            case .complex: .complex(Self.examples(subAttributes))
            }
        return isMultiValued ? [value] : value
    }

    /// Values of the attributes that a client must give, or else of the first one that it may.
    static func examples(_ definitions: [AttributeDefinition]) -> AttributeMap {
        let writable = definitions.filter { $0.mutability != .readOnly }
        let demanded = writable.filter(\.isRequired)
        return AttributeMap((demanded.isEmpty ? Array(writable.prefix(1)) : demanded).map { .init(name: $0.name, value: $0.example) })
    }
}
