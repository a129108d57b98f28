public import SCIM

/// One attribute whose value differs between two versions of a resource.
public struct AttributeChange: Sendable, Hashable {
    /// The path: `title`, `name.familyName`, or `urn:…:User:department` for an extension's attribute. Multi-valued
    /// attributes change as a whole.
    public var path: String
    /// The value before; nil when there was none.
    public var from: AttributeValue?
    /// The value after; nil when there is none.
    public var to: AttributeValue?

    /// Creates a value.
    public init(path: String, from: AttributeValue?, to: AttributeValue?) {
        self.path = path
        self.from = from
        self.to = to
    }

    /// The differences between two versions of a resource, leaving out `id`, `schemas` and `meta`; nil stands for a
    /// resource that is not there.
    public static func between(_ before: Resource?, _ after: Resource?) -> [AttributeChange] {
        let ignored = ["id", "schemas", "meta"]
        func isCompared(_ name: String) -> Bool { !ignored.contains { $0.isSameName(as: name) } }
        return differences(before?.attributes ?? [:], after?.attributes ?? [:], prefix: "", isCompared)
    }

    private static func differences(
        _ before: AttributeMap, _ after: AttributeMap, prefix: String, _ isCompared: (String) -> Bool
    ) -> [AttributeChange] {
        var found: [AttributeChange] = []
        func compare(_ name: String, _ from: AttributeValue?, _ to: AttributeValue?) {
            guard isCompared(name), from != to else { return }
            let path = prefix + name
            if (from ?? .null).complex != nil || (to ?? .null).complex != nil {
                let inner = name.contains(":") ? ":" : "."
                let (old, new) = (from?.complex ?? [:], to?.complex ?? [:])
                found += differences(old, new, prefix: path + inner) { _ in true }
            } else {
                found.append(AttributeChange(path: path, from: from, to: to))
            }
        }
        for member in before.members { compare(member.name, member.value, after[member.name]) }
        for member in after.members where before[member.name] == nil { compare(member.name, nil, member.value) }
        return found
    }
}
