extension AttributeSelection {
    /// Whether the answer carries everything that is returned by default.
    public var isDefault: Bool { attributes == nil && excludedAttributes.isEmpty }

    /// Whether the answer carries all of a stored document, which may then be copied as it is.
    ///
    /// False also for a default answer when `type` or one of its extensions has an attribute that is returned on `request`
    /// only, or a sub-attribute that is not returned by default; ``applied(to:of:in:)`` leaves these out. A top-level
    /// attribute that is never returned, such as `password`, is not part of a stored document and does not count.
    public func isWholeDocument(of type: ResourceType, in registry: SchemaRegistry) -> Bool {
        isDefault && registry.returnsEverything(of: type)
    }

    /// Whether a top-level attribute such as `members` would be part of the answer, at least in part.
    public func selects(_ name: String, of type: ResourceType, in registry: SchemaRegistry) -> Bool {
        guard let definition = registry.baseAttribute(name, of: type) else { return false }
        return Projection(self, of: type, in: registry).extent(of: definition, in: nil) != .nothing
    }

    /// The resource with the attributes that the answer carries (RFC 7644 §3.9, RFC 7643 §7 "returned").
    ///
    /// `id` and `schemas` are always returned, an attribute returned on request only where it is named, one that is
    /// never returned not at all. Where `attributes` are given, `excludedAttributes` do not count.
    public func applied(to resource: Resource, of type: ResourceType, in registry: SchemaRegistry) -> Resource {
        let projection = Projection(self, of: type, in: registry)
        var answer = AttributeMap()
        for member in resource.attributes.members {
            if let schema = registry.schemaExtension(member.name, of: type) {
                var part = AttributeMap()
                for inner in member.value.complex?.members ?? [] {
                    projection.append(inner, schema.attribute(inner.name), in: schema.id, to: &part)
                }
                if !part.isEmpty { answer.append(member.name, .complex(part)) }
            } else {
                projection.append(member, registry.baseAttribute(member.name, of: type), in: nil, to: &answer)
            }
        }
        return Resource(attributes: answer)
    }
}

/// A selection with its names resolved.
private struct Projection {
    /// How much of an attribute is returned.
    enum Extent: Equatable {
        case nothing
        case everything
        /// Only these sub-attributes, and those that are always returned.
        case only([String])
        /// All but these sub-attributes.
        case except([String])
    }

    private let wanted: [ResolvedAttribute]?
    private let excluded: [ResolvedAttribute]
    /// Whether `attributes` names the whole base schema by its URN.
    private let wantsCore: Bool
    private let excludesCore: Bool

    init(_ selection: AttributeSelection, of type: ResourceType, in registry: SchemaRegistry) {
        func namesCore(_ path: AttributePath) -> Bool {
            let local = [path.attribute, path.subAttribute].compactMap { $0 }.joined(separator: ".")
            return path.schema.map { ($0 + (local.isEmpty ? "" : ":") + local).isSameName(as: type.schema) } ?? false
        }
        let paths = selection.attributes
        wanted = paths?.compactMap { registry.resolve($0, in: type) }
        wantsCore = paths?.contains(where: namesCore) ?? false
        excluded = paths == nil ? selection.excludedAttributes.compactMap { registry.resolve($0, in: type) } : []
        excludesCore = paths == nil && selection.excludedAttributes.contains(where: namesCore)
    }

    /// How much of `attribute`, of the extension `schema` or of the core, is returned.
    func extent(of attribute: AttributeDefinition, in schema: String?) -> Extent {
        switch attribute.returned {
        case .never: return .nothing
        case .always: return .everything
        case .default, .request: break
        }
        func concerns(_ resolved: ResolvedAttribute) -> Bool {
            resolved.schema == schema && (resolved.attribute == nil || resolved.attribute?.name == attribute.name)
        }
        let isCommon = schema == nil && AttributeDefinition.common(attribute.name) != nil
        guard let wanted else {
            if attribute.returned == .request || (excludesCore && schema == nil && !isCommon) { return .nothing }
            let named = excluded.filter(concerns)
            if named.contains(where: { $0.subAttribute == nil }) { return .nothing }
            return named.isEmpty ? .everything : .except(named.compactMap { $0.subAttribute?.name })
        }
        let named = wanted.filter(concerns)
        let isWhole = named.contains { $0.subAttribute == nil && ($0.attribute != nil || attribute.returned == .default) }
        if isWhole || (wantsCore && schema == nil && !isCommon && attribute.returned == .default) { return .everything }
        let parts = named.compactMap { $0.subAttribute?.name }
        if parts.isEmpty { return attribute.subAttributes.contains { $0.returned == .always } ? .only([]) : .nothing }
        return .only(parts)
    }

    /// Appends what of `member` is returned; an attribute that no schema defines counts as returned by default.
    func append(
        _ member: AttributeMap.Member, _ definition: AttributeDefinition?, in schema: String?, to answer: inout AttributeMap
    ) {
        guard let definition else {
            if wanted == nil { answer.append(member.name, member.value) }
            return
        }
        let extent = extent(of: definition, in: schema)
        guard extent != .nothing else { return }
        guard definition.type == .complex else { return answer.append(member.name, member.value) }
        func isReturned(_ name: String) -> Bool {
            guard let part = definition.subAttribute(name) else { return extent == .everything }
            switch (part.returned, extent) {
            case (.never, _), (_, .nothing): return false
            case (.always, _): return true
            case (_, .only(let names)): return names.contains(part.name)
            case (.request, _): return false
            case (.default, .except(let names)): return !names.contains(part.name)
            case (.default, .everything): return true
            }
        }
        func reduced(_ value: AttributeValue) -> AttributeValue? {
            guard case .complex(let map) = value else { return value }
            let left = map.members.filter { isReturned($0.name) }
            return left.isEmpty ? nil : .complex(AttributeMap(left))
        }
        guard case .array(let values) = member.value else {
            if let value = reduced(member.value) { answer.append(member.name, value) }
            return
        }
        let left = values.compactMap(reduced)
        if !left.isEmpty { answer.append(member.name, .array(left)) }
    }
}
