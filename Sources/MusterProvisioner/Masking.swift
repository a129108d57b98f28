package import SCIM

extension AttributeValue {
    /// What stands for a value that is shown to nobody.
    static let mask = "***"

    /// The value with a mask for each password: a template, a rule or a plugin's map may set one in what a target is sent.
    package var masked: AttributeValue {
        switch self {
        case .array(let elements): .array(elements.map(\.masked))
        case .complex(let map):
            .complex(
                AttributeMap(
                    map.members.map { member in
                        let isSecret =
                            Self.isSecret(member.name) || member.name.isSameName(as: "value") && Self.isSecret(map["path"]?.string)
                        return .init(name: member.name, value: isSecret && member.value != .null ? .string(Self.mask) : member.value.masked)
                    }))
        default: self
        }
    }

    /// The value as it is shown where it stands at a path.
    func masked(at path: String) -> AttributeValue { Self.isSecret(path) && self != .null ? .string(Self.mask) : masked }

    /// Whether a name or a path names a password.
    static func isSecret(_ name: String?) -> Bool {
        guard let last = name?.split(whereSeparator: { $0 == "." || $0 == ":" }).last else { return false }
        return String(last).isSameName(as: "password")
    }
}
