import Foundation

/// A JSON value that knows nothing of SCIM: what the reference works on, read and written by Foundation.
indirect enum ReferenceValue: Hashable, Sendable {
    case null
    case boolean(Bool)
    case string(String)
    case array([ReferenceValue])
    case object([String: ReferenceValue])

    /// The members of an object; nil for everything else.
    var object: [String: ReferenceValue]? { if case .object(let members) = self { members } else { nil } }

    /// The elements of an array; nil for everything else.
    var array: [ReferenceValue]? { if case .array(let elements) = self { elements } else { nil } }

    /// The text of a string; nil for everything else.
    var string: String? { if case .string(let text) = self { text } else { nil } }

    /// The member `name`, in exactly this case.
    subscript(name: String) -> ReferenceValue? { object?[name] }

    /// The value as a JSON document, names in order.
    var text: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return "" }
        return String(decoding: data, as: UTF8.self)
    }

    /// Reads a document without numbers.
    init(text: String) throws { self = try JSONDecoder().decode(ReferenceValue.self, from: Data(text.utf8)) }
}

extension ReferenceValue: Codable {
    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let text = try? container.decode(String.self) {
            self = .string(text)
        } else if let elements = try? container.decode([ReferenceValue].self) {
            self = .array(elements)
        } else {
            self = .object(try container.decode([String: ReferenceValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let flag): try container.encode(flag)
        case .string(let text): try container.encode(text)
        case .array(let elements): try container.encode(elements)
        case .object(let members): try container.encode(members)
        }
    }
}

extension ReferenceValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .boolean(value) }
    init(arrayLiteral elements: ReferenceValue...) { self = .array(elements) }
    init(dictionaryLiteral elements: (String, ReferenceValue)...) {
        self = .object(Dictionary(elements) { first, _ in first })
    }
}
