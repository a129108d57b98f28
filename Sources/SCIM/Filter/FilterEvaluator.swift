extension Filter {
    /// Whether a resource fulfils the filter. For many resources, prepare a ``FilterEvaluator`` once.
    public func matches(_ resource: Resource, of type: ResourceType, in registry: SchemaRegistry) -> Bool {
        FilterEvaluator(self, for: type, in: registry).matches(resource)
    }
}

/// A filter made ready for many resources of one type: attributes are looked up and literals folded once.
///
/// An attribute that no schema has is treated as one without value.
public struct FilterEvaluator: Sendable {
    private let node: Node

    /// Prepares a filter.
    public init(_ filter: Filter, for type: ResourceType, in registry: SchemaRegistry) {
        node = Node(filter) { registry.resolve($0, in: type) }
    }

    /// Whether a resource fulfils the filter.
    public func matches(_ resource: Resource) -> Bool { node.matches(resource.attributes) }
}

private indirect enum Node: Sendable {
    case comparison(Place, Comparison)
    case present(Place)
    case valuePath(Place, Node)
    case and([Node])
    case or([Node])
    case not(Node)

    init(_ filter: Filter, isInBrackets: Bool = false, _ resolve: (AttributePath) -> ResolvedAttribute?) {
        switch filter {
        case .comparison(let path, let operation, let value):
            let resolved = resolve(path)
            var place = Place(path, resolved, wantsValue: true)
            // A value that does not say that it is primary is not (RFC 7643 §2.4).
            let isPart = isInBrackets || resolved?.subAttribute != nil
            if isPart, value != .null, let leaf = resolved?.leaf, leaf.type == .boolean, leaf.name == "primary" {
                place.valueWhenMissing = false
            }
            self = .comparison(place, Comparison(operation, value, resolved?.leaf))
        case .present(let path): self = .present(Place(path, resolve(path), wantsValue: false))
        case .valuePath(let path, let inner):
            let resolved = resolve(path)
            self = .valuePath(
                Place(path, resolved, wantsValue: false),
                Node(inner, isInBrackets: true) { part in
                    // Inside brackets, names are those of the value's sub-attributes.
                    guard let attribute = resolved?.attribute, let name = part.attribute else { return nil }
                    if let found = attribute.subAttribute(name) { return ResolvedAttribute(schema: nil, attribute: found) }
                    guard attribute.type != .complex, name.isSameName(as: "value") else { return nil }
                    var value = attribute
                    value.name = "value"
                    return ResolvedAttribute(schema: nil, attribute: value)
                })
        case .and(let filters): self = .and(filters.map { Node($0, isInBrackets: isInBrackets, resolve) })
        case .or(let filters): self = .or(filters.map { Node($0, isInBrackets: isInBrackets, resolve) })
        case .not(let inner): self = .not(Node(inner, isInBrackets: isInBrackets, resolve))
        }
    }

    func matches(_ attributes: AttributeMap) -> Bool {
        switch self {
        case .comparison(let place, let comparison): comparison.holds(for: place.values(in: attributes))
        case .present(let place): place.values(in: attributes).contains(where: \.isPresent)
        case .valuePath(let place, let inner):
            place.values(in: attributes).contains { value in
                inner.matches(value.complex ?? ["value": value])
            }
        case .and(let nodes): nodes.allSatisfy { $0.matches(attributes) }
        case .or(let nodes): nodes.contains { $0.matches(attributes) }
        case .not(let node): !node.matches(attributes)
        }
    }
}

/// Where the values of a path stand in a resource.
private struct Place: Sendable {
    let schema: String?
    let attribute: String
    let subAttribute: String?
    /// What a part counts as where a value lacks it.
    var valueWhenMissing: AttributeValue?

    /// - Parameter wantsValue: Whether a complex attribute named alone means its `value` (RFC 7643 §2.4).
    init(_ path: AttributePath, _ resolved: ResolvedAttribute?, wantsValue: Bool) {
        schema = resolved == nil ? path.schema : resolved?.schema
        // Resolved without an attribute, it is an extension as a whole.
        attribute = (resolved == nil ? path.attribute : resolved?.attribute?.name) ?? ""
        let part = resolved == nil ? path.subAttribute : resolved?.subAttribute?.name
        let isWhole = part == nil && wantsValue && resolved?.attribute?.subAttribute("value") != nil
        subAttribute = isWhole ? "value" : part
    }

