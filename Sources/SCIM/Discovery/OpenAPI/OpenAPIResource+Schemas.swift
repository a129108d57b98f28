extension OpenAPIResource {
    /// The resource in answers. Only what no selection of attributes can leave out is required.
    var answer: AttributeValue {
        let definitions = AttributeDefinition.common + schema.attributes
        var properties = AttributeDefinition.properties(definitions, by: .server)
        for item in extensions { properties.append(item.schema.id, part(item.schema, by: .server)) }
        let always = definitions.filter { $0.returned == .always && ($0.isRequired || $0.name == "id") }
        return OpenAPISchemas.object(type.description, properties, required: always.map(\.name))
    }

    /// What a client may write. Nothing is required: a PATCH names what it changes and nothing else.
    ///
    /// Neither is `schemas`, though RFC 7643 §3 demands it: few clients always send it.
    var attributes: AttributeValue {
        let common = AttributeDefinition.common.filter { $0.name == "schemas" || $0.name == "externalId" }
        var properties = AttributeDefinition.properties(common + schema.attributes, by: .client)
        let urns = [schema.id] + extensions.map(\.schema.id)
        properties["schemas"] = [
            "type": "array", "items": ["type": "string"], "description": "URIs of the schemas that the resource follows (RFC 7643 §3)",
            "examples": [.array(urns.prefix(1).map { .string($0) }), .array(urns.map { .string($0) })],
        ]
        for item in extensions { properties.append(item.schema.id, part(item.schema, by: .client)) }
        return OpenAPISchemas.object("What a client may write of it: \(type.description)", properties)
    }

    /// The body of POST and PUT.
    var request: AttributeValue {
        var required = schema.attributes.filter(\.isDemandedOfClients).map(\.name)
        var parts = AttributeMap()
        for item in extensions {
            let names = item.schema.attributes.filter(\.isDemandedOfClients).map { AttributeValue.string($0.name) }
            if item.isRequired {
                required.append(item.schema.id)
                parts.append(item.schema.id, ["type": "object", "minProperties": 1, "required": .array(names)])
            } else if !names.isEmpty {
                parts.append(item.schema.id, ["required": .array(names)])
            }
        }
        let whole: AttributeMap = ["description": .string(type.description)]
        let base = OpenAPISchemas.reference(name(.attributes))
        guard !required.isEmpty || !parts.isEmpty else {
            return .complex(AttributeMap(whole.members + [.init(name: "allOf", value: [base])]))
        }
        var demands: AttributeMap = ["type": "object"]
        if !parts.isEmpty { demands.append("properties", .complex(parts)) }
        if !required.isEmpty { demands.append("required", .array(required.map { .string($0) })) }
        return .complex(AttributeMap(whole.members + [.init(name: "allOf", value: [base, .complex(demands)])]))
    }

    /// Where a PATCH may lead.
    var patchPath: AttributeValue {
        let names = changeable
        return [
            "description": "Path of an attribute (RFC 7644 §3.5.2), where a filter in brackets may choose among several values",
            "anyOf": [
                ["type": "string", "enum": .array(names.map { .string($0.text) })],
                [
                    "type": "string", "description": "Any other path; the pattern is its outline",
                    "pattern": .string(OpenAPIPatterns.path),
                ],
            ],
        ]
    }

    /// What a PATCH may change. The immutable parts of a value go with the value.
    var changeable: [Path] {
        paths.filter { path in
            path.attribute.mutability != .readOnly && path.attribute.name != "schemas"
                && (path.part.map { $0.mutability != .readOnly && $0.mutability != .immutable } ?? true)
        }
    }

    private func part(_ schema: Schema, by author: AttributeDefinition.Author) -> AttributeValue {
        OpenAPISchemas.object(schema.description, AttributeDefinition.properties(schema.attributes, by: author))
    }

    // MARK: Examples

    /// A resource with what it must have.
    var example: AttributeValue {
        let demanded = extensions.filter(\.isRequired).map(\.schema)
        var map: AttributeMap = ["schemas": .array(([schema] + demanded).map { .string($0.id) })]
        for member in AttributeDefinition.examples(schema.attributes).members { map.append(member.name, member.value) }
        for schema in demanded { map.append(schema.id, .complex(AttributeDefinition.examples(schema.attributes))) }
        return .complex(map)
    }

    /// A change that each resource allows.
    static let patchExample: AttributeValue = [
        "schemas": [.string(MessageSchema.patchOp)],
        "Operations": [["op": "replace", "path": "externalId", "value": "701984"]],
    ]
}
