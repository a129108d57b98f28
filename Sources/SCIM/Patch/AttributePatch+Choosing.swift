/// Operations on the values that a filter in brackets chooses (RFC 7644 §3.5.2, `valuePath`).
extension AttributePatch {
    /// The values with the operation done to those that `filter` chooses.
    mutating func chosen(_ current: [AttributeValue], by filter: Filter) throws(SCIMError) -> [AttributeValue] {
        let evaluator = ValueFilter(filter, attribute)
        let places = current.indices.filter { evaluator.matches(current[$0]) }
        guard !places.isEmpty else { return try withoutMatch(current, filter) }
        let given = operation.kind == .remove || subAttribute != nil ? nil : try chosenValue()
        let described = try described(by: filter) ?? [:]
        var values: [AttributeValue?] = current
        for place in places {
            if subAttribute != nil {
                values[place] = try element(current[place])
            } else if operation.kind == .remove {
                values[place] = nil
            } else if operation.kind == .add, attribute.type == .complex {
                values[place] =
                    try given.map { (value) throws(SCIMError) in try merged(value, value, into: current[place]) ?? value }
                    ?? current[place]
            } else {
                values[place] = given?.completed(by: described)
            }
        }
        return values.map { $0 ?? .null }.withOnePrimary(places).filter { $0 != .null }
    }

    /// The one value for those that the filter chooses, or nil for none.
    private mutating func chosenValue() throws(SCIMError) -> AttributeValue? {
        let values = try self.values()
        guard values.count <= 1 else { throw .invalidValue("'\(path)': one value is wanted for what the filter chooses") }
        return values.first
    }

    /// No value fulfils the filter: removing succeeds, a sub-attribute is set on a new value that the filter describes
    /// (Entra ID relies on it), and replacing a whole value has no target (RFC 7644 §3.5.2.3).
    private mutating func withoutMatch(_ current: [AttributeValue], _ filter: Filter) throws(SCIMError) -> [AttributeValue] {
        if operation.kind == .remove { return current }
        let noTarget = SCIMError.noTarget("no value of '\(attribute.name)' matches the filter of '\(path)'")
        guard subAttribute != nil || operation.kind == .add, var described = try described(by: filter) else { throw noTarget }
        try reading.meet(.createByFilter, else: noTarget)
        if let subAttribute {
            guard let value = try element([:])?[subAttribute.name] else { return current }
            described[subAttribute.name] = value
        } else {
            for member in try chosenValue()?.complex?.members ?? [] { described[member.name] = member.value }
        }
        return (current + [.complex(described)]).withOnePrimary([current.count])
    }

    /// The sub-attributes that a value must have to fulfil the filter, where it is made of `eq` and `and` only; else nil.
    private mutating func described(by filter: Filter) throws(SCIMError) -> AttributeMap? {
        guard attribute.type == .complex, let described = filter.describedValue else { return nil }
        return try attribute.normalized(.array([.complex(described)]), at: name, &reading)?.array?.first?.complex
    }
}

extension AttributeValue {
    /// The value with what the filter says about it where it says nothing itself: a new address for
    /// `emails[type eq "work"]` stays the one for work.
    fileprivate func completed(by described: AttributeMap) -> AttributeValue {
        guard case .complex(var map) = self else { return self }
        for member in described.members where map[member.name] == nil { map[member.name] = member.value }
        return .complex(map)
    }
}

/// A filter in brackets, applied to one value.
private struct ValueFilter {
    private let evaluator: FilterEvaluator
    private let name: String

    init(_ filter: Filter, _ attribute: AttributeDefinition) {
        // A schema of this one attribute gives its sub-attributes their types and case rules.
        let schema = Schema(id: "urn:value", name: "value", description: "", attributes: [attribute])
        let type = ResourceType(name: "value", endpoint: "", description: "", schema: schema.id, schemaExtensions: [])
        let path = AttributePath(attribute: attribute.name)
        evaluator = FilterEvaluator(
            .valuePath(path, filter), for: type, in: SchemaRegistry(resourceTypes: [type], schemas: [schema]))
        name = attribute.name
    }

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