    func values(in attributes: AttributeMap) -> [AttributeValue] {
        let holder = schema.map { attributes[$0]?.complex } ?? attributes
        guard let value = attribute.isEmpty ? holder.map(AttributeValue.complex) : holder?[attribute] else {
            return subAttribute == nil ? valueWhenMissing.map { [$0] } ?? [] : []
        }
        let elements = value.array ?? [value]
        guard let subAttribute else { return elements }
        return elements.compactMap { $0[subAttribute] ?? valueWhenMissing }
    }
}

/// A test of the values of one attribute.
private struct Comparison: Sendable {
    private enum Literal: Sendable {
        case null
        case text(String)
        case instant(Timestamp, String)
        case number(Double)
        case integer(Int64)
        case boolean(Bool)
    }

    private let operation: Filter.Operator
    private let literal: Literal
    private let isCaseExact: Bool
    private let search: SubstringSearch?

    init(_ operation: Filter.Operator, _ value: AttributeValue, _ definition: AttributeDefinition?) {
        self.operation = operation
        isCaseExact = definition?.isCaseExact ?? false
        let folded = value.string.map { [isCaseExact] in isCaseExact ? $0.composed : $0.caseFolded } ?? ""
        search = operation == .co ? SubstringSearch(folded) : nil
        switch value {
        case .string(let text):
            if definition?.type == .boolean, let flag = ["true": true, "false": false][text.lowercased()] {
                literal = .boolean(flag)
            } else if definition?.type == .dateTime, let instant = Timestamp(dateTime: text) {
                literal = .instant(instant, folded)
            } else {
                literal = .text(folded)
            }
        case .integer(let number): literal = .integer(number)
        case .decimal(let number): literal = .number(number)
        case .boolean(let flag): literal = .boolean(flag)
        default: literal = .null
        }
    }

    /// Whether one of the values fulfils the test; `ne` holds when none is equal.
    func holds(for values: [AttributeValue]) -> Bool {
        if case .null = literal {
            let isAbsent = !values.contains { !$0.isUnassigned }
            return operation == .ne ? !isAbsent : operation == .eq && isAbsent
        }
        if operation == .ne { return !values.contains { holds(.eq, for: $0) } }
        return values.contains { holds(operation, for: $0) }
    }

    private func holds(_ operation: Filter.Operator, for value: AttributeValue) -> Bool {
        switch (literal, value) {
        case (.text(let wanted), .string(let text)):
            return holds(operation, isCaseExact ? text.composed : text.caseFolded, wanted)
        case (.instant(let wanted, let wantedText), .string(let text)):
            if [.co, .sw, .ew].contains(operation) { return holds(operation, text.caseFolded, wantedText) }
            return Timestamp(dateTime: text).map { order(operation, $0, wanted) } ?? false
        case (.integer(let wanted), .integer(let number)): return order(operation, number, wanted)
        case (.integer(let wanted), .decimal(let number)): return order(operation, number, Double(wanted))
        case (.number(let wanted), .integer(let number)): return order(operation, Double(number), wanted)
        case (.number(let wanted), .decimal(let number)): return order(operation, number, wanted)
        case (.boolean(let wanted), .boolean(let flag)): return operation == .eq && flag == wanted
        default: return false
        }
    }

    private func holds(_ operation: Filter.Operator, _ text: String, _ wanted: String) -> Bool {
        switch operation {
        case .co: search?.isFound(in: text) == true
        case .sw: text.utf8.starts(with: wanted.utf8)
        case .ew: text.utf8.reversed().starts(with: wanted.utf8.reversed())
        // Byte order is the order of Unicode scalars, which is also that of an index.
        case .eq: text.utf8.elementsEqual(wanted.utf8)
        case .gt: wanted.utf8.lexicographicallyPrecedes(text.utf8)
        case .lt: text.utf8.lexicographicallyPrecedes(wanted.utf8)
        case .ge: !text.utf8.lexicographicallyPrecedes(wanted.utf8)
        case .le: !wanted.utf8.lexicographicallyPrecedes(text.utf8)
        case .ne: !text.utf8.elementsEqual(wanted.utf8)
        }
    }

    private func order<Value: Comparable>(_ operation: Filter.Operator, _ value: Value, _ wanted: Value) -> Bool {
        switch operation {
        case .eq: value == wanted
        case .ne: value != wanted
        case .gt: value > wanted
        case .ge: value >= wanted
        case .lt: value < wanted
        case .le: value <= wanted
        case .co, .sw, .ew: false
        }
    }
}

extension AttributeValue {
    /// Whether `pr` holds: there is a value, and it is no empty string (RFC 7644 §3.4.2.2).
    fileprivate var isPresent: Bool { !isUnassigned && string != "" }
}
