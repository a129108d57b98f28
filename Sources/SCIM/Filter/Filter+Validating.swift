extension Filter {
    /// Checks a filter against the schemas of a resource type.
    /// - Throws: `invalidFilter` when an attribute is unknown, or when an operator does not go with its type
    ///   (RFC 7644 §3.4.2.2: booleans and binaries have no order; parts are found in strings only).
    public func validate(for type: ResourceType, in registry: SchemaRegistry) throws(SCIMError) {
        switch self {
        case .comparison(let path, let operation, let value):
            let definition = try Self.resolved(path, of: type, in: registry).leaf
            try Self.check(operation, value, with: definition, at: path)
        case .present(let path): _ = try Self.resolved(path, of: type, in: registry)
        case .valuePath(let path, let inner):
            guard let attribute = try Self.resolved(path, of: type, in: registry).attribute else {
                throw .invalidFilter("'\(path)' is no attribute")
            }
            try inner.validate(within: attribute)
        case .and(let filters), .or(let filters):
            for filter in filters { try filter.validate(for: type, in: registry) }
        case .not(let filter): try filter.validate(for: type, in: registry)
        }
    }

    /// Checks a filter in brackets against the sub-attributes of `attribute`.
    func validate(within attribute: AttributeDefinition) throws(SCIMError) {
        switch self {
        case .comparison(let path, let operation, let value):
            try Self.check(operation, value, with: Self.part(path, of: attribute), at: path)
        case .present(let path): _ = try Self.part(path, of: attribute)
        case .valuePath: throw .invalidFilter("brackets inside brackets are not allowed")
        case .and(let filters), .or(let filters):
            for filter in filters { try filter.validate(within: attribute) }
        case .not(let filter): try filter.validate(within: attribute)
        }
    }

    private static func resolved(
        _ path: AttributePath, of type: ResourceType, in registry: SchemaRegistry
    ) throws(SCIMError) -> ResolvedAttribute {
        guard let resolved = registry.resolve(path, in: type) else {
            throw .invalidFilter("\(type.name) has no attribute '\(path)'")
        }
        return resolved
    }

    private static func part(_ path: AttributePath, of attribute: AttributeDefinition) throws(SCIMError) -> AttributeDefinition {
        guard path.schema == nil, path.subAttribute == nil, let name = path.attribute else {
            throw .invalidFilter("'\(path)' is no sub-attribute of '\(attribute.name)'")
        }
        if let found = attribute.subAttribute(name) { return found }
        if attribute.type != .complex, name.isSameName(as: "value") { return attribute }
        throw .invalidFilter("'\(attribute.name)' has no sub-attribute '\(name)'")
    }

    private static func check(
        _ operation: Operator, _ value: AttributeValue, with definition: AttributeDefinition?, at path: AttributePath
    ) throws(SCIMError) {
        guard let definition else { throw .invalidFilter("'\(path)' is a schema; only 'pr' can be asked of it") }
        if value == .null {
            guard operation == .eq || operation == .ne else { throw .invalidFilter("'\(path)': only eq and ne go with null") }
            return
        }
        switch (definition.type, operation) {
        case (.complex, _):
            throw .invalidFilter("'\(path)' is complex; name one of its sub-attributes")
        case (.boolean, .eq), (.boolean, .ne): break
        case (.boolean, _): throw .invalidFilter("'\(path)' is a boolean; only eq, ne and pr go with it")
        case (.binary, .gt), (.binary, .ge), (.binary, .lt), (.binary, .le):
            throw .invalidFilter("'\(path)' is binary and has no order")
        case (.integer, .co), (.integer, .sw), (.integer, .ew), (.decimal, .co), (.decimal, .sw), (.decimal, .ew):
            throw .invalidFilter("'\(path)' is a number; co, sw and ew go with strings")
        default: break
        }
        guard fits(value, definition.type, operation) else {
            throw .invalidFilter("'\(path)' cannot be compared with \(value.jsonText): it is a \(definition.type.rawValue)")
        }
    }

    /// Whether a value of this kind can occur in an attribute of the type. A filter that can never hold is a mistake
    /// of the client, and under `not` it would select everybody.
    private static func fits(_ value: AttributeValue, _ type: AttributeType, _ operation: Operator) -> Bool {
        switch (type, value) {
        case (.boolean, .boolean), (.integer, .integer), (.integer, .decimal), (.decimal, .integer), (.decimal, .decimal): true
        // Entra ID writes booleans as strings.
        case (.boolean, .string(let text)): text.isSameName(as: "true") || text.isSameName(as: "false")
        case (.dateTime, .string(let text)): [.co, .sw, .ew].contains(operation) || Timestamp(dateTime: text) != nil
        case (.string, .string), (.reference, .string), (.binary, .string): true
        default: false
        }
    }
}

extension ResolvedAttribute {
    /// The definition whose values are compared: of a complex attribute named alone its `value` (RFC 7643 §2.4).
    var leaf: AttributeDefinition? {
        guard let attribute else { return nil }
        if let subAttribute { return subAttribute }
        return attribute.subAttribute("value") ?? attribute
    }
}
