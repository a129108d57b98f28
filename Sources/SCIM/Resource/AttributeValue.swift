/// A value of an attribute (RFC 7643 §2.3), and at the same time any JSON value (RFC 8259 §3).
///
/// Integers that fit 64 bits stay exact; every other number is a `decimal`. `null` stands for "unassigned"
/// (RFC 7643 §2.5) in what clients send and never occurs in a stored resource.
public enum AttributeValue: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case decimal(Double)
    case string(String)
    case array([AttributeValue])
    case complex(AttributeMap)
}

extension AttributeValue {
    /// The string, or nil when this is no string.
    public var string: String? { if case .string(let value) = self { value } else { nil } }

    /// The boolean, or nil when this is no boolean.
    public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }

    /// The integer, or nil when this is no integer.
    public var integer: Int64? { if case .integer(let value) = self { value } else { nil } }

    /// The elements, or nil when this is no array.
    public var array: [AttributeValue]? { if case .array(let value) = self { value } else { nil } }

    /// The sub-attributes, or nil when this is no complex value.
    public var complex: AttributeMap? { if case .complex(let value) = self { value } else { nil } }

    /// Whether the attribute counts as unassigned: null, an empty array or an empty object (RFC 7643 §2.5).
    public var isUnassigned: Bool {
        switch self {
        case .null: true
        case .array(let values): values.isEmpty
        case .complex(let map): map.isEmpty
        default: false
        }
    }

    /// The value of the sub-attribute `name`, found without regard to case, or nil.
    public subscript(name: String) -> AttributeValue? { complex?[name] }
}

extension AttributeValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
    ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    /// Creates a string.
    public init(stringLiteral value: String) { self = .string(value) }
    /// Creates a boolean.
    public init(booleanLiteral value: Bool) { self = .boolean(value) }
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self = .integer(value) }
    /// Creates a decimal.
    public init(floatLiteral value: Double) { self = .decimal(value) }
    /// Creates an array.
    public init(arrayLiteral elements: AttributeValue...) { self = .array(elements) }
    /// Creates a complex value.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) {
        self = .complex(AttributeMap(elements.map { .init(name: $0.0, value: $0.1) }))
    }
    /// Creates null.
    public init(nilLiteral: ()) { self = .null }
}
