/// Turns what a client, a PATCH or a hook made of a resource into what may be stored, or says what is wrong with it.
///
/// The result has canonical names in the schemas' order: `schemas`, `id`, `externalId`, the core attributes, then the
/// extensions; values are as ``AttributeDefinition/normalized(_:at:dialect:)`` makes them. It has no nulls, no `meta`, no
/// attribute that no schema defines, and nothing that is never returned, such as a password. A group's `members` stay.
///
/// The order of calls: for POST and PUT ``secrets(in:dialect:)`` of the body, then ``resource(from:replacing:dialect:)``;
/// for PATCH ``PatchRequest/applied(to:of:in:dialect:)``, ``secrets(in:dialect:)`` of what it made, then
/// ``validated(_:replacing:)``, which drops the secrets.
public struct ResourceValidator: Sendable {
    let registry: SchemaRegistry
    let type: ResourceType

    /// Creates a validator for resources of `type`, which must be one of the registry's.
    public init(registry: SchemaRegistry, type: ResourceType) {
        self.registry = registry
        self.type = type
    }

    /// The resource that a client's body for POST or PUT describes (RFC 7644 §3.3, §3.5.1).
    ///
    /// readOnly attributes are ignored, `id` and `meta` among them; attributes left out are cleared, but immutable ones, and
    /// immutable parts of a single complex value that is given, keep their value. Unknown attributes and schemas are
    /// ignored where the dialect says so, since OneLogin, Google and Entra ID send some.
    /// - Parameters:
    ///   - body: The JSON document.
    ///   - existing: For PUT, what is stored; its `id` is kept. Nil for POST.
    ///   - dialect: What is understood besides what the RFC has.
    /// - Throws: `invalidSyntax` when the body is no object, `invalidValue` for a value that does not fit, is missing or is
    ///   written in a way that the dialect does not have, `mutability` when an immutable attribute differs.
    public func resource(
        from body: AttributeValue, replacing existing: Resource?, dialect: ClientDialect = .auto
    ) throws(SCIMError) -> Resource {
        var reading = DialectReading(dialect)
        return try resource(from: body, replacing: existing, &reading)
    }

