/// Turns what a client, a PATCH or a hook made of a resource into what may be stored, or says what is wrong with it.
///
/// The result has canonical names in the schemas' order: `schemas`, `id`, `externalId`, the core attributes, then the
/// extensions; values are as ``AttributeDefinition/normalized(_:at:)`` makes them. It has no nulls, no `meta`, no
/// attribute that no schema defines, and nothing that is never returned: a password is not kept at all, since
/// nothing here signs people in. A group's `members` stay.
public struct ResourceValidator: Sendable {
    private let registry: SchemaRegistry
    private let type: ResourceType

    /// Creates a validator for resources of `type`, which must be one of the registry's.
    public init(registry: SchemaRegistry, type: ResourceType) {
        self.registry = registry
        self.type = type
    }

    /// The resource that a client's body for POST or PUT describes (RFC 7644 §3.3, §3.5.1).
    ///
    /// readOnly attributes are ignored, `id` and `meta` among them; attributes left out are cleared, but immutable
    /// ones keep their value. Unknown attributes and schemas are ignored, since OneLogin, Google and Entra ID send some.
    /// - Parameters:
    ///   - body: The JSON document.
    ///   - existing: For PUT, what is stored; its `id` is kept. Nil for POST.
    /// - Throws: `invalidSyntax` when the body is no object, `invalidValue` for a value that does not fit or is missing,
    ///   `mutability` when an immutable attribute differs.
    public func resource(from body: AttributeValue, replacing existing: Resource?) throws(SCIMError) -> Resource {
        guard case .complex(let attributes) = body else {
            throw .invalidSyntax("the body must be a JSON object that holds a \(type.name)")
        }
        try checkSchemas(attributes["schemas"])
        let arranged = ResourceQuirks.arranged(attributes, of: type, in: registry)
        return try assembled(arranged, existing: existing, keepsImmutable: true)
    }

    /// The same rules for a resource that PATCH or a hook has changed, compared with what was stored before.
    /// - Throws: As ``resource(from:replacing:)``; also `mutability` when an immutable attribute was removed.
    public func validated(_ resource: Resource, replacing existing: Resource?) throws(SCIMError) -> Resource {
        try assembled(resource.attributes, existing: existing, keepsImmutable: false)
    }

    // MARK: Steps

    /// The common attributes that a client may set.
    private static let common = AttributeDefinition.common.filter { $0.name == "externalId" }

    /// `schemas` may be missing and may name schemas that nobody knows, but it must be a list of URIs.
    private func checkSchemas(_ value: AttributeValue?) throws(SCIMError) {
        guard let value, !value.isUnassigned else { return }
        guard let schemas = value.array, schemas.allSatisfy({ $0.string != nil }) else {
            throw .invalidValue("schemas: an array of schema URIs as strings is wanted, such as [\"\(type.schema)\"]")
        }
    }

    private func assembled(
        _ given: AttributeMap, existing: Resource?, keepsImmutable: Bool
    ) throws(SCIMError) -> Resource {
        var schemas: [AttributeValue] = [.string(type.schema)]
        var attributes = AttributeMap([.init(name: "schemas", value: .array(schemas))])
        if let id = existing?["id"] { attributes.append("id", id) }
        let stored = existing?.attributes ?? [:]
        for definitions in [Self.common, registry.schema(type.schema)?.attributes ?? []] {
            try append(definitions, of: given, existing: stored, prefix: "", keepsImmutable: keepsImmutable, to: &attributes)
        }
        for item in type.schemaExtensions {
            guard let schema = registry.schema(item.schema) else { continue }
            let value = given[schema.id] ?? .null
            guard value.isUnassigned || value.complex != nil else {
                throw .invalidValue("\(schema.id): an object with the extension's attributes is wanted")
            }
            var part = AttributeMap()
            try append(
                schema.attributes, of: value.complex ?? [:], existing: stored[schema.id]?.complex ?? [:],
                prefix: schema.id + ":", keepsImmutable: keepsImmutable, isOptional: !item.isRequired, to: &part)
            if part.isEmpty {
                if item.isRequired { throw .invalidValue("\(schema.id): each \(type.name) must have this extension") }
            } else {
                attributes.append(schema.id, .complex(part))
                schemas.append(.string(schema.id))
            }
        }
        attributes["schemas"] = .array(schemas)
        return Resource(attributes: attributes)
    }

    /// Appends the values of `definitions` to `result`.
    /// - Parameter isOptional: Whether required attributes are demanded only when there is another one: an extension that
    ///   a resource need not carry.
    private func append(
        _ definitions: [AttributeDefinition], of given: AttributeMap, existing: AttributeMap, prefix: String,
        keepsImmutable: Bool, isOptional: Bool = false, to result: inout AttributeMap
    ) throws(SCIMError) {
        let count = result.count
        for definition in definitions {
            let name = definition.name
            if definition.mutability == .readOnly {
                if let value = existing[name] { result.append(name, value) }
                continue
            }
            if definition.isNeverKept { continue }
            var value: AttributeValue?
            if let raw = given[name] { value = try definition.normalized(raw, at: prefix + name) }
            value = value ?? definition.valueWhenMissing(in: type, existing: existing[name])
            if definition.mutability == .immutable, let old = existing[name], value != old {
                guard value == nil, keepsImmutable else {
                    throw .mutability("\(prefix)\(name): the attribute is immutable and has a value already")
                }
                value = old
            }
            guard let value else { continue }
            try checkParts(of: value, definition, at: prefix + name)
            result.append(name, value)
        }
        if isOptional, result.count == count { return }
        for definition in definitions where definition.isDemanded {
            guard let value = result[definition.name], !value.isBlank else {
                throw .invalidValue("\(prefix)\(definition.name): a value is required")
            }
        }
    }

    /// Demands the required parts of each complex value; of a member its `value`, without which it means nobody.
    private func checkParts(of value: AttributeValue, _ definition: AttributeDefinition, at path: String) throws(SCIMError) {
        guard definition.type == .complex else { return }
        let demanded = definition.subAttributes.filter { $0.isDemanded || (definition.isMembership && $0.name == "value") }
        guard !demanded.isEmpty else { return }
        for element in value.array ?? [value] {
            for part in demanded where element[part.name]?.isBlank != false {
                throw .invalidValue("\(path).\(part.name): a value is required")
            }
        }
    }
}

extension AttributeDefinition {
    /// Whether the attribute may not be stored: answers are made of what is stored.
    fileprivate var isNeverKept: Bool { mutability == .writeOnly || returned == .never }

    /// Whether a client must give a value.
    fileprivate var isDemanded: Bool { isRequired && mutability != .readOnly && !isNeverKept }

    /// The value that stands for none: a new user without `active` is active.
    ///
    /// RFC 7643 §4.1.1 leaves it open. OneLogin creates users without the attribute and expects them to be active. Who is
    /// known stays as he is: only an explicit `false` takes a person's access, and only an explicit `true` gives it
    /// back, on PUT and PATCH too. A profile update from a template without the attribute must let nobody in.
    fileprivate func valueWhenMissing(in type: ResourceType, existing: AttributeValue?) -> AttributeValue? {
        guard self.type == .boolean, name == "active", type.schema == Schema.user.id else { return nil }
        return existing ?? true
    }
}

extension AttributeValue {
    /// Whether a required attribute counts as missing: unassigned, or a string of blanks.
    fileprivate var isBlank: Bool { isUnassigned || string?.allSatisfy(\.isWhitespace) == true }
}
