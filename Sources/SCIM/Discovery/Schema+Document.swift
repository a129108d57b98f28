extension Schema {
    /// The document that `/Schemas/{id}` answers (RFC 7643 §7).
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public func document(baseURL: String) -> AttributeValue {
        [
            "schemas": [.string(Schema.schema.id)],
            "id": .string(id),
            "name": .string(name),
            "description": .string(description),
            "attributes": .array(attributes.map(\.document)),
            "meta": ["resourceType": "Schema", "location": .string(baseURL + "/Schemas/" + id)],
        ]
    }
}

extension AttributeDefinition {
    /// The definition as an element of `attributes` or `subAttributes`, with every characteristic that its type has.
    fileprivate var document: AttributeValue {
        var map: AttributeMap = [
            "name": .string(name), "type": .string(type.rawValue), "multiValued": .boolean(isMultiValued),
            "description": .string(description), "required": .boolean(isRequired),
        ]
        if !canonicalValues.isEmpty { map.append("canonicalValues", .array(canonicalValues.map { .string($0) })) }
        if type.isText { map.append("caseExact", .boolean(isCaseExact)) }
        map.append("mutability", .string(mutability.rawValue))
        map.append("returned", .string(returned.rawValue))
        map.append("uniqueness", .string(uniqueness.rawValue))
        if !referenceTypes.isEmpty { map.append("referenceTypes", .array(referenceTypes.map { .string($0) })) }
        if !subAttributes.isEmpty { map.append("subAttributes", .array(subAttributes.map(\.document))) }
        return .complex(map)
    }
}

extension AttributeType {
    /// Whether values are strings that compare with or without regard to case.
    fileprivate var isText: Bool {
        switch self {
        case .string, .reference, .binary: true
        case .boolean, .decimal, .integer, .dateTime, .complex: false
        }
    }
}
