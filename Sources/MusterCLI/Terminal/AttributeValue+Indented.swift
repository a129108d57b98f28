import SCIM

extension AttributeValue {
    /// The value as JSON over several lines, for a person to read or to edit.
    var indentedText: String { indented(by: 0) }

    private func indented(by depth: Int) -> String {
        let (inner, outer) = (String(repeating: "  ", count: depth + 1), String(repeating: "  ", count: depth))
        switch self {
        case .complex(let map) where !map.isEmpty:
            let lines = map.members.map { "\(inner)\(AttributeValue.string($0.name).jsonText): \($0.value.indented(by: depth + 1))" }
            return "{\n" + lines.joined(separator: ",\n") + "\n\(outer)}"
        case .array(let values) where values.contains(where: { $0.complex != nil || $0.array != nil }):
            return "[\n" + values.map { inner + $0.indented(by: depth + 1) }.joined(separator: ",\n") + "\n\(outer)]"
        default: return jsonText
        }
    }
}
