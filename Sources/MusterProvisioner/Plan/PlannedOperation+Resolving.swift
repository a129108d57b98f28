import SCIM

extension PlannedOperation {
    /// The operation with real ids in the place of those that earlier operations of the plan make.
    /// - Parameters:
    ///   - user: The account's id; nil while there is none.
    ///   - group: The id of the group that the operation before made.
    func resolved(user: String?, group: String?) -> PlannedOperation {
        var names: [String: String] = [:]
        names[Self.newID] = user
        names[Self.newGroupID] = group
        var operation = self
        operation.remoteID = remoteID.map { names[$0] ?? $0 } ?? (kind == .createUser ? user : nil)
        for (name, id) in names { operation.path.replace(name, with: id.pathSegment) }
        operation.body = body?.replacing(names)
        return operation
    }
}

extension AttributeValue {
    /// The value with other texts in the place of those that are exactly one of the names, or name one in a filter.
    fileprivate func replacing(_ names: [String: String]) -> AttributeValue {
        switch self {
        case .string(let text):
            if let replacement = names[text] { return .string(replacement) }
            let quoted = names.reduce(text) { $0.replacing("\"\($1.key)\"", with: "\"\($1.value)\"") }
            return .string(quoted)
        case .array(let elements): return .array(elements.map { $0.replacing(names) })
        case .complex(let map):
            return .complex(AttributeMap(map.members.map { .init(name: $0.name, value: $0.value.replacing(names)) }))
        default: return self
        }
    }
}

extension String {
    /// The text as one segment of a URL's path, or as a value in its query.
    var pathSegment: String {
        var encoded = ""
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"):
                encoded.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                encoded += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
        return encoded
    }
}
