extension ResourceType {
    /// The document that `/ResourceTypes/{id}` answers (RFC 7643 §6).
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public func document(baseURL: String) -> AttributeValue {
        var map: AttributeMap = [
            "schemas": [.string(Schema.resourceType.id)],
            "id": .string(name),
            "name": .string(name),
            "endpoint": .string(endpoint),
            "description": .string(description),
            "schema": .string(schema),
        ]
        if !schemaExtensions.isEmpty {
            map.append(
                "schemaExtensions",
                .array(schemaExtensions.map { ["schema": .string($0.schema), "required": .boolean($0.isRequired)] }))
        }
        map.append("meta", ["resourceType": "ResourceType", "location": .string(baseURL + "/ResourceTypes/" + name)])
        return .complex(map)
    }
}
