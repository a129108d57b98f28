/// What clients write in PATCH messages that RFC 7644 has not, and what they mean by it; one pure function for each.
public enum PatchQuirks {
    /// The operation that is meant by `name`: Entra ID capitalises it.
    public static func kind(_ name: String) -> PatchOperation.Kind? {
        PatchOperation.Kind.allCases.first { $0.rawValue.isSameName(as: name) }
    }

    /// JSON written as text where an object is wanted, or as the value of a role: Entra ID sends app roles so, as
    /// `{"value": "{\"value\": \"Admin\", \"displayName\": …}"}`. Anything else stays as it is.
    public static func unquoted(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        unquotedText(value, for: definition) ?? value
    }

    /// The same, or nil where nothing is written as text.
    static func unquotedText(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue? {
        guard definition.type == .complex else { return nil }
        let isRole = definition.isMultiValued && definition.name == "roles"
        func unquotedOne(_ value: AttributeValue) -> AttributeValue? {
            guard isRole, let inner = value["value"], let role = parsed(inner) else { return parsed(value) }
            return appRole(role, in: value)
        }
        let whole = parsed(value)
        guard case .array(let values) = whole ?? value else { return unquotedOne(whole ?? value) ?? whole }
        var (unquoted, isAny) = ([AttributeValue](), whole != nil)
        unquoted.reserveCapacity(values.count)
        for value in values {
            let meant = unquotedOne(value)
            isAny = isAny || meant != nil
            unquoted.append(meant ?? value)
        }
        guard isAny else { return nil }
        return .array(unquoted)
    }

    /// The object or array that `value` holds as text, or nil when it is no such text.
    private static func parsed(_ value: AttributeValue) -> AttributeValue? {
        guard let text = value.string, let first = text.utf8.first, "{[".utf8.contains(first) else { return nil }
        return try? AttributeValue(json: text)
    }

    /// A role as RFC 7643 §4.1.2 has it, from Entra ID's app role inside the element that carried it.
    private static func appRole(_ role: AttributeValue, in element: AttributeValue) -> AttributeValue? {
        guard let named = role["value"], named.string != nil, var map = element.complex else { return nil }
        map["value"] = named
        if map["display"] == nil, let display = role["display"] ?? role["displayName"] { map["display"] = display }
        return .complex(map)
    }

    /// The value of an attribute that has only one, which some clients wrap in an array.
    public static func unwrapped(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue {
        wrappedOne(value, for: definition) ?? value
    }

    /// The same, or nil where nothing is wrapped.
    static func wrappedOne(_ value: AttributeValue, for definition: AttributeDefinition) -> AttributeValue? {
        guard !definition.isMultiValued, case .array(let values) = value, values.count == 1 else { return nil }
        return values[0]
    }

    /// Whether a filter in brackets compares a boolean sub-attribute with a string: `roles[primary eq "True"]` (Entra ID).
    static func comparesBooleanWithText(_ filter: Filter, within attribute: AttributeDefinition) -> Bool {
        switch filter {
        case .comparison(let path, _, .string):
            path.attribute.flatMap { attribute.subAttribute($0) }?.type == .boolean
        case .and(let filters), .or(let filters): filters.contains { comparesBooleanWithText($0, within: attribute) }
        case .not(let filter): comparesBooleanWithText(filter, within: attribute)
        case .comparison, .present, .valuePath: false
        }
    }
}
