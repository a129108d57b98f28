import MusterCore
import SCIM

/// Carries out what a request does to the members of a group, by rows: the cost is that of the change, not of the group.
struct GroupMembership {
    /// The group.
    let group: ResourceKey
    /// The schemas.
    let registry: SchemaRegistry
    /// Who really joined, net of who left again.
    private(set) var added: [ResourceKey] = []
    /// Who really left, net of who joined again.
    private(set) var removed: [ResourceKey] = []
    /// Whether members that do not exist are left out rather than refused.
    private let leavesOutUnknown: Bool
    /// Whether there were such.
    private(set) var hasLeftOut = false

    /// Resource types whose resources can be members.
    static let memberTypes = [ResourceType.user.name, ResourceType.group.name]

    init(group: ResourceKey, registry: SchemaRegistry, leavesOutUnknown: Bool = false) {
        self.group = group
        self.registry = registry
        self.leavesOutUnknown = leavesOutUnknown
    }

    /// Whether anything changed.
    var isChanged: Bool { !added.isEmpty || !removed.isEmpty }

    /// The pairs that came to be and ceased to be.
    func pairs(_ members: [ResourceKey]) -> [Membership] { members.map { Membership(group: group, member: $0) } }

    /// Carries out one operation inside a transaction.
    mutating func apply(_ operation: MembershipOperation, in transaction: any WriteTransaction) throws {
        switch operation {
        case .add(let ids): try add(ids, in: transaction)
        case .remove(let ids): note(removed: try transaction.removeMembers(ids: ids, from: group))
        case .removeAll: note(removed: try transaction.removeAllMembers(of: group))
        case .replace(let ids):
            let wanted = Set(ids)
            var present: Set<String> = []
            var surplus: [String] = []
            try transaction.forEachMember(of: group) { row in
                present.insert(row.member.id)
                if !wanted.contains(row.member.id) { surplus.append(row.member.id) }
            }
            note(removed: try transaction.removeMembers(ids: surplus, from: group))
            try add(ids.filter { !present.contains($0) }, in: transaction)
        case .removeMatching(let filter):
            let ids = try Self.members(of: group, matching: filter, registry, in: transaction)
            note(removed: try transaction.removeMembers(ids: ids, from: group))
        }
    }

    private mutating func add(_ ids: [String], in transaction: any WriteTransaction) throws {
        guard !ids.isEmpty else { return }
        let types = try transaction.types(of: ids, among: Self.memberTypes, in: group.tenant)
        if leavesOutUnknown, types.count < ids.count { hasLeftOut = true }
        let keys = try ids.compactMap { id -> ResourceKey? in
            guard let type = types[id] else {
                if leavesOutUnknown { return nil }
                throw SCIMError.invalidValue("members: there is no user or group with the id '\(id)'")
            }
            return ResourceKey(tenant: group.tenant, type: type, id: id)
        }
        try Self.checkNesting(of: keys, in: group, transaction)
        note(added: try transaction.addMembers(keys, to: group))
    }

    /// Refuses members that would make a group a member of itself, directly or through others. Writes come one at a time,
    /// so that two requests cannot close a circle between them.
    /// - Throws: `SCIMError` invalidValue.
    static func checkNesting(of members: [ResourceKey], in group: ResourceKey, _ transaction: any ReadTransaction) throws {
        let nested = members.filter { $0.type == ResourceType.group.name }
        guard !nested.isEmpty else { return }
        var above: Set<String> = [group.id]
        for row in try transaction.groups(of: group) + transaction.indirectGroups(of: group) { above.insert(row.group.id) }
        guard let culprit = nested.first(where: { above.contains($0.id) }) else { return }
        throw SCIMError.invalidValue(
            culprit.id == group.id
                ? "members: a group cannot be a member of itself"
                : "members: the group '\(culprit.id)' holds this one, so that it cannot be a member of it")
    }

    private mutating func note(added keys: [ResourceKey]) {
        guard !removed.isEmpty else { return added += keys }
        let back = Set(keys).intersection(removed)
        removed.removeAll { back.contains($0) }
        added += keys.filter { !back.contains($0) }
    }

    private mutating func note(removed keys: [ResourceKey]) {
        guard !added.isEmpty else { return removed += keys }
        let gone = Set(keys).intersection(added)
        added.removeAll { gone.contains($0) }
        removed += keys.filter { !gone.contains($0) }
    }

    /// The ids of members whose sub-attributes fulfil `filter`.
    static func members(
        of group: ResourceKey, matching filter: Filter, _ registry: SchemaRegistry, in transaction: any ReadTransaction
    ) throws -> [String] {
        let evaluator = FilterEvaluator(
            .valuePath(AttributePath(attribute: "members"), filter), for: .group, in: registry)
        var ids: [String] = []
        try transaction.forEachMember(of: group) { row in
            let candidate = Resource(attributes: ["members": [.complex(row.memberValue)]])
            if evaluator.matches(candidate) { ids.append(row.member.id) }
        }
        return ids
    }
}

extension Membership {
    /// The row as a value of a group's `members`, without `$ref`.
    var memberValue: AttributeMap {
        var value: AttributeMap = ["value": .string(member.id), "type": .string(member.type)]
        if let display { value.append("display", .string(display)) }
        return value
    }
}
