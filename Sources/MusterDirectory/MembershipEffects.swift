import MusterCore
import SCIM

/// Puts a resource into groups and takes it out, as map hooks ask, in the transaction of the change that they shape.
///
/// What a hook of a known actor does is recorded as a change of the group by that actor, so that nobody takes it for the
/// client's own.
struct MembershipEffects {
    private struct Entry {
        var pair: Membership
        var kind: ResourceChange.MembershipEffect.Kind
        var actor: String
    }

    private let change: ResourceChange
    private var entries: [Entry] = []
    /// The groups as they were before.
    private var groups: [ResourceKey: StoredResource] = [:]

    init(change: ResourceChange) { self.change = change }

    /// Carries out one effect.
    /// - Parameters:
    ///   - added: Gets the pair where nobody but the client is known to have asked.
    ///   - removed: The same for who leaves.
    mutating func apply(
        _ effect: ResourceChange.MembershipEffect, in transaction: any WriteTransaction, now: Timestamp,
        added: inout [Membership], removed: inout [Membership]
    ) throws {
        let row = try group(effect.group, in: transaction)
        if effect.kind == .add { try GroupMembership.checkNesting(of: [change.key], in: row.key, transaction) }
        let changed =
            switch effect.kind {
            case .add: try transaction.addMembers([change.key], to: row.key)
            case .remove: try transaction.removeMembers(ids: [change.key.id], from: row.key)
            }
        guard !changed.isEmpty else { return }
        _ = try transaction.touch(row.key, lastModified: now)
        if groups[row.key] == nil { groups[row.key] = row }
        let pair = Membership(group: row.key, member: change.key)
        if let index = entries.firstIndex(where: { $0.pair == pair }) {
            // One hook undoes what another one did.
            entries.remove(at: index)
        } else if effect.kind == .add, removed.contains(pair) {
            removed.removeAll { $0 == pair }
        } else if effect.kind == .remove, added.contains(pair) {
            added.removeAll { $0 == pair }
        } else if let actor = effect.actor {
            entries.append(Entry(pair: pair, kind: effect.kind, actor: actor))
        } else if effect.kind == .add {
            added.append(pair)
        } else {
            removed.append(pair)
        }
    }

    /// The changes of groups with their events: one for each actor and group, in the order in which they were made.
    func records(in transaction: any WriteTransaction, now: Timestamp, makeID: () -> String) throws -> [CommittedChange] {
        var parts: [(actor: String, group: ResourceKey, added: [Membership], removed: [Membership])] = []
        for entry in entries {
            let index = parts.firstIndex { $0.actor == entry.actor && $0.group == entry.pair.group } ?? parts.count
            if index == parts.count { parts.append((entry.actor, entry.pair.group, [], [])) }
            if entry.kind == .add { parts[index].added.append(entry.pair) } else { parts[index].removed.append(entry.pair) }
        }
        return try parts.map { part in
            let record = ChangeRecord(
                id: makeID(), time: now, resource: part.group, operation: .patch, actor: part.actor, requestID: change.request.id,
                depth: change.request.depth + 1, before: groups[part.group].map { ResourceRendering.eventDocument($0) },
                after: try transaction.resource(part.group).map { ResourceRendering.eventDocument($0) }, changes: [])
            let events = EventDerivation(change: record, added: part.added, removed: part.removed).events(before: nil, after: nil)
            return CommittedChange(record: record, events: events)
        }
    }

    /// The group that a hook named by id or by displayName.
    private func group(_ name: String, in transaction: any WriteTransaction) throws -> StoredResource {
        let (type, tenant) = (ResourceType.group.name, change.key.tenant)
        if let row = try transaction.resource(ResourceKey(tenant: tenant, type: type, id: name)) { return row }
        let named = try transaction.resources(of: type, in: tenant, where: "displayName", equals: .text(name.caseFolded))
        switch named.count {
        case 1: return named[0]
        case 0: throw SCIMError.invalidValue("a hook named the group '\(name)', which does not exist")
        default: throw SCIMError.invalidValue("a hook named the group '\(name)', but \(named.count) groups have this displayName")
        }
    }
}
