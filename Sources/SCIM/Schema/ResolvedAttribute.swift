/// What a path leads to.
public struct ResolvedAttribute: Sendable, Hashable {
    /// The URN of the extension that defines it, as the registry spells it; nil for core and common attributes.
    public var schema: String?
    /// The attribute; nil when the path names a whole extension.
    public var attribute: AttributeDefinition?
    /// The sub-attribute; nil when the path names a whole attribute.
    public var subAttribute: AttributeDefinition?
    /// The canonical name: `emails.value`, `urn:…:User:department`, or the extension's URN.
    public var name: String

    /// Creates a value; ``name`` follows from the parts.
    public init(schema: String?, attribute: AttributeDefinition?, subAttribute: AttributeDefinition? = nil) {
        self.schema = schema
        self.attribute = attribute
        self.subAttribute = subAttribute
        let local = [attribute?.name, subAttribute?.name].compactMap { $0 }.joined(separator: ".")
        name = [schema, local.isEmpty ? nil : local].compactMap { $0 }.joined(separator: ":")
    }
}

extension SchemaRegistry {
    /// The definition that a path leads to in a resource type, with canonical names; nil when no schema has it.
    ///
    /// Names compare without regard to case. The URN may be that of the base schema, of an extension, or one of the
    /// spellings of old clients, see ``ResourceQuirks/schema(_:in:)``. A name without URN that the base schema lacks is
    /// looked for in the extensions: Entra ID filters with `manager eq "…"`. Hence take the extension from
    /// ``ResolvedAttribute/schema``, not from the path.
    public func resolve(_ path: AttributePath, in type: ResourceType) -> ResolvedAttribute? {
        guard let urn = path.schema.map({ ResourceQuirks.schema($0, in: type) }) else {
            guard let name = path.attribute else { return nil }
            return resolve(name, path.subAttribute, in: type)
        }
        if urn.isSameName(as: type.schema) {
            guard let name = path.attribute, let found = baseAttribute(name, of: type) else { return nil }
            return ResolvedAttribute(nil, found, path.subAttribute)
        }
        if let schema = schemaExtension(urn, of: type) {
            guard let name = path.attribute else { return ResolvedAttribute(schema: schema.id, attribute: nil) }
            return schema.attribute(name).flatMap { ResolvedAttribute(schema.id, $0, path.subAttribute) }
        }
        // Without a registry, the last part of an extension's URN looks like an attribute.
        guard let name = path.attribute else { return nil }
        let whole = [urn, [name, path.subAttribute].compactMap { $0 }.joined(separator: ".")].joined(separator: ":")
        return schemaExtension(ResourceQuirks.schema(whole, in: type), of: type).map { ResolvedAttribute(schema: $0.id, attribute: nil) }
    }

    private func resolve(_ name: String, _ subAttribute: String?, in type: ResourceType) -> ResolvedAttribute? {
        if let found = baseAttribute(name, of: type) { return ResolvedAttribute(nil, found, subAttribute) }
        return extensionAttribute(name, of: type).flatMap { ResolvedAttribute($0.schema, $0.attribute, subAttribute) }
    }

    /// The common or core attribute `name`, or nil.
    func baseAttribute(_ name: String, of type: ResourceType) -> AttributeDefinition? {
        AttributeDefinition.common(name) ?? schema(type.schema)?.attribute(name)
    }

    /// The first attribute `name` in the extensions of `type`, with the extension's URN, or nil.
    func extensionAttribute(_ name: String, of type: ResourceType) -> (schema: String, attribute: AttributeDefinition)? {
        for item in type.schemaExtensions {
            guard let schema = schema(item.schema), let found = schema.attribute(name) else { continue }
            return (schema.id, found)
        }
        return nil
    }

    /// The schema of the extension `urn` of `type`, or nil.
    func schemaExtension(_ urn: String, of type: ResourceType) -> Schema? {
        guard type.schemaExtensions.contains(where: { $0.schema.isSameName(as: urn) }) else { return nil }
        return schema(urn)
    }
}

extension ResolvedAttribute {
    /// Nil when there is no such sub-attribute.
    fileprivate init?(_ schema: String?, _ attribute: AttributeDefinition, _ subAttribute: String?) {
        guard let subAttribute else {
            self.init(schema: schema, attribute: attribute)
            return
        }
        guard let found = attribute.subAttribute(subAttribute) else { return nil }
        self.init(schema: schema, attribute: attribute, subAttribute: found)
    }
}
