import Foundation

/// JSON as it is, without any meaning that SCIM gives to it.
enum PlainJSON: Decodable, Sendable, Hashable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([PlainJSON])
    case object([String: PlainJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let number = try? container.decode(Double.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([PlainJSON].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: PlainJSON].self))
        }
    }

    init(_ bytes: [UInt8]) throws { self = try JSONDecoder().decode(PlainJSON.self, from: Data(bytes)) }

    /// The member of an object with this name, whose case does not matter (RFC 7643 §2.1).
    subscript(_ name: String) -> PlainJSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.lowercased() == name.lowercased() }?.value
    }

    /// The elements of an array; anything else is its own single element, and null is none.
    var elements: [PlainJSON] {
        switch self {
        case .array(let elements): elements
        case .null: []
        default: [self]
        }
    }

    var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var flag: Bool? {
        guard case .boolean(let flag) = self else { return nil }
        return flag
    }

    /// Whether there is anything in it: RFC 7643 §2.5 has null and the empty array as no value at all, and `pr`
    /// (RFC 7644 §3.4.2.2 Table 3) wants something that is not empty.
    var isEmpty: Bool {
        switch self {
        case .null: true
        case .string(let text): text.isEmpty
        case .array(let elements): elements.allSatisfy(\.isEmpty)
        case .object(let members): members.values.allSatisfy(\.isEmpty)
        case .boolean, .number: false
        }
    }
}
