/// One operation of a PATCH request, as the generator makes it and the reference understands it.
struct PatchStep: Sendable {
    enum Kind: String, Sendable, CaseIterable { case add, replace, remove }

    /// Where an operation takes place (RFC 7644 §3.5.2, `PATH`).
    struct Target: Sendable {
        /// Whether the attribute is one of the enterprise extension.
        var isExtension = false
        /// The attribute, as its schema spells it; nil for the extension as a whole.
        var attribute: String?
        /// Which values are meant.
        var condition: Condition?
        /// The sub-attribute, as its schema spells it.
        var part: String?
    }

    /// A filter in brackets.
    indirect enum Condition: Sendable {
        case equals(String, ReferenceValue)
        case differs(String, ReferenceValue)
        case starts(String, String)
        case contains(String, String)
        case present(String)
        case both(Condition, Condition)
        case either(Condition, Condition)
        case not(Condition)
    }

    var kind: Kind
    var target: Target?
    var value: ReferenceValue?
    /// Whether names in the path are written in capitals.
    var isShouted = false
}

extension PatchStep {
    /// The operation as it stands in the message.
    var json: ReferenceValue {
        var members: [String: ReferenceValue] = ["op": .string(kind.rawValue)]
        if let target { members["path"] = .string(target.text(isShouted: isShouted)) }
        if let value { members["value"] = value }
        return .object(members)
    }

    /// The message that holds the operations.
    static func message(_ steps: [PatchStep]) -> ReferenceValue {
        ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": .array(steps.map(\.json))]
    }
}

extension PatchStep.Target {
    /// The path.
    func text(isShouted: Bool = false) -> String {
        var text = attribute.map { isShouted ? $0.uppercased() : $0 } ?? ""
        if let condition { text += "[\(condition.text)]" }
        if let part { text += "." + (isShouted ? part.uppercased() : part) }
        guard isExtension else { return text }
        return text.isEmpty ? PatchReference.extensionURN : PatchReference.extensionURN + ":" + text
    }
}

extension PatchStep.Condition {
    /// The filter.
    var text: String {
        switch self {
        case .equals(let name, let value): "\(name) eq \(value.text)"
        case .differs(let name, let value): "\(name) ne \(value.text)"
        case .starts(let name, let text): "\(name) sw \"\(text)\""
        case .contains(let name, let text): "\(name) co \"\(text)\""
        case .present(let name): "\(name) pr"
        case .both(let left, let right): "(\(left.text)) and (\(right.text))"
        case .either(let left, let right): "\(left.text) or \(right.text)"
        case .not(let inner): "not (\(inner.text))"
        }
    }

    /// Whether a value fulfils it (RFC 7644 §3.4.2.2). Strings compare without case; what does not say that it is primary
    /// is not.
    func holds(for value: [String: ReferenceValue]) -> Bool {
        func text(_ name: String) -> String? { value[name]?.string?.lowercased() }
        switch self {
        case .equals(let name, .boolean(let wanted)): return (value[name] ?? false) == .boolean(wanted)
        case .equals(let name, let wanted): return text(name) != nil && text(name) == wanted.string?.lowercased()
        case .differs(let name, let wanted): return !Self.equals(name, wanted).holds(for: value)
        case .starts(let name, let wanted): return text(name)?.hasPrefix(wanted.lowercased()) ?? false
        case .contains(let name, let wanted): return text(name)?.contains(wanted.lowercased()) ?? false
        case .present(let name): return value[name] != nil
        case .both(let left, let right): return left.holds(for: value) && right.holds(for: value)
        case .either(let left, let right): return left.holds(for: value) || right.holds(for: value)
        case .not(let inner): return !inner.holds(for: value)
        }
    }

    /// The sub-attributes that a value must have, where the condition is made of `eq` and `and` only; else nil.
    var described: [String: ReferenceValue]? {
        switch self {
        case .equals(let name, let value): return [name: value]
        case .both(let left, let right):
            guard let left = left.described, let right = right.described else { return nil }
            return left.merging(right) { _, last in last }
        default: return nil
        }
    }
}
