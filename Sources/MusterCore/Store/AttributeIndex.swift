public import SCIM

/// Which attributes of which resource types have index entries, and how their values are written there.
public struct AttributeIndex: Sendable {
    /// One indexed attribute of a resource type.
    public struct Attribute: Sendable, Hashable {
        /// How values are compared.
        public enum Comparison: String, Sendable, Hashable {
            /// Strings after case folding and NFC.
            case folded
            /// Strings after NFC.
            case exact
            /// Integers and decimals.
            case number
            /// `dateTime`, as milliseconds.
            case time
            /// Booleans, as 0 and 1.
            case boolean
        }

        /// The canonical name: `userName`, `emails.value`, `urn:…:enterprise:2.0:User:department`.
        public var name: String
        /// The schema URN when the attribute is an extension's, else nil.
        public var schema: String?
        /// The attribute.
        public var attribute: String
        /// The sub-attribute, or nil.
        public var subAttribute: String?
        /// How values are compared.
        public var comparison: Comparison
        /// Whether two resources of the type may not have the same value.
        public var isUnique: Bool
        /// Whether a resource has one value at most, so that a search can be sorted by it.
        public var isSingleValued: Bool

        /// Creates a value.
        public init(
            name: String, schema: String?, attribute: String, subAttribute: String?, comparison: Comparison, isUnique: Bool,
            isSingleValued: Bool = false
        ) {
            self.name = name
            self.schema = schema
            self.attribute = attribute
            self.subAttribute = subAttribute
            self.comparison = comparison
            self.isUnique = isUnique
            self.isSingleValued = isSingleValued
        }
    }

    /// The indexed attributes by the name of the resource type.
    public let attributes: [String: [Attribute]]
    /// Gives names in filters their meaning.
    public let registry: SchemaRegistry

    /// Creates an index description.
    public init(attributes: [String: [Attribute]], registry: SchemaRegistry = .standard) {
        self.attributes = attributes
        self.registry = registry
    }
}

/// A value as it stands in the index.
public enum IndexValue: Sendable, Hashable {
    case text(String)
    case integer(Int64)
    case real(Double)
}

extension IndexValue {
    /// Whether this value comes first in ascending order: numbers before texts, numbers by size whatever their type,
    /// texts by their bytes in UTF-8.
    public func precedes(_ other: IndexValue) -> Bool {
        switch (self, other) {
        case (.integer(let left), .integer(let right)): left < right
        case (.real(let left), .real(let right)): left < right
        case (.integer(let left), .real(let right)): left.precedes(right)
        case (.real(let left), .integer(let right)): left.precedes(right)
        case (.text(let left), .text(let right)): left.utf8.lexicographicallyPrecedes(right.utf8)
        case (.text, _): false
        case (_, .text): true
        }
    }
}

extension Int64 {
    /// Whether it is less than `other`; exact, where a conversion to Double would round.
    fileprivate func precedes(_ other: Double) -> Bool {
        if other >= 0x1p63 { return true }
        guard other >= -0x1p63 else { return false }
        let whole = Int64(other.rounded(.down))
        return self < whole || (self == whole && Double(whole) < other)
    }
}

extension Double {
    /// Whether it is less than `other`; exact, where a conversion to Double would round.
    fileprivate func precedes(_ other: Int64) -> Bool {
        if self >= 0x1p63 { return false }
        guard self >= -0x1p63 else { return true }
        return Int64(rounded(.down)) < other
    }
}

/// One row of the index: a resource has this value at this attribute.
public struct IndexEntry: Sendable, Hashable {
    /// The attribute's canonical name, see ``AttributeIndex/Attribute/name``.
    public var attribute: String
    /// The value in the form in which it is compared; nil where a resource has none at an attribute with one value at
    /// most, so that it has its place when a search is sorted by it.
    public var value: IndexValue?
    /// Whether the store refuses a second resource of the type and tenant with the same value.
    public var isUnique: Bool

    /// Creates an entry.
    public init(attribute: String, value: IndexValue?, isUnique: Bool) {
        self.attribute = attribute
        self.value = value
        self.isUnique = isUnique
    }
}
