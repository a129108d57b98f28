extension PatchRequest {
    /// The request with one operation for each attribute, and canonical names in each path.
    ///
    /// Operations without a path become one for each attribute of their value; dotted and URN keys there are paths (Entra
    /// ID), and what a client repeats of `schemas`, `meta`, its own `id` and other readOnly attributes is ignored (Okta).
    /// - Throws: `noTarget` for a remove without path (RFC 7644 §3.5.2.2), `invalidPath` for an attribute that no schema
    ///   has, `mutability` for one that is readOnly, `invalidFilter` for a filter that does not fit the attribute.
    public func expanded(
        for type: ResourceType, in registry: SchemaRegistry, resourceID: String
    ) throws(SCIMError) -> PatchRequest {
        let expansion = PatchExpansion(type: type, registry: registry, resourceID: resourceID)
        var operations: [PatchOperation] = []
        for operation in self.operations { operations += try expansion.operations(operation) }
        return PatchRequest(operations: operations)
    }

    /// Takes the operations on a group's `members` out of an expanded request. They commute with the rest.
    ///
    /// `remove` with a list of members removes those and only those; without one it removes all (RFC 7644 §3.5.2.2).
    /// - Throws: `invalidValue` for a member without an id, `mutability` for a part of a member, `tooMany` for more than
    ///   100,000 ids.
    public mutating func takeMembershipOperations() throws(SCIMError) -> [MembershipOperation] {
        var (membership, rest): ([MembershipOperation], [PatchOperation]) = ([], [])
        for operation in operations {
            if let path = operation.path, path.schema == nil, path.attribute?.isSameName(as: "members") == true {
                membership += try MembershipOperation.operations(operation, path)
                guard membership.reduce(0, { $0 + $1.count }) <= Self.maximumMembers else {
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

    func operations(_ operation: PatchOperation) throws(SCIMError) -> [PatchOperation] {
        guard let path = operation.path else { return try withoutPath(operation) }
        guard let resolved = registry.resolve(path, in: type) else {
            throw .invalidPath("\(type.name) has no attribute '\(path)'")
        }
        guard let attribute = resolved.attribute else { return try wholeExtension(operation, resolved) }
        return [try addressed(operation, path, resolved, attribute)]
    }

    private func withoutPath(_ operation: PatchOperation) throws(SCIMError) -> [PatchOperation] {
        guard operation.kind != .remove else { throw .noTarget("a remove needs a path (RFC 7644 §3.5.2.2)") }
        guard case .complex(let map)? = operation.value else {
            throw .invalidValue("an operation without a path needs an object of attributes as its value")
        }
        return try attributes(map, operation.kind)
    }

    private func attributes(_ map: AttributeMap, _ kind: PatchOperation.Kind) throws(SCIMError) -> [PatchOperation] {
        var operations: [PatchOperation] = []
        for member in map.members {
            if member.name.isSameName(as: "schemas") { continue }
            if member.name.isSameName(as: "id") {
                guard member.value.string == resourceID else {
                    throw .mutability("'id' is readOnly; the resource is the one that the URL names")
                }
                continue
            }
            if member.name.isSameName(as: type.schema) {
                guard case .complex(let core) = member.value, core[type.schema] == nil else {
                    throw .invalidValue("\(member.name): an object with the attributes of a \(type.name) is wanted")
                }
                operations += try attributes(core, kind)
                continue
            }
            let path = try AttributePath(parsing: member.name)
            guard let resolved = registry.resolve(path, in: type) else {
                throw .invalidPath("\(type.name) has no attribute '\(member.name)'")
            }
            let single = PatchOperation(kind, path: path, value: member.value)
            guard let attribute = resolved.attribute else {
                operations += try wholeExtension(single, resolved)
                continue
            }
            if attribute.mutability == .readOnly || resolved.subAttribute?.mutability == .readOnly { continue }
            operations.append(try addressed(single, path, resolved, attribute))
        }
        return operations
    }

    /// An operation on an extension as a whole is one on each of its attributes that the value names.
    private func wholeExtension(_ operation: PatchOperation, _ resolved: ResolvedAttribute) throws(SCIMError) -> [PatchOperation] {
        let schema = resolved.schema
        if operation.kind == .remove || operation.value == .null {
            return [PatchOperation(.remove, path: AttributePath(schema: schema, attribute: nil))]
        }
        guard case .complex(let map)? = operation.value else {
            throw .invalidValue("\(resolved.name): an object with the extension's attributes is wanted")
        }
        var operations: [PatchOperation] = []
        for member in map.members {
            var path = try AttributePath(parsing: member.name)
            path.schema = path.schema ?? schema
            operations += try self.operations(PatchOperation(operation.kind, path: path, value: member.value))
        }
        return operations
    }

    private func addressed(
        _ operation: PatchOperation, _ path: AttributePath, _ resolved: ResolvedAttribute, _ attribute: AttributeDefinition
    ) throws(SCIMError) -> PatchOperation {
        guard attribute.mutability != .readOnly, resolved.subAttribute?.mutability != .readOnly else {
            let hint = attribute.name == "groups" ? "; change membership through /Groups" : ""
            throw .mutability("'\(resolved.name)' is readOnly\(hint)")
        }
        if let filter = path.valueFilter {
            guard attribute.isMultiValued else {
                throw .invalidPath("'\(attribute.name)' has only one value; a filter cannot choose among its values")
            }
            try filter.validate(within: attribute)
        }
        guard operation.kind == .remove || operation.value != nil else {
            throw .invalidValue("'\(operation.kind.rawValue)' at '\(path)' needs a value")
        }
        return PatchOperation(
            operation.kind,
            path: AttributePath(
                schema: resolved.schema, attribute: attribute.name, valueFilter: path.valueFilter,
                subAttribute: resolved.subAttribute?.name),
            value: operation.value)
    }
}
