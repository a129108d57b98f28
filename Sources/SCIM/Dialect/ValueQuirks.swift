extension Quirk {
    static let ofValues: [Quirk] = [
        booleanAsString, loneValueForArray, arrayForLoneValue, bareValueForObject, emptyStringIsUnassigned, emptyPassword,
        jsonInText, unknownAttributes,
    ]

    /// `"True"` for `true`.
    public static let booleanAsString = Quirk(
        "boolean-as-string", "The strings \"true\" and \"false\", in any case, are taken for booleans where the schema wants one.",
        clients: ["entra", "mappings"])
    /// `"emails": {…}` for `"emails": [{…}]`.
    public static let loneValueForArray = Quirk(
        "lone-value-for-array", "One value alone is taken for an array of it where the attribute is multi-valued.",
        clients: ["onelogin", "mappings"])
    /// `"title": ["T"]` for `"title": "T"` in PATCH.
    public static let arrayForLoneValue = Quirk(
        "array-for-lone-value", "In PATCH, an array of one value is taken for that value where the attribute has only one.",
        clients: ["entra"])
    /// `"emails": ["a@example.com"]` for `"emails": [{"value": "a@example.com"}]`.
    public static let bareValueForObject = Quirk(
        "bare-value-for-object", "A bare string is taken for the `value` of a complex attribute, such as an address or a member.",
        clients: ["mappings"])
    /// `"manager": ""` for no manager, `"profileUrl": ""` for no page.
    public static let emptyStringIsUnassigned = Quirk(
        "empty-string-is-unassigned",
        "An empty string is taken for null as a complex value, a reference, or the id of a manager.",
        clients: ["entra", "okta", "mappings"])
    /// `"password": ""`.
    public static let emptyPassword = Quirk(
        "empty-password", "An empty string as a password is taken for none given; the one that is kept stays.",
        clients: ["mappings"])
    /// `"value": "{\"value\": \"Admin\"}"` for `"value": {"value": "Admin"}` in PATCH.
    public static let jsonInText = Quirk(
        "json-in-text", "In PATCH, JSON written as text is taken for the object or array where one is wanted, and as an app role.",
        clients: ["entra"])
    /// An attribute that no schema has.
    public static let unknownAttributes = Quirk(
        "unknown-attributes", "Attributes and sub-attributes that no schema has are dropped, except in the paths of PATCH.",
        clients: ["onelogin", "google", "entra", "mappings"])
}

/// What clients write as values that RFC 7643 has not, and what they mean by it; one pure function for each.
enum ValueQuirks {
    /// The boolean that a text says, or nil.
    static func boolean(_ text: String) -> Bool? {
        if text.isSameName(as: "true") { return true }
        return text.isSameName(as: "false") ? false : nil
    }
}
