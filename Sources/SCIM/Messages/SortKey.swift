/// What a resource is sorted by (RFC 7644 §3.4.2.3): the value of one attribute, made ready to be compared.
///
/// Keys compare as the attribute's type says: texts by the Unicode scalars of their folded form, or of the form as it is
/// where the attribute is `caseExact`; dates as instants; numbers as numbers; false before true. A resource without a
/// value comes last when ascending and first when descending, for which the order need only be turned round.
///
/// Keys of one attribute go together; those of different attributes have an order too, but no meaning.
public struct SortKey: Sendable, Hashable {
    enum Value: Sendable, Hashable {
        case boolean(Bool)
        case integer(Int64)
        case decimal(Double)
        case instant(Int64)
        case text(String)
        case none
    }

    let value: Value

    /// The key of `resource`.
    ///
    /// Of a multi-valued attribute the primary value counts, or else the first; of a complex one its `value`.
    public init(of resource: Resource, by attribute: ResolvedAttribute) {
        let holder = attribute.schema.map { resource[$0]?.complex } ?? resource.attributes
        guard let definition = attribute.attribute, var found = holder?[definition.name] else {
            value = .none
            return
        }
        if let values = found.array {
            guard let chosen = values.first(where: { $0["primary"] == true }) ?? values.first else {
                value = .none
                return
            }
            found = chosen
        }
        let leaf = attribute.subAttribute ?? definition.subAttribute("value")
        if case .complex(let map) = found { found = leaf.flatMap { map[$0.name] } ?? .null }
        value = Value(found, leaf ?? definition)
    }

    /// Whether the resource has no value to be sorted by.
    public var isAbsent: Bool { value == .none }
}

extension SortKey.Value {
    init(_ value: AttributeValue, _ definition: AttributeDefinition) {
        switch (definition.type, value) {
        case (.decimal, .integer(let number)): self = .decimal(Double(number))
        case (_, .integer(let number)): self = .integer(number)
        case (_, .decimal(let number)): self = number.isFinite ? .decimal(number) : .none
        case (_, .boolean(let flag)): self = .boolean(flag)
        case (.dateTime, .string(let text)): self = Timestamp(dateTime: text).map { .instant($0.milliseconds) } ?? .none
        case (_, .string(let text)):
            self = text.isEmpty ? .none : .text(definition.isCaseExact ? text.composed : text.caseFolded)
        case (_, .array(let values)): self = values.first.map { Self($0, definition) } ?? .none
        case (_, .null), (_, .complex): self = .none
        }
    }

    /// The place of the kind where kinds differ.
    fileprivate var rank: Int {
        switch self {
        case .boolean: 0
        case .integer: 1
        case .decimal: 2
        case .instant: 3
        case .text: 4
        case .none: 5
        }
    }
}

extension SortKey: Comparable {
    /// Whether `left` comes before `right` when ascending.
    public static func < (left: SortKey, right: SortKey) -> Bool {
        switch (left.value, right.value) {
        case (.boolean(let one), .boolean(let two)): !one && two
        case (.integer(let one), .integer(let two)): one < two
        case (.decimal(let one), .decimal(let two)): one < two
        case (.instant(let one), .instant(let two)): one < two
        // Byte order is the order of Unicode scalars, which is also that of an index.
        case (.text(let one), .text(let two)): one.utf8.lexicographicallyPrecedes(two.utf8)
        case (let one, let two): one.rank < two.rank
        }
    }
}

extension SortKey {
    /// The key as JSON, to be kept in a cursor.
    public var document: AttributeValue {
        switch value {
        case .boolean(let flag): ["b": .boolean(flag)]
        case .integer(let number): ["i": .integer(number)]
        case .decimal(let number): ["d": .decimal(number)]
        case .instant(let milliseconds): ["t": .integer(milliseconds)]
        case .text(let text): ["s": .string(text)]
        case .none: [:]
        }
    }

    /// The key that ``document`` made, or nil when it is none.
    public init?(document: AttributeValue) {
        guard case .complex(let map) = document, map.count <= 1 else { return nil }
        guard let member = map.members.first else {
            value = .none
            return
        }
        switch (member.name, member.value) {
        case ("b", .boolean(let flag)): value = .boolean(flag)
        case ("i", .integer(let number)): value = .integer(number)
        case ("d", .decimal(let number)): value = .decimal(number)
        case ("t", .integer(let milliseconds)): value = .instant(milliseconds)
        case ("s", .string(let text)): value = .text(text)
        default: return nil
        }
    }
}

extension SearchRequest {
    /// The attribute by which resources of `type` are sorted; nil when no order is wanted.
    ///
    /// - Throws: `invalidValue` when the type has no such attribute; when it is complex and has no `value`, so that a
    ///   sub-attribute must be named; and when it is never returned, since the order would tell what it is.
    public func sortAttribute(of type: ResourceType, in registry: SchemaRegistry) throws(SCIMError) -> ResolvedAttribute? {
        guard let sortBy else { return nil }
        guard let resolved = registry.resolve(sortBy, in: type), let attribute = resolved.attribute else {
            throw .invalidValue("sortBy: \(type.name) has no attribute '\(sortBy)'")
        }
        let leaf = resolved.subAttribute ?? attribute.subAttribute("value") ?? attribute
        guard leaf.type != .complex else {
            let names = leaf.subAttributes.map { "\(attribute.name).\($0.name)" }.joined(separator: ", ")
            throw .invalidValue("sortBy: '\(sortBy)' is complex; name one of its parts: \(names)")
        }
        guard [attribute, leaf].allSatisfy({ $0.returned != .never && $0.mutability != .writeOnly }) else {
            throw .invalidValue("sortBy: '\(sortBy)' is never returned, so nothing is sorted by it")
        }
        return resolved
    }
}
