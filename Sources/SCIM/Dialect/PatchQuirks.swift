/// What clients write in PATCH messages that RFC 7644 has not, and what they mean by it; one pure function for each.
public enum PatchQuirks {
    /// The operation that is meant by `name`: Entra ID capitalises it.
    public static func kind(_ name: String) -> PatchOperation.Kind? {
        PatchOperation.Kind.allCases.first { $0.rawValue.isSameName(as: name) }
    }

    /// JSON written as text where an object is wanted, or as the value of a role: Entra ID sends app roles so, as
    /// `{"value": "{\"value\": \"Admin\", \"displayName\": …}"}`. Anything else stays as it is.
    public static func unquoted(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        guard definition.type == .complex else { return value }
        let isRole = definition.isMultiValued && definition.name == "roles"
        func unquotedOne(_ value: AttributeValue) -> AttributeValue {
            guard isRole, let inner = value["value"], let role = parsed(inner) else { return parsed(value) ?? value }
            return appRole(role, in: value)
        }
        switch parsed(value) ?? value {
        case .array(let values): return .array(values.map(unquotedOne))
        case let value: return unquotedOne(value)
        }
    }

    /// The object or array that `value` holds as text, or nil when it is no such text.
    private static func parsed(_ value: AttributeValue) -> AttributeValue? {
        guard let text = value.string, let first = text.utf8.first, "{[".utf8.contains(first) else { return nil }
        return try? AttributeValue(json: text)
    }

    /// A role as RFC 7643 §4.1.2 has it, from Entra ID's app role inside the element that carried it.
    private static func appRole(_ role: AttributeValue, in element: AttributeValue) -> AttributeValue {
        guard let named = role["value"], named.string != nil, var map = element.complex else { return element }
        map["value"] = named
        if map["display"] == nil, let display = role["display"] ?? role["displayName"] { map["display"] = display }
        return .complex(map)
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
