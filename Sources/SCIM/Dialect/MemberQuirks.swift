/// What clients write as the members of a group that RFC 7644 has not, and what they mean by it.
enum MemberQuirks {
    /// The ids in the value of an operation on `members`, in order, none twice: of objects with `value`, of bare ids, of
    /// one alone, or of Salesforce's `{"members": […]}`.
    /// - Throws: `invalidValue` when one has no id, or is written in a way that the dialect does not have.
    static func ids(
        _ value: AttributeValue, of kind: PatchOperation.Kind, hasFilter: Bool, _ reading: inout DialectReading
    ) throws(SCIMError) -> [String] {
        // A remove with a value is a quirk in each spelling; it was met when the operation was expanded.
        let isRemove = kind == .remove
        var listed = value
        if let inner = value["members"] {
            if !isRemove {
                try reading.meet(.membersInMembers, else: .invalidValue("members: an array of members is wanted, not an object"))
            }
            listed = inner
        }
        if listed.isUnassigned { return [] }
        let elements: [AttributeValue]
        if case .array(let values) = listed {
            elements = values
        } else {
            // One value may be added alone (RFC 7644 §3.5.2.1), or stand for the one that a filter names (§3.5.2.3).
            if kind == .replace, !hasFilter {
                try reading.meet(.loneValueForArray, else: .invalidValue("members: an array of members is wanted"))
            }
            elements = [listed]
        }
        var (ids, seen, isBareMet) = ([String](), Set<String>(), isRemove)
        ids.reserveCapacity(elements.count)
        for element in elements {
            let bare = element.string
            guard let id = bare ?? element["value"]?.string, !id.isEmpty else {
                throw .invalidValue("members: each member needs the id of a user or group as its value")
            }
            if bare != nil, !isBareMet {
                try reading.meet(.bareValueForObject, else: .invalidValue("members: an object with the member's id as its value is wanted"))
                isBareMet = true
            }
            if seen.insert(id).inserted { ids.append(id) }
        }
        return ids
    }
}