    /// As ``resource(from:replacing:dialect:)``, and tells which quirks the body has.
    public func resource(
        from body: AttributeValue, replacing existing: Resource?, dialect: ClientDialect, noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> Resource {
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        return try resource(from: body, replacing: existing, &reading)
    }

    /// The same rules for a resource that PATCH or a hook has changed, compared with what was stored before.
    ///
    /// What a client wrote was read in its dialect before; what is stored may have been written by another one. Hence
    /// every quirk is understood here.
    /// - Throws: As ``resource(from:replacing:dialect:)``; also `mutability` when an immutable attribute was removed.
    public func validated(_ resource: Resource, replacing existing: Resource?) throws(SCIMError) -> Resource {
        var reading = DialectReading(.auto)
        return try assembled(resource.attributes, existing: existing, isBody: false, &reading)
    }

    // MARK: Steps

    /// The common attributes that a client may set.
    private static let common = AttributeDefinition.common.filter { $0.name == "externalId" }

    private func resource(
        from body: AttributeValue, replacing existing: Resource?, _ reading: inout DialectReading
    ) throws(SCIMError) -> Resource {
        guard case .complex(let attributes) = body else {
            throw .invalidSyntax("the body must be a JSON object that holds a \(type.name)")
        }
        try checkSchemas(of: attributes, &reading)
        let arranged = try ResourceQuirks.arranged(attributes, of: type, in: registry, &reading)
        return try assembled(arranged, existing: existing, isBody: true, &reading)
    }

    /// `schemas` must be a list of URIs, and name the base schema and the extensions that the body has (RFC 7643 §3). Where
    /// the dialect says so it may be missing or incomplete, and may name schemas that nobody knows.
    private func checkSchemas(of body: AttributeMap, _ reading: inout DialectReading) throws(SCIMError) {
        var (namesBase, extensions) = (false, [String]())
        if let value = body["schemas"], !value.isUnassigned {
            guard let schemas = value.array, schemas.allSatisfy({ $0.string != nil }) else {
                throw .invalidValue("schemas: an array of schema URIs as strings is wanted, such as [\"\(type.schema)\"]")
            }
            for case .string(let urn) in schemas {
                if urn.isSameName(as: type.schema) {
                    namesBase = true
                } else if type.schemaExtensions.contains(where: { $0.schema.isSameName(as: urn) }) {
                    extensions.append(urn)
                } else {
                    let meant = ResourceQuirks.schema(urn, in: type)
                    if meant == type.schema { namesBase = true } else { extensions.append(meant) }
                    try reading.meet(
                        meant == urn ? .unknownSchema : .legacySchemaURN,
                        else: .invalidValue("schemas: a \(type.name) has no schema '\(urn.prefix(200))'"))
                }
            }
        }
        let missing =
            namesBase
            ? type.schemaExtensions.first { item in
                body[item.schema].map { !$0.isUnassigned } == true && !extensions.contains { $0.isSameName(as: item.schema) }
            }?.schema : type.schema
        guard let missing else { return }
        try reading.meet(.schemasIncomplete, else: .invalidValue("schemas: \"\(missing)\" must be in it (RFC 7643 §3)"))
    }

    /// - Parameter isBody: Whether a client's body is read, where attributes that are left out stand for what the RFC says.
    private func assembled(
        _ given: AttributeMap, existing: Resource?, isBody: Bool, _ reading: inout DialectReading
    ) throws(SCIMError) -> Resource {
        var schemas: [AttributeValue] = [.string(type.schema)]
        var attributes = AttributeMap([.init(name: "schemas", value: .array(schemas))])
        if let id = existing?["id"] { attributes.append("id", id) }
        let stored = existing?.attributes ?? [:]
        let demandsSecrets = isBody && existing == nil
        for definitions in [Self.common, registry.schema(type.schema)?.attributes ?? []] {
            try append(
                definitions,
                Part(
                    given: given, existing: stored, prefix: "", isNew: existing == nil, keepsImmutable: isBody,
                    demandsSecrets: demandsSecrets),
                to: &attributes, &reading)
        }
        for item in type.schemaExtensions {
            guard let schema = registry.schema(item.schema) else { continue }
            let value = given[schema.id] ?? .null
            guard value.isUnassigned || value.complex != nil else {
                throw .invalidValue("\(schema.id): an object with the extension's attributes is wanted")
            }
            let members = value.complex ?? [:]
            if isBody { try meetUnknown(in: members, of: schema, &reading) }
            var part = AttributeMap()
            try append(
                schema.attributes,
                Part(
                    given: members, existing: stored[schema.id]?.complex ?? [:], prefix: schema.id + ":",
                    isNew: existing == nil, keepsImmutable: isBody, demandsSecrets: demandsSecrets, isOptional: !item.isRequired),
                to: &part, &reading)
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

    /// Meets the first of an extension's attributes that its schema has not.
    private func meetUnknown(in given: AttributeMap, of schema: Schema, _ reading: inout DialectReading) throws(SCIMError) {
        guard let unknown = given.members.first(where: { schema.attribute($0.name) == nil })?.name else { return }
        try reading.meet(
            .unknownAttributes,
            else: .invalidValue(
                "\(schema.id):\(unknown.prefix(100)): the extension has no such attribute"
                    + NearestName.suffix(unknown, among: schema.attributes.lazy.map(\.name))))
    }

    /// The attributes of one schema in a resource.
    private struct Part {
        /// What is given for them.
        let given: AttributeMap
        /// What is stored of them.
        let existing: AttributeMap
        /// What stands before their names in errors.
        let prefix: String
        /// Whether the resource is being created.
        let isNew: Bool
        /// Whether immutable attributes that are left out keep their value.
        let keepsImmutable: Bool
        /// Whether required attributes that are never kept are demanded: only on creation is it known that there are none.
        let demandsSecrets: Bool
        /// Whether required attributes are demanded only when there is another one: an extension that a resource need not
        /// carry.
        var isOptional = false

        /// The value that stands for no `active`: a new user is active.
        ///
        /// RFC 7643 §4.1.1 leaves it open. OneLogin creates users without the attribute and expects them to be active. A PUT
        /// without it leaves it as it is: a profile update from a template must let nobody in. Only a PATCH that
        /// removes it ends it, and who has none is not active.
        func statusWhenMissing(_ existing: AttributeValue?) -> AttributeValue? {
            if isNew { return .boolean(true) }
            return keepsImmutable ? existing : nil
        }
    }

    /// Appends the values of `definitions` to `result`.
    private func append(
        _ definitions: [AttributeDefinition], _ part: Part, to result: inout AttributeMap, _ reading: inout DialectReading
    ) throws(SCIMError) {
        let count = result.count
        var isAnySecretGiven = false
        for definition in definitions {
            let name = definition.name
            if definition.mutability == .readOnly {
                if let value = part.existing[name] { result.append(name, value) }
                continue
            }
            if definition.isNeverKept {
                isAnySecretGiven = isAnySecretGiven || part.given[name].map { !$0.isUnassigned } == true
                continue
            }
            let (raw, old) = (part.given[name], part.existing[name])
            var value: AttributeValue?
            if let raw { value = try definition.normalized(raw, at: part.prefix + name, &reading) }
            value = value ?? (definition.isStatus(of: type) ? part.statusWhenMissing(old) : nil)
            if definition.mutability == .immutable, let old, value != old {
                guard value == nil, part.keepsImmutable else {
                    throw .mutability("\(part.prefix)\(name): the attribute is immutable and has a value already")
                }
                value = old
            }
            guard var value else { continue }
            if definition.type == .complex {
                if let old, let whole = try definition.keepingImmutableParts(value, of: old, part.prefix, part.keepsImmutable) {
                    value = whole
                }
                try checkParts(of: value, definition, at: part.prefix + name)
            }
            result.append(name, value)
        }
        if part.isOptional, result.count == count, !isAnySecretGiven { return }
        for definition in definitions where definition.isRequired && definition.mutability != .readOnly {
            if definition.isNeverKept, !part.demandsSecrets { continue }
            let value = definition.isNeverKept ? part.given[definition.name] : result[definition.name]
            guard let value, !value.isBlank else {
                throw .invalidValue("\(part.prefix)\(definition.name): a value is required")
            }
        }
    }

    /// Demands the required parts of each complex value; of a member its `value`, without which it means nobody.
    private func checkParts(of value: AttributeValue, _ definition: AttributeDefinition, at path: String) throws(SCIMError) {
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
    /// Whether a client must give a value.
    fileprivate var isDemanded: Bool { isRequired && mutability != .readOnly && mutability != .writeOnly }

    /// A single complex value with the immutable parts of `old` that it leaves out (RFC 7644 §3.5.1); nil when it is whole.
    /// - Throws: `mutability` when an immutable part differs, or is missing where it may not be left out.
    fileprivate func keepingImmutableParts(
        _ value: AttributeValue, of old: AttributeValue, _ prefix: String, _ keepsImmutable: Bool
    ) throws(SCIMError) -> AttributeValue? {
        guard !isMultiValued, case .complex(var map) = value else { return nil }
        var isChanged = false
        for part in subAttributes where part.mutability == .immutable {
            guard let stored = old[part.name], map[part.name] != stored else { continue }
            guard map[part.name] == nil, keepsImmutable else {
                throw .mutability("\(prefix)\(name).\(part.name): the sub-attribute is immutable and has a value already")
            }
            map[part.name] = stored
            isChanged = true
        }
        guard isChanged else { return nil }
        return .complex(AttributeMap(subAttributes.compactMap { part in map[part.name].map { .init(name: part.name, value: $0) } }))
    }

    /// Whether this is a user's `active`.
    fileprivate func isStatus(of type: ResourceType) -> Bool {
        self.type == .boolean && name == "active" && type.schema == Schema.user.id
    }
}

extension AttributeValue {
    /// Whether a required attribute counts as missing: unassigned, or a string of blanks.
    fileprivate var isBlank: Bool { isUnassigned || string?.allSatisfy(\.isWhitespace) == true }
}
