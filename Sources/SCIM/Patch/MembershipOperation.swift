/// What a PATCH does to the members of a group; ids in the order of the request, none twice.
public enum MembershipOperation: Sendable, Hashable {
    /// These join, if they are not members yet.
    case add([String])
    /// These leave, and only these.
    case remove([String])
    /// Everybody leaves.
    case removeAll
    /// These are the members from now on.
    case replace([String])
    /// Those leave whose sub-attributes fulfil the filter.
    case removeMatching(Filter)
}

extension MembershipOperation {
    /// The meaning of one expanded operation whose path is a group's `members`.
    static func operations(
        _ operation: PatchOperation, _ path: AttributePath, _ reading: inout DialectReading
    ) throws(SCIMError) -> [MembershipOperation] {
        if let part = path.subAttribute {
            throw .mutability("members.\(part) is immutable; remove the member and add another")
        }
        let hasFilter = path.valueFilter != nil
        let ids = try MemberQuirks.ids(operation.value ?? .null, of: operation.kind, hasFilter: hasFilter, &reading)
        switch (operation.kind, path.valueFilter) {
        case (.add, nil): return [.add(ids)]
        case (.replace, nil): return [.replace(ids)]
        case (.remove, nil):
            let saysAll = operation.value == nil || operation.value == .null
            return [saysAll ? .removeAll : .remove(ids)]
        case (.remove, let filter?): return [leaving(filter)]
        case (.replace, let filter?): return [leaving(filter), .add(ids)]
        case (.add, _?): throw .invalidPath("members are added at the path 'members', without a filter")
        }
    }

    /// How many ids the operation names.
    var count: Int {
        switch self {
        case .add(let ids), .remove(let ids), .replace(let ids): ids.count
        case .removeAll, .removeMatching: 0
        }
    }

    private static func leaving(_ filter: Filter) -> MembershipOperation {
        filter.namedMembers.map { .remove($0.unique) } ?? .removeMatching(filter)
    }
}

extension Filter {
    /// The ids when the filter is `value eq "…"`, or several of these with `or` between; nil for every other.
    fileprivate var namedMembers: [String]? {
        switch self {
        case .comparison(let path, .eq, .string(let id)):
            return path.schema == nil && path.subAttribute == nil && path.attribute?.isSameName(as: "value") == true ? [id] : nil
        case .or(let filters):
            var ids: [String] = []
            for filter in filters {
                guard let named = filter.namedMembers else { return nil }
                ids += named
            }
            return ids
        default: return nil
        }
    }
}

extension [String] {
    /// Each once, at the place of its first.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
