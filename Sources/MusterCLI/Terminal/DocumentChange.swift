import SCIM

/// What becomes of a document, line by line.
enum DocumentChange {
    /// One line for each value that differs, such as `title: "Clerk" → "Engineer"`; values that come or go stand beside `nothing`.
    static func lines(from before: AttributeValue?, to after: AttributeValue?) -> [String] {
        let (old, new) = (leaves(before), leaves(after))
        let paths = old.map(\.path) + new.map(\.path).filter { path in !old.contains { $0.path == path } }
        return paths.compactMap { path in
            let (left, right) = (old.first { $0.path == path }?.text, new.first { $0.path == path }?.text)
            return left == right ? nil : "\(path): \(left ?? "nothing") → \(right ?? "nothing")"
        }
    }

    private static func leaves(_ value: AttributeValue?, at path: String = "") -> [(path: String, text: String)] {
        switch value {
        case nil: []
        case .complex(let map)? where !map.isEmpty:
            map.members.flatMap { leaves($0.value, at: path.isEmpty ? $0.name : path + ($0.name.hasPrefix("urn:") ? ":" : ".") + $0.name) }
        case .array(let values)? where values.contains(where: { $0.complex != nil }):
            values.enumerated().flatMap { leaves($0.element, at: "\(path)[\($0.offset)]") }
        case let value?: [(path, value.jsonText)]
        }
    }
}
