/// The schemas of what is sent and answered. Names with a dot cannot be those of resource types.
struct OpenAPISchemas {
    let registry: SchemaRegistry
    let configuration: ServiceProviderConfig

    /// The component of an error.
    static let error = "Message.Error"
    /// The component of a page with resources of any type.
    static let anyList = "Message.List"

    /// The component of what is sent to create or replace a resource.
    static func request(of type: ResourceType) -> String { type.name + ".Request" }
    /// The component of a page with resources of a type.
    static func list(of type: ResourceType) -> String { type.name + ".List" }

    /// All components.
    var all: AttributeMap {
        var schemas = AttributeMap()
        for type in registry.resourceTypes {
            schemas.append(type.name, answer(type))
            schemas.append(Self.request(of: type), request(type))
            schemas.append(Self.list(of: type), OpenAPIMessages.list(of: [type.name]))
        }
        schemas.append(Self.anyList, OpenAPIMessages.list(of: registry.resourceTypes.map(\.name)))
        for member in OpenAPIMessages.all(bulk: configuration.bulk).members { schemas.append(member.name, member.value) }
        for (name, schema) in [
            ("ServiceProviderConfig", Schema.serviceProviderConfig), ("ResourceType", .resourceType), ("Schema", .schema),
        ] {
            schemas.append("Message." + name, discovered(schema))
        }
        for name in ["ResourceType", "Schema"] {
            schemas.append("Message.\(name)List", OpenAPIMessages.list(of: ["Message." + name]))
        }
        return schemas
    }

    // MARK: Resources

    /// A resource as it is answered. Only what is always returned is required, since a request may choose the rest.
    private func answer(_ type: ResourceType) -> AttributeValue {
        var properties = AttributeMap()
        for definition in AttributeDefinition.common + (registry.schema(type.schema)?.attributes ?? []) {
            if let schema = Self.answered(definition) { properties.append(definition.name, schema) }
        }
        for item in type.schemaExtensions {
            guard let schema = registry.schema(item.schema) else { continue }
            var parts = AttributeMap()
            for definition in schema.attributes {
                if let part = Self.answered(definition) { parts.append(definition.name, part) }
            }
            properties.append(schema.id, OpenAPI.object(parts, description: schema.description))
        }
        return OpenAPI.object(properties, required: ["schemas", "id"], description: type.description)
    }

    /// A resource as a client sends it, without what is readOnly. Attributes that no schema has are the dialect's affair.
    private func request(_ type: ResourceType) -> AttributeValue {
        var properties: AttributeMap = [
            "schemas": OpenAPI.array(of: ["type": "string"])
        ]
        let core = AttributeDefinition.common.filter { $0.name == "externalId" } + (registry.schema(type.schema)?.attributes ?? [])
        for definition in core {
            if let schema = Self.sent(definition) { properties.append(definition.name, schema) }
        }
        var required = core.filter(\.isDemanded).map(\.name)
        for item in type.schemaExtensions {
            guard let schema = registry.schema(item.schema) else { continue }
            var parts = AttributeMap()
            for definition in schema.attributes {
                if let part = Self.sent(definition) { parts.append(definition.name, part) }
            }
            properties.append(
                schema.id,
                OpenAPI.object(parts, required: schema.attributes.filter(\.isDemanded).map(\.name), description: schema.description))
            if item.isRequired { required.append(schema.id) }
        }
        return OpenAPI.object(properties, required: required, description: type.description)
    }

    /// A document of discovery, which is answered whole.
    private func discovered(_ schema: Schema) -> AttributeValue {
        var properties: AttributeMap = ["schemas": OpenAPI.schemas(schema.id)]
        for definition in schema.attributes {
            if let part = Self.answered(definition) { properties.append(definition.name, part) }
        }
        if let meta = AttributeDefinition.common("meta").flatMap(Self.answered) { properties.append("meta", meta) }
        return OpenAPI.object(
            properties, required: ["schemas"] + schema.attributes.filter(\.isRequired).map(\.name), description: schema.description)
    }

    // MARK: Attributes

    /// The schema of an attribute in an answer; nil when it is never returned.
    private static func answered(_ definition: AttributeDefinition) -> AttributeValue? {
        guard definition.returned != .never, definition.mutability != .writeOnly else { return nil }
        var properties: AttributeMap?
        if definition.type == .complex {
            let parts = definition.subAttributes.compactMap { part in
                answered(part).map { AttributeMap.Member(name: part.name, value: $0) }
            }
            properties = AttributeMap(parts)
        }
        var value = definition.valueSchema(properties: properties, required: [])
        if definition.isMultiValued { value = ["type": "array", "items": .complex(value)] }
        definition.describe(&value)
        if definition.mutability == .readOnly { value.append("readOnly", true) }
        return .complex(value)
    }

    /// The schema of an attribute in a request; nil when the client cannot give it.
    private static func sent(_ definition: AttributeDefinition) -> AttributeValue? {
        guard definition.mutability != .readOnly else { return nil }
        var properties: AttributeMap?
        if definition.type == .complex {
            let parts = definition.subAttributes.compactMap { part in
                sent(part).map { AttributeMap.Member(name: part.name, value: $0) }
            }
            properties = AttributeMap(parts)
        }
        let demanded = definition.subAttributes.filter(\.isDemanded).map(\.name)
        var value = definition.valueSchema(properties: properties, required: demanded)
        if definition.isDemanded, definition.type == .string { value.append("pattern", "\\S") }
        if definition.uniqueness != .none, definition.type == .string { value.append("maxLength", 1024) }
        if definition.isMultiValued {
            value = ["type": "array", "items": .complex(value)]
            if definition.isDemanded { value.append("minItems", 1) }
        }
        if !definition.isDemanded { value.allowNull() }
        definition.describe(&value)
        if definition.mutability == .writeOnly || definition.returned == .never { value.append("writeOnly", true) }
        return .complex(value)
    }
}

extension AttributeDefinition {
    /// Whether a client must give a value.
    fileprivate var isDemanded: Bool { isRequired && mutability != .readOnly }

    /// The schema of one value.
    fileprivate func valueSchema(properties: AttributeMap?, required: [String]) -> AttributeMap {
        var map: AttributeMap
        switch type {
        case .string: map = ["type": "string"]
        case .boolean: map = ["type": "boolean"]
        case .decimal: map = ["type": "number"]
        case .integer: map = ["type": "integer", "format": "int64"]
        case .dateTime: map = ["type": "string", "format": "date-time"]
        case .binary: map = ["type": "string", "contentEncoding": "base64"]
        case .reference: map = ["type": "string", "format": "uri-reference"]
        case .complex:
            map = ["type": "object"]
            if !required.isEmpty { map.append("required", .array(required.map { .string($0) })) }
            map.append("properties", .complex(properties ?? [:]))
        }
        guard !canonicalValues.isEmpty else { return map }
        map.append(isClosed ? "enum" : "examples", .array(canonicalValues.map { .string($0) }))
        return map
    }

    fileprivate func describe(_ schema: inout AttributeMap) {
        if !description.isEmpty { schema.append("description", .string(description)) }
    }
}

extension AttributeMap {
    /// Allows null, which stands for no value (RFC 7643 §2.5).
    fileprivate mutating func allowNull() {
        guard let type = self["type"] else { return }
        self["type"] = [type, "null"]
        if let values = self["enum"]?.array { self["enum"] = .array(values + [.null]) }
    }
}
