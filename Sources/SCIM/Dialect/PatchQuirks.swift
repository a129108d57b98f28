/// What clients write in PATCH messages that RFC 7644 has not, and what they mean by it; one pure function for each.
public enum PatchQuirks {
    /// The operation that is meant by `name`: Entra ID capitalises it.
    public static func kind(_ name: String) -> PatchOperation.Kind? {
        PatchOperation.Kind.allCases.first { $0.rawValue.isSameName(as: name) }
    }

    /// JSON written as text where an object is wanted: Entra ID sends app roles so. Anything else stays as it is.
    public static func unquoted(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        if definition.type == .complex, case .array(let values) = value {
            return .array(values.map { unquotedOne($0) })
        }
        return definition.type == .complex ? unquotedOne(value) : value
    }

    private static func unquotedOne(_ value: AttributeValue) -> AttributeValue {
        guard let text = value.string, let first = text.utf8.first, "{[".utf8.contains(first),
            let parsed = try? AttributeValue(json: Array(text.utf8))
        else { return value }
        return parsed
    }

    /// The value of an attribute that has only one, which some clients wrap in an array.
    public static func unwrapped(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        guard !definition.isMultiValued, case .array(let values) = value, values.count == 1 else { return value }
        return values[0]
    }

    /// The members that a value lists: objects with `value`, bare ids, one alone, or Salesforce's `{"members": […]}`.
    /// - Throws: `invalidValue` when one has no id.
    public static func memberIDs(_ value: AttributeValue) throws(SCIMError) -> [String] {
        let listed = value["members"] ?? value
        var ids: [String] = []
        var seen: Set<String> = []
        for element in listed.array ?? (listed.isUnassigned ? [] : [listed]) {
            guard let id = element.string ?? element["value"]?.string, !id.isEmpty else {
                throw .invalidValue("members: each member needs the id of a user or group as its value")
            }
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }
}
