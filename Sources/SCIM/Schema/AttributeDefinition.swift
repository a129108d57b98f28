/// The data type of an attribute (RFC 7643 §2.3, §7).
public enum AttributeType: String, Sendable, Hashable, CaseIterable {
    case string, boolean, decimal, integer, dateTime, binary, reference, complex
}

/// Who may change an attribute, and when (RFC 7643 §7).
public enum Mutability: String, Sendable, Hashable, CaseIterable {
    case readOnly, readWrite, immutable, writeOnly
}

/// When an attribute is part of an answer (RFC 7643 §7).
public enum Returned: String, Sendable, Hashable, CaseIterable {
    case always, never, `default`, request
}

/// Where the value of an attribute may occur only once (RFC 7643 §7).
public enum Uniqueness: String, Sendable, Hashable, CaseIterable {
    case none, server, global
}

/// The definition of an attribute with all its characteristics (RFC 7643 §7); the defaults are those of §2.2.
public struct AttributeDefinition: Sendable, Hashable {
    /// The name, in the case in which answers carry it.
    public var name: String
    /// The data type.
    public var type: AttributeType
    /// Whether the attribute holds an array of values.
    public var isMultiValued: Bool
    /// What the attribute means, for a person.
    public var description: String
    /// Whether a resource must have a value.
    public var isRequired: Bool
    /// Suggested values; others are accepted, unless ``isClosed``.
    public var canonicalValues: [String]
    /// Whether other values than the canonical ones are refused, which RFC 7643 §2.3.1 leaves to the service provider.
    public var isClosed: Bool
    /// Whether strings compare with regard to case.
    public var isCaseExact: Bool
    /// Who may change it.
    public var mutability: Mutability
    /// When it is returned.
    public var returned: Returned
    /// Where its value is unique.
    public var uniqueness: Uniqueness
    /// For references: the resource types, `external` or `uri`.
    public var referenceTypes: [String]
    /// For complex attributes: their parts.
    public var subAttributes: [AttributeDefinition]

    /// Creates a definition.
    public init(
        _ name: String,
        _ type: AttributeType = .string,
        isMultiValued: Bool = false,
        description: String = "",
        isRequired: Bool = false,
        canonicalValues: [String] = [],
        isClosed: Bool = false,
        isCaseExact: Bool = false,
        mutability: Mutability = .readWrite,
        returned: Returned = .default,
        uniqueness: Uniqueness = .none,
        referenceTypes: [String] = [],
        subAttributes: [AttributeDefinition] = []
    ) {
        self.name = name
        self.type = type
        self.isMultiValued = isMultiValued
        self.description = description
        self.isRequired = isRequired
        self.canonicalValues = canonicalValues
        self.isClosed = isClosed
        self.isCaseExact = isCaseExact
        self.mutability = mutability
        self.returned = returned
        self.uniqueness = uniqueness
        self.referenceTypes = referenceTypes
        self.subAttributes = subAttributes
    }

    /// The sub-attribute `name`, found without regard to case, or nil.
    public func subAttribute(_ name: String) -> AttributeDefinition? {
        subAttributes.first { $0.name.isSameName(as: name) }
    }

    /// The canonical value that `text` is, in the spelling of the schema; nil when it is none.
    public func canonicalValue(_ text: String) -> String? {
        canonicalValues.first { isCaseExact ? $0 == text : $0.caseFolded == text.caseFolded }
    }
}
