extension PatchRequest {
    /// Applies expanded operations in order (RFC 7644 §3.5.2), all or nothing: on an error the resource is as it was.
    ///
    /// The result still has to be validated, see ``ResourceValidator/validated(_:replacing:)``.
    /// - Throws: `noTarget`, `invalidValue`, `mutability` or `invalidPath` (RFC 7644 §3.12).
    public func applied(
        to resource: Resource, of type: ResourceType, in registry: SchemaRegistry
    ) throws(SCIMError) -> Resource {
        var resource = resource
        for operation in operations {
            guard let path = operation.path else { throw .noTarget("the operation has no path") }
            guard let resolved = registry.resolve(path, in: type) else {
                throw .invalidPath("\(type.name) has no attribute '\(path)'")
            }
            var holder = resolved.schema.map { resource[$0]?.complex ?? [:] } ?? resource.attributes
            if let attribute = resolved.attribute {
                let change = AttributePatch(
                    operation: operation, path: path, attribute: attribute, subAttribute: resolved.subAttribute,
                    name: resolved.name)
                try change.apply(to: &holder)
            } else {
                holder = [:]
            }
            if let schema = resolved.schema {
                resource[schema] = holder.isEmpty ? nil : .complex(holder)
            } else {
                resource.attributes = holder
            }
        }
        return resource
    }
}

/// One operation on one attribute.
private struct AttributePatch {
    let operation: PatchOperation
    let path: AttributePath
    let attribute: AttributeDefinition
    let subAttribute: AttributeDefinition?
    let name: String

    func apply(to holder: inout AttributeMap) throws(SCIMError) {
        let current = holder[attribute.name]
        let changed: AttributeValue?
        if attribute.isMultiValued {
            let values = try multiValued(current?.array ?? current.map { [$0] } ?? [])
            changed = values.isEmpty ? nil : .array(values)
        } else if subAttribute != nil {
            changed = try element(current ?? [:])
        } else {
            changed = try single(current)
        }
        if changed == nil, current != nil, attribute.isRequired {
            throw .mutability("'\(name)' is required and cannot be removed")
        }
        if attribute.mutability == .immutable, let current, changed != current {
            throw .mutability("'\(name)' is immutable and has a value already")
        }
        holder[attribute.name] = changed
    }

    // MARK: One value

    private func single(_ current: AttributeValue?) throws(SCIMError) -> AttributeValue? {
        guard operation.kind != .remove else { return nil }
        let given = PatchQuirks.unquoted(PatchQuirks.unwrapped(operation.value ?? .null, for: attribute), for: attribute)
        let value = try attribute.normalized(given, at: name)
        guard attribute.type == .complex, let value else {
            // Null, and Entra ID's "" for a manager, leave the attribute unassigned (RFC 7643 §2.5).
            return value ?? (operation.kind == .add && given != .string("") ? current : nil)
        }
        // The sub-attributes given are set, the others stay (RFC 7644 §3.5.2.1, §3.5.2.3).
        return merged(value, given, into: current)
    }

    /// Sets the sub-attributes of `value`; those that `given` says are null go.
    private func merged(_ value: AttributeValue, _ given: AttributeValue, into current: AttributeValue?) -> AttributeValue? {
        var map = current?.complex ?? [:]
        for member in given.complex?.members ?? [] where member.value.isUnassigned { map[member.name] = nil }
        for member in value.complex?.members ?? [] { map[member.name] = member.value }
        return map.isEmpty ? nil : .complex(map)
    }

    /// A complex value with the operation done to its sub-attribute; nil when nothing is left of it.
    private func element(_ current: AttributeValue) throws(SCIMError) -> AttributeValue? {
        guard let part = subAttribute else { return current }
        var map = current.complex ?? [:]
        let partName = "\(attribute.name).\(part.name)"
        var value: AttributeValue?
        if operation.kind != .remove {
            value = try part.normalized(PatchQuirks.unwrapped(operation.value ?? .null, for: part), at: partName)
        }
        if part.mutability == .immutable, let old = map[part.name], old != value {
            throw .mutability("'\(partName)' is immutable")
        }
        map[part.name] = value
        return map.isEmpty ? nil : .complex(map)
    }

    // MARK: Several values

    private func multiValued(_ current: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        if let filter = path.valueFilter { return try chosen(current, by: filter) }
        if subAttribute != nil { return try everyElement(current) }
        guard operation.kind != .remove || operation.value.map({ !$0.isUnassigned }) == true else { return [] }
        let given = try values()
        switch operation.kind {
        case .replace: return given
        case .remove: return current.filter { value in !given.contains { isSame(value, $0) } }
        case .add: return given.reduce(current) { adding($1, to: $0) }
        }
    }

    /// The values of the operation, each in the attribute's type.
    private func values() throws(SCIMError) -> [AttributeValue] {
        let given = PatchQuirks.unquoted(operation.value ?? .null, for: attribute)
        return try attribute.normalized(given, at: name)?.array ?? []
    }

    /// Whether a value that is to be added is there already, or one that is to be removed is meant.
    private func isSame(_ value: AttributeValue, _ other: AttributeValue) -> Bool {
        guard attribute.type == .complex else {
            guard let left = value.string, let right = other.string, !attribute.isCaseExact else { return value == other }
            return left.caseFolded == right.caseFolded
        }
        guard let wanted = other["value"] else { return value == other }
        return value["value"] == wanted && (other["type"] == nil || other["type"] == value["type"])
    }

