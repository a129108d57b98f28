/// What a request does to an attribute that is written and never read, such as a password. Descriptions do not show it.
public enum SecretChange: Sendable, Hashable {
    /// This is the value from now on.
    case set(String)
    /// There is none from now on.
    case clear
}

extension SecretChange: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// What is done, without the secret.
    public var description: String { if case .set = self { "set" } else { "clear" } }
    /// What is done, without the secret.
    public var debugDescription: String { description }
    /// Nothing within.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

extension ResourceValidator {
    /// The longest secret, in characters.
    private static let maximumSecretCharacters = 1024

    /// What a client's body, or a resource that PATCH has changed, does to the attributes that are written and never read
    /// (`mutability` writeOnly or `returned` never, RFC 7643 §7), keyed by canonical name: `password`, or the URN with
    /// the attribute for one of an extension.
    ///
    /// What is not named stays as it is, on PUT too: a client that cannot read a password cannot repeat it. Null clears,
    /// and so does the removal by PATCH, which ``PatchRequest/applied(to:of:in:dialect:)`` leaves as a null. Call it before
    /// the resource is validated, since that drops them.
    /// - Parameters:
    ///   - attributes: The body of a POST or PUT, or the attributes of the patched resource.
    ///   - dialect: What is understood besides what the RFC has.
    /// - Throws: `invalidValue` for a value that is no string of 1 to 1,024 characters. It never repeats the value.
    public func secrets(
        in attributes: AttributeMap, dialect: ClientDialect = .auto
    ) throws(SCIMError) -> [String: SecretChange] {
        var quirks: Set<Quirk> = []
        return try secrets(in: attributes, dialect: dialect, noting: &quirks)
    }

    /// As ``secrets(in:dialect:)``, and tells which quirks the secrets have.
    public func secrets(
        in attributes: AttributeMap, dialect: ClientDialect, noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> [String: SecretChange] {
        let core = registry.schema(type.schema)?.attributes.filter(\.isSecret) ?? []
        let extensions = type.schemaExtensions.compactMap { registry.schema($0.schema) }
        guard !core.isEmpty || extensions.contains(where: { $0.attributes.contains(where: \.isSecret) }) else { return [:] }
        // Where an attribute stands is judged when the whole body is read.
        var placing = DialectReading(.auto)
        let arranged = try ResourceQuirks.arranged(attributes, of: type, in: registry, &placing)
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        var changes: [String: SecretChange] = [:]
        for definition in core {
            changes[definition.name] = try Self.change(of: definition, in: arranged, prefix: "", &reading)
        }
        for schema in extensions {
            guard let part = arranged[schema.id]?.complex else { continue }
            for definition in schema.attributes where definition.isSecret {
                let prefix = schema.id + ":"
                changes[prefix + definition.name] = try Self.change(of: definition, in: part, prefix: prefix, &reading)
            }
        }
        return changes
    }

    private static func change(
        of definition: AttributeDefinition, in attributes: AttributeMap, prefix: String, _ reading: inout DialectReading
    ) throws(SCIMError) -> SecretChange? {
        guard let value = attributes[definition.name] else { return nil }
        let name = prefix + definition.name
        guard !value.isUnassigned else {
            if definition.isRequired { throw .invalidValue("\(name): a value is required") }
            return .clear
        }
        guard case .string(let text)? = try definition.normalized(value, at: name, &reading) else { return nil }
        if text.isEmpty {
            try reading.meet(.emptyPassword, else: .invalidValue("\(name): an empty string is not accepted"))
            return nil
        }
        guard text.utf8.count <= maximumSecretCharacters || text.count <= maximumSecretCharacters else {
            throw .invalidValue("\(name): more than \(maximumSecretCharacters) characters are not accepted")
        }
        return .set(text)
    }
}

extension AttributeDefinition {
    /// Whether the attribute is one of which ``ResourceValidator/secrets(in:dialect:)`` tells.
    var isSecret: Bool { isNeverKept && mutability != .readOnly && type == .string && !isMultiValued }
}
