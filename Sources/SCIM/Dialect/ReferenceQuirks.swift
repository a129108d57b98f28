extension Quirk {
    static let ofReferences: [Quirk] = [looseReference, managerAsString, managerIDOfSCIM1]

    /// `"profileUrl": "www.example.com/ada"`.
    public static let looseReference = Quirk(
        "loose-reference", "A reference that is no URI, or has no scheme where it leads to another site, is kept as it is.",
        clients: ["mappings"])
    /// `"manager": "42"` for `"manager": {"value": "42"}`.
    public static let managerAsString = Quirk(
        "manager-as-string", "A bare string as the manager is taken for the manager's id.", clients: ["entra", "mappings"])
    /// `"manager": {"managerId": "42"}` for `"manager": {"value": "42"}`.
    public static let managerIDOfSCIM1 = Quirk(
        "manager-id-of-scim-1", "`managerId`, as SCIM 1.1 has it, is taken for the `value` of the manager.",
        clients: ["onelogin", "mappings"])
}

/// What clients write about a user's manager that RFC 7643 §4.3 has not, and what they mean by it.
enum ManagerQuirks {
    /// Whether a value means that there is no manager: Entra ID writes `""`, bare or as `value`.
    static func isNobody(_ value: AttributeValue) -> Bool {
        value.string == "" || value["value"]?.string == ""
    }

    /// The value with `managerId` under the name `value`, or nil when it has a `value` already or none to rename.
    static func renamed(_ value: AttributeValue) -> AttributeValue? {
        guard case .complex(var map) = value, map["value"] == nil, let id = map["managerId"] else { return nil }
        map["managerId"] = nil
        map["value"] = id
        return .complex(map)
    }
}