    /// Adds a value; one that is there already is completed, not doubled (RFC 7644 §3.5.2.1).
    private func adding(_ value: AttributeValue, to values: [AttributeValue]) -> [AttributeValue] {
        var values = values
        let index: Int
        if let found = values.firstIndex(where: { isSame($0, value) }) {
            values[found] = merged(value, value, into: values[found]) ?? value
            if attribute.type != .complex { return values }
            index = found
        } else {
            values.append(value)
            index = values.count - 1
        }
        return withOnePrimary(values, at: [index])
    }

    /// A value that became primary takes that from the others (RFC 7643 §2.4).
    private func withOnePrimary(_ values: [AttributeValue], at changed: [Int]) -> [AttributeValue] {
        guard let primary = changed.last(where: { values[$0]["primary"] == true }) else { return values }
        return values.enumerated().map { index, value in
            guard index != primary, value["primary"] == true, var map = value.complex else { return value }
            map["primary"] = false
            return .complex(map)
        }
    }

    private func everyElement(_ current: [AttributeValue]) throws(SCIMError) -> [AttributeValue] {
        if current.isEmpty, operation.kind != .remove { return try element([:]).map { [$0] } ?? [] }
        var values: [AttributeValue] = []
        for value in current {
            if let changed = try element(value) { values.append(changed) }
        }
        return values
    }

    private func chosen(_ current: [AttributeValue], by filter: Filter) throws(SCIMError) -> [AttributeValue] {
        let evaluator = ValueFilter(filter, attribute)
        let indices = current.indices.filter { evaluator.matches(current[$0]) }
        guard !indices.isEmpty else { return try withoutMatch(current, filter) }
        var values: [AttributeValue?] = current
        let given = operation.kind == .remove || subAttribute != nil ? nil : try chosenValues().first
        for index in indices {
            if subAttribute != nil {
                values[index] = try element(current[index])
            } else if operation.kind == .remove {
                values[index] = nil
            } else if operation.kind == .add {
                values[index] = given.flatMap { merged($0, $0, into: current[index]) } ?? current[index]
            } else {
                values[index] = given
            }
        }
        if operation.kind == .remove { return values.compactMap(\.self) }
        let changed = withOnePrimary(values.map { $0 ?? .null }, at: indices)
        return changed.filter { !$0.isUnassigned }
    }

    private func chosenValues() throws(SCIMError) -> [AttributeValue] {
        let values = try self.values()
        guard values.count <= 1 else { throw .invalidValue("'\(path)': one value is wanted for the value that the filter chooses") }
        return values
    }

    /// No value fulfils the filter: removing succeeds, a sub-attribute is set on a new value that the filter describes,
    /// and replacing a whole value has no target (RFC 7644 §3.5.2.3).
    private func withoutMatch(_ current: [AttributeValue], _ filter: Filter) throws(SCIMError) -> [AttributeValue] {
        if operation.kind == .remove { return current }
        guard subAttribute != nil || operation.kind == .add, var described = filter.describedValue else {
            throw .noTarget("no value of '\(attribute.name)' matches the filter of '\(path)'")
        }
        if subAttribute != nil {
            described = try element(.complex(described))?.complex ?? [:]
        } else {
            for member in try chosenValues().first?.complex?.members ?? [] { described[member.name] = member.value }
        }
        guard let value = try attribute.normalized(.array([.complex(described)]), at: name)?.array?.first else { return current }
        return withOnePrimary(current + [value], at: [current.count])
    }
}

/// A filter in brackets, applied to one value.
private struct ValueFilter {
    private let evaluator: FilterEvaluator

    init(_ filter: Filter, _ attribute: AttributeDefinition) {
        // A schema of this one attribute gives its sub-attributes their types and case rules.
        let schema = Schema(id: "urn:value", name: "value", description: "", attributes: [attribute])
        let type = ResourceType(name: "value", endpoint: "", description: "", schema: schema.id, schemaExtensions: [])
        let path = AttributePath(attribute: attribute.name)
        evaluator = FilterEvaluator(
            .valuePath(path, filter), for: type, in: SchemaRegistry(resourceTypes: [type], schemas: [schema]))
        name = attribute.name
    }

    private let name: String

    func matches(_ value: AttributeValue) -> Bool {
        evaluator.matches(Resource(attributes: AttributeMap([.init(name: name, value: .array([value]))])))
    }
}

extension Filter {
    /// The sub-attributes that a value must have when the filter is made of `eq` and `and` only, or nil.
    fileprivate var describedValue: AttributeMap? {
        switch self {
        case .comparison(let path, .eq, let value):
            guard path.schema == nil, path.subAttribute == nil, let name = path.attribute, value != .null else { return nil }
            return AttributeMap([.init(name: name, value: value)])
        case .and(let filters):
            var map = AttributeMap()
            for filter in filters {
                guard let part = filter.describedValue else { return nil }
                for member in part.members { map[member.name] = member.value }
            }
            return map
        default: return nil
        }
    }
}
