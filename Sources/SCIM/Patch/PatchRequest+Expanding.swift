extension PatchRequest {
    /// The request with one operation for each attribute, and canonical names in each path.
    ///
    /// Operations without a path become one for each attribute of their value; dotted and URN keys there are paths (Entra
    /// ID), and what a client repeats of `schemas`, `meta`, its own `id` and other readOnly attributes is ignored (Okta).
    /// - Parameters:
    ///   - resourceID: The id of the resource that the URL names.
    ///   - dialect: What is understood besides what the RFC has.
    /// - Throws: `noTarget` for a remove without path (RFC 7644 §3.5.2.2), `invalidPath` for an attribute that no schema
    ///   has, `mutability` for one that is readOnly, `invalidFilter` for a filter that does not fit the attribute,
    ///   `invalidValue` for a remove with a value where the dialect does not have it.
    public func expanded(
        for type: ResourceType, in registry: SchemaRegistry, resourceID: String, dialect: ClientDialect = .auto
    ) throws(SCIMError) -> PatchRequest {
        var quirks: Set<Quirk> = []
        return try expanded(for: type, in: registry, resourceID: resourceID, dialect: dialect, noting: &quirks)
    }

    /// As ``expanded(for:in:resourceID:dialect:)``, and tells which quirks the request has.
    public func expanded(
        for type: ResourceType, in registry: SchemaRegistry, resourceID: String, dialect: ClientDialect,
        noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> PatchRequest {
        var expansion = PatchExpansion(
            type: type, registry: registry, resourceID: resourceID, reading: DialectReading(dialect))
        defer { quirks.formUnion(expansion.reading.noted) }
        var operations: [PatchOperation] = []
        operations.reserveCapacity(self.operations.count)
        for operation in self.operations { operations += try expansion.operations(operation) }
        return PatchRequest(operations: operations)
    }

    /// Takes the operations on a group's `members` out of an expanded request. They commute with the rest.
    ///
    /// `remove` with a list of members removes those and only those; without one it removes all (RFC 7644 §3.5.2.2).
    /// - Parameter dialect: What is understood besides what the RFC has.
    /// - Throws: `invalidValue` for a member without an id, `mutability` for a part of a member, `tooMany` for more than
    ///   100,000 ids.
    public mutating func takeMembershipOperations(
        dialect: ClientDialect = .auto
    ) throws(SCIMError) -> [MembershipOperation] {
        var quirks: Set<Quirk> = []
        return try takeMembershipOperations(dialect: dialect, noting: &quirks)
    }

    /// As ``takeMembershipOperations(dialect:)``, and tells which quirks the members have.
    public mutating func takeMembershipOperations(
        dialect: ClientDialect, noting quirks: inout Set<Quirk>
    ) throws(SCIMError) -> [MembershipOperation] {
        var reading = DialectReading(dialect)
        defer { quirks.formUnion(reading.noted) }
        var (membership, rest, count): ([MembershipOperation], [PatchOperation], Int) = ([], [], 0)
        for operation in operations {
            if let path = operation.path, path.schema == nil, path.attribute?.isSameName(as: "members") == true {
                let taken = try MembershipOperation.operations(operation, path, &reading)
                membership += taken
                count += taken.reduce(0) { $0 + $1.count }
                guard count <= Self.maximumMembers else {
                    throw .tooMany("more than \(Self.maximumMembers) members in one request; send them in several")
                }
            } else {
                rest.append(operation)
            }
        }
        operations = rest
        return membership
    }
}

private struct PatchExpansion {
    let type: ResourceType
    let registry: SchemaRegistry
    let resourceID: String
    var reading: DialectReading

    mutating func operations(_ operation: PatchOperation) throws(SCIMError) -> [PatchOperation] {
        guard let path = operation.path else { return try withoutPath(operation) }
        let resolved = try self.resolved(path)
        guard let attribute = resolved.attribute else {
            try reading.meet(
                .extensionAsPath, else: .invalidPath("'\(path)' is a schema; name one of its attributes (RFC 7644 §3.10)"))
            return try wholeExtension(operation, resolved)
        }
        return [try addressed(operation, path, resolved, attribute)]
    }

    private mutating func withoutPath(_ operation: PatchOperation) throws(SCIMError) -> [PatchOperation] {
        guard operation.kind != .remove else { throw .noTarget("a remove needs a path (RFC 7644 §3.5.2.2)") }
        guard case .complex(let map)? = operation.value else {
            throw .invalidValue("an operation without a path needs an object of attributes as its value")
        }
        return try attributes(map, operation.kind)
    }

    /// What a path leads to.
    /// - Throws: `invalidPath` where no schema has it, or it is named in a way that the dialect does not have.
    private mutating func resolved(_ path: AttributePath) throws(SCIMError) -> ResolvedAttribute {
        guard let resolved = registry.resolve(path, in: type) else { throw unknown(path) }
        if let quirk = ResourceQuirks.quirk(of: path, leadingTo: resolved, in: type) {
            try reading.meet(quirk, else: .invalidPath("\(type.name) has no attribute '\(path)'; it is '\(resolved.name)'"))
        }
        return resolved
    }

    private func unknown(_ path: AttributePath) -> SCIMError {
        if path.schema == nil, let attribute = path.attribute, path.subAttribute == nil {
            return .invalidPath(ResourceQuirks.unknown(attribute, of: type, in: registry))
        }
        return .invalidPath("\(type.name) has no attribute '\(path)'")
    }

    private mutating func attributes(_ map: AttributeMap, _ kind: PatchOperation.Kind) throws(SCIMError) -> [PatchOperation] {
        var operations: [PatchOperation] = []
        for member in map.members {
            if member.name.isSameName(as: "schemas") { continue }
            if member.name.isSameName(as: "id") {
                let readOnly = SCIMError.mutability("'id' is readOnly; the resource is the one that the URL names")
                guard member.value.string == resourceID else { throw readOnly }
                try reading.meet(.readOnlyInBody, else: readOnly)
                continue
            }
            if member.name.isSameName(as: type.schema) {
                guard case .complex(let core) = member.value, core[type.schema] == nil else {
                    throw .invalidValue("\(member.name): an object with the attributes of a \(type.name) is wanted")
                }
                try reading.meet(
                    .coreAttributesUnderURN, else: .invalidPath("\(member.name): core attributes stand without their schema's URN"))
                operations += try attributes(core, kind)
                continue
            }
            operations += try attribute(member, kind, within: nil)
        }
        return operations
    }

    /// The operations of one attribute of an object: of the resource, or of an extension.
    private mutating func attribute(
        _ member: AttributeMap.Member, _ kind: PatchOperation.Kind, within schema: String?
    ) throws(SCIMError) -> [PatchOperation] {
        var path = try AttributePath(parsing: member.name)
        var isDotted = path.subAttribute != nil || path.valueFilter != nil
        if let schema {
            isDotted = isDotted || path.schema != nil
            path.schema = path.schema ?? schema
        }
        let resolved = try self.resolved(path)
        let single = PatchOperation(kind, path: path, value: member.value)
        guard let attribute = resolved.attribute else { return try wholeExtension(single, resolved) }
        if isDotted || (schema == nil && path.schema != nil) {
            try reading.meet(
                .pathlessDottedKeys, else: .invalidPath("\(member.name.prefix(100)): a path belongs into 'path', not into the value"))
        }
        if attribute.mutability == .readOnly || resolved.subAttribute?.mutability == .readOnly {
            let error = readOnly(resolved, attribute)
            try reading.meet(.readOnlyInBody, else: error)
            return []
        }
        return [try addressed(single, path, resolved, attribute)]
    }

    /// An operation on an extension as a whole is one on each of its attributes that the value names.
    private mutating func wholeExtension(
        _ operation: PatchOperation, _ resolved: ResolvedAttribute
    ) throws(SCIMError) -> [PatchOperation] {
        let schema = resolved.schema
        let isWithoutValue = operation.value == nil || operation.value == .null
        if isWithoutValue, operation.kind == .remove || operation.value == .null {
            return [PatchOperation(.remove, path: AttributePath(schema: schema, attribute: nil))]
        }
        guard case .complex(let map)? = operation.value else {
            throw .invalidValue("\(resolved.name): an object with the extension's attributes is wanted")
        }
        var operations: [PatchOperation] = []
        // A client that writes the extension as an object of its own repeats what names it.
        for member in map.members where !member.name.isSameName(as: "schemas") {
            operations += try attribute(member, operation.kind, within: schema)
        }
        return operations
    }

    private func readOnly(_ resolved: ResolvedAttribute, _ attribute: AttributeDefinition) -> SCIMError {
        let hint = attribute.name == "groups" ? "; change membership through /Groups" : ""
        return .mutability("'\(resolved.name)' is readOnly\(hint)")
    }

    private mutating func addressed(
        _ operation: PatchOperation, _ path: AttributePath, _ resolved: ResolvedAttribute, _ attribute: AttributeDefinition
    ) throws(SCIMError) -> PatchOperation {
        guard attribute.mutability != .readOnly, resolved.subAttribute?.mutability != .readOnly else {
            throw readOnly(resolved, attribute)
        }
        if let filter = path.valueFilter {
            guard attribute.isMultiValued else {
                throw .invalidPath("'\(attribute.name)' has only one value; a filter cannot choose among its values")
            }
            try filter.validate(within: attribute)
            if PatchQuirks.comparesBooleanWithText(filter, within: attribute) {
                try reading.meet(
                    .booleanAsString, else: .invalidFilter("'\(path)': a boolean is compared with true or false, not with a string"))
            }
        }
        switch (operation.kind, operation.value) {
        case (.remove, nil), (.remove, .null?): break
        case (.remove, _?):
            // Without the quirk this is refused rather than taken for a removal of all: it empties groups.
            try reading.meet(
                attribute.isMembership ? .membersRemoveByValue : .removeByValue,
                else: .invalidValue(
                    "'remove' at '\(path)' takes no value; name what goes in a filter, as \(attribute.name)[value eq \"…\"]"))
        case (_, nil): throw .invalidValue("'\(operation.kind.rawValue)' at '\(path)' needs a value")
        default: break
        }
        return PatchOperation(
            operation.kind,
            path: AttributePath(
                schema: resolved.schema, attribute: attribute.name, valueFilter: path.valueFilter,
                subAttribute: resolved.subAttribute?.name),
            value: operation.value)
    }
}
