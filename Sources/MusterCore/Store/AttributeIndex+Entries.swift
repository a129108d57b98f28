public import SCIM

extension AttributeIndex {
    /// The rows that a resource of the type called `type` has in the index.
    public func entries(of resource: Resource, type: String) -> [IndexEntry] {
        (attributes[type] ?? []).flatMap { attribute in
            let values = attribute.values(in: resource)
            if values.isEmpty, attribute.isSingleValued {
                return [IndexEntry(attribute: attribute.name, value: nil, isUnique: false)]
            }
            return values.map { IndexEntry(attribute: attribute.name, value: $0, isUnique: attribute.isUnique) }
        }
    }

    /// A text that differs whenever the set of attributes or the way in which their values are written does.
    public var fingerprint: String {
        attributes.sorted { $0.key < $1.key }.map { type, attributes in
            let names = attributes.map { "\($0.name):\($0.comparison.rawValue)\($0.isUnique ? "!" : "")\($0.isSingleValued ? "" : "*")" }
            return "\(type)(\(names.sorted().joined(separator: " ")))"
        }.joined(separator: " ") + " v2"
    }
}

extension AttributeIndex.Attribute {
    /// The distinct values that a resource has here, in the form in which they are compared.
    public func values(in resource: Resource) -> [IndexValue] {
        let holder = schema.map { resource[$0]?.complex } ?? resource.attributes
        guard let value = holder?[attribute] else { return [] }
        var found: [IndexValue] = []
        for element in value.array ?? [value] {
            let part = subAttribute.map { element[$0] } ?? element
            if let indexed = part.flatMap(indexValue), !found.contains(indexed) { found.append(indexed) }
        }
        return found
    }

    /// A value as the index holds it and as a filter's literal is compared with it; nil when it is of another type.
    public func indexValue(_ value: AttributeValue) -> IndexValue? {
        switch (comparison, value) {
        case (.folded, .string(let text)): .text(text.caseFolded)
        case (.exact, .string(let text)): .text(text.composed)
        case (.number, .integer(let number)): .integer(number)
        case (.number, .decimal(let number)): .real(number)
        case (.time, .string(let text)): Timestamp(dateTime: text).map { .integer($0.milliseconds) }
        case (.boolean, .boolean(let flag)): .integer(flag ? 1 : 0)
        default: nil
        }
    }
}

extension AttributeIndex {
    /// Creates the description of an index from attribute names, such as `userName` or `emails.value`. Attributes whose
    /// schema makes them unique are in it without being named.
    /// - Parameters:
    ///   - names: The names by resource type.
    ///   - registry: Gives each its type.
    /// - Throws: `SCIMError` `invalidPath` for a name that is no attribute, or that is complex.
    public init(names: [String: [String]], registry: SchemaRegistry) throws(SCIMError) {
        var attributes: [String: [Attribute]] = [:]
        for typeName in names.keys where registry.resourceType(named: typeName) == nil {
            throw .invalidPath("there is no resource type '\(typeName)'")
        }
        for type in registry.resourceTypes {
            let asked = names.first { $0.key.isSameName(as: type.name) }?.value ?? []
            var found: [Attribute] = []
            for name in asked + registry.uniqueAttributes(of: type) {
                let indexed = try Attribute(name, of: type, in: registry)
                if !found.contains(where: { $0.name == indexed.name }) { found.append(indexed) }
            }
            if !found.isEmpty { attributes[type.name] = found }
        }
        self.init(attributes: attributes, registry: registry)
    }
}

extension SchemaRegistry {
    /// The names of the attributes and sub-attributes whose schema lets a value occur only once (RFC 7643 §7, `uniqueness`).
    /// The common `id` is the store's own affair.
    fileprivate func uniqueAttributes(of type: ResourceType) -> [String] {
        func names(_ attributes: [AttributeDefinition], prefix: String) -> [String] {
            attributes.flatMap { attribute in
                let own = attribute.uniqueness != .none && attribute.isIndexable ? [prefix + attribute.name] : []
                let parts = attribute.subAttributes.filter { $0.uniqueness != .none && $0.isIndexable }
                return own + parts.map { prefix + attribute.name + "." + $0.name }
            }
        }
        let core = names(schema(type.schema)?.attributes ?? [], prefix: "")
        return core + type.schemaExtensions.flatMap { names(schema($0.schema)?.attributes ?? [], prefix: $0.schema + ":") }
    }
}

extension AttributeDefinition {
    /// Whether values are stored in the document, from which the index is made.
    fileprivate var isIndexable: Bool {
        type != .complex && mutability != .writeOnly && returned != .never
    }
}

extension AttributeIndex.Attribute {
    fileprivate init(_ name: String, of type: ResourceType, in registry: SchemaRegistry) throws(SCIMError) {
        guard let resolved = registry.resolve(try AttributePath(parsing: name), in: type),
            let attribute = resolved.attribute
        else { throw .invalidPath("\(type.name) has no attribute '\(name)'") }
        // A multi-valued complex attribute named alone means its value (RFC 7643 §2.4).
        let subAttribute = resolved.subAttribute ?? attribute.subAttribute("value")
        let leaf = subAttribute ?? attribute
        guard let comparison = Comparison(leaf) else {
            throw .invalidPath("'\(name)' is complex; index one of its sub-attributes")
        }
        let suffix = resolved.subAttribute == nil && subAttribute != nil ? ".value" : ""
        self.init(
            name: resolved.name + suffix, schema: resolved.schema, attribute: attribute.name,
            subAttribute: subAttribute?.name, comparison: comparison,
            isUnique: leaf.uniqueness != .none || (resolved.subAttribute == nil && attribute.uniqueness != .none),
            isSingleValued: !attribute.isMultiValued && subAttribute?.isMultiValued != true)
    }
}

extension AttributeIndex.Attribute.Comparison {
    /// How values of an attribute are compared; nil for a complex one.
    public init?(_ definition: AttributeDefinition) {
        switch definition.type {
        case .string, .reference, .binary: self = definition.isCaseExact ? .exact : .folded
        case .decimal, .integer: self = .number
        case .dateTime: self = .time
        case .boolean: self = .boolean
        case .complex: return nil
        }
    }
}
