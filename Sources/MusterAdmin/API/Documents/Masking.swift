import SCIM

extension AttributeValue {
    /// What stands for a value that is shown to nobody.
    static let mask: AttributeValue = "***"

    /// The value with a mask for each password: a plugin's map may set one in what a target is sent.
    var masked: AttributeValue {
        switch self {
        case .array(let elements): .array(elements.map(\.masked))
        case .complex(let map):
            .complex(
                AttributeMap(
                    map.members.map { member in
                        let isSecret =
                            Self.isSecret(member.name) || member.name.isSameName(as: "value") && Self.isSecret(map["path"]?.string)
                        return .init(name: member.name, value: isSecret && member.value != .null ? .mask : member.value.masked)
                    }))
        default: self
        }
    }

    /// Whether a name or a PATCH path names a password.
    private static func isSecret(_ name: String?) -> Bool {
        guard let last = name?.split(whereSeparator: { $0 == "." || $0 == ":" }).last else { return false }
        return String(last).isSameName(as: "password")
    }
}
