import MusterCore
import SCIM

/// What one request writes: document, index, memberships, events and deliveries, all in one transaction.
struct ChangeCommit: Sendable {
    /// The change as the interceptors left it.
    var change: ResourceChange
    /// The row that it was made from; nil on create.
    let stored: StoredResource?
    /// What it does to a group's members.
    let operations: [MembershipOperation]
    /// What is kept of secret attributes from now on, by their names; nil for nothing any more.
    var secrets: [String: [UInt8]?] = [:]
    /// Whose message it was: which second group of the same displayName is refused, and what becomes of unknown members.
    var dialect = ClientDialect.rfc
    /// Whether the client made the change depend on the version of ``stored``, that of members included.
    var isConditional = false

    /// What was written.
    struct Result: Sendable {
        /// The row as it is now; on delete as it was.
        var stored: StoredResource
        /// The rows that the answer shows where they are known already.
        var rows: ResourceRendering.Rows?
        /// Whether a worker has something to do.
        var hasDeliveries: Bool
        /// Whether members that do not exist were left out.
        var hasLeftOutMembers = false
        /// The change with what followed from it; nil where nothing was written.
        var committed: CommittedChange?
    }

    /// The result when there is nothing to write at all.
    var unchanged: Result? {
        guard let stored, change.operation != .delete, operations.isEmpty, change.groupEffects.isEmpty,
            secrets.isEmpty, change.before == change.after
        else { return nil }
        return Result(stored: stored, rows: nil, hasDeliveries: false)
    }

    /// Writes everything; throws without having written anything that lasts.
    func run(
        in transaction: any WriteTransaction, registry: SchemaRegistry, index: AttributeIndex,
        subscribers: Directory.Subscribers, now: Timestamp, makeID: () -> String
    ) throws -> Result {
        let subscribers = try subscribers(transaction, change.key.tenant)
        if isConditional, let stored, let current = try transaction.resource(change.key), current.meta.version != stored.meta.version {
            throw StoreError(.conflict, "another request changed the resource")
        }
        try checkGroupName(in: transaction)
        var membership = GroupMembership(
            group: change.key, registry: registry, leavesOutUnknown: dialect.quirks.contains(.unknownMember))
        var (added, removed): ([Membership], [Membership]) = ([], [])
        if change.after == nil {
            (added, removed) = ([], try leaving(in: transaction, now: now))
        }
        var (written, isRewritten) = try writeDocument(in: transaction, index: index, now: now)
        for (name, secret) in secrets { try transaction.setSecret(name, of: change.key, to: secret) }
        if !secrets.isEmpty, !isRewritten {
            written.meta = try transaction.touch(change.key, lastModified: now)
            isRewritten = true
        }
        for operation in operations { try membership.apply(operation, in: transaction) }
        if membership.isChanged {
            added = membership.pairs(membership.added)
            removed = membership.pairs(membership.removed)
            // A document written in this same transaction carries its new version already.
            if !isRewritten { written.meta = try transaction.touch(change.key, lastModified: now) }
        }
        var effects = MembershipEffects(change: change)
        for effect in change.groupEffects where change.after != nil {
            try effects.apply(effect, in: transaction, now: now, added: &added, removed: &removed)
        }
        let record = record(written: written, now: now, changeID: makeID())
        let events = EventDerivation(change: record, added: added, removed: removed)
            .events(before: change.before, after: change.after)
        let addressed = events.map { (event: $0, subscribers: subscribers($0.kind)) }
        // Hooks may have no interest in it, but it is a change all the same.
        let isChange = isRewritten || !events.isEmpty
        if isChange { try transaction.append(record, addressed) }
        let recorded = try effects.records(in: transaction, now: now, makeID: makeID)
        for part in recorded { try transaction.append(part.record, part.events.map { (event: $0, subscribers: subscribers($0.kind)) }) }
        let all = events + recorded.flatMap(\.events)
        return Result(
            stored: written, rows: try shownRows(in: transaction), hasDeliveries: all.contains { !subscribers($0.kind).isEmpty },
            hasLeftOutMembers: membership.hasLeftOut,
            committed: isChange || !recorded.isEmpty ? CommittedChange(record: record, events: all) : nil)
    }

    /// Inserts, updates or deletes the row; leaves it alone when the document is the same.
    private func writeDocument(in transaction: any WriteTransaction, index: AttributeIndex, now: Timestamp) throws -> (
        row: StoredResource, isRewritten: Bool
    ) {
        guard let after = change.after else {
            guard let stored else { throw StoreError(.notFound, "nothing to delete") }
            try transaction.delete(change.key, expected: stored.documentVersion)
            return (stored, true)
        }
        let entries = index.entries(of: after, type: change.key.type)
        guard let stored else {
            let meta = Meta(resourceType: change.key.type, created: now, lastModified: now, version: 1)
            let row = StoredResource(
                key: change.key, document: after.document, meta: meta, documentVersion: 1, display: after.display)
            try transaction.insert(row, index: entries)
            return (row, true)
        }
        guard change.before != after else {
            guard let current = try transaction.resource(change.key) else { throw StoreError(.notFound, "it is gone") }
            return (current, false)
        }
        // Members may have moved the version on since the row was read, without touching the document.
        guard let current = try transaction.resource(change.key), current.documentVersion == stored.documentVersion else {
            throw StoreError(.conflict, "another request changed the resource")
        }
        var row = current
        row.document = after.document
        row.display = after.display
        row.meta.version += 1
        row.meta.lastModified = max(now, current.meta.lastModified)
        row.documentVersion += 1
        try transaction.update(row, expected: stored.documentVersion, index: entries)
        return (row, true)
    }

    /// The pairs that end with the resource: as a member of groups, and as a group of members.
    private func leaving(in transaction: any WriteTransaction, now: Timestamp) throws -> [Membership] {
        var pairs = try transaction.groups(of: change.key)
        for pair in pairs { _ = try transaction.touch(pair.group, lastModified: now) }
        if change.key.type == ResourceType.group.name {
            try transaction.forEachMember(of: change.key) { pairs.append($0) }
        }
        return pairs
    }

    /// Refuses a second group of the same name as far as the client's dialect wants it.
    private func checkGroupName(in transaction: any WriteTransaction) throws {
        guard dialect.groupNames != .any, change.key.type == ResourceType.group.name, let after = change.after,
            let name = after["displayName"]?.string, change.before?["displayName"]?.string?.caseFolded != name.caseFolded
        else { return }
        let namesakes = try transaction.resources(
            of: change.key.type, in: change.key.tenant, where: "displayName", equals: .text(name.caseFolded))
        for namesake in namesakes where namesake.key != change.key {
            if dialect.groupNames == .distinctForSameExternalID {
                guard let externalID = after["externalId"], try Resource(stored: namesake)["externalId"] == externalID else { continue }
            }
            throw StoreError(.uniqueness(path: "displayName"), "another group has this displayName already")
        }
    }

    private func record(written: StoredResource, now: Timestamp, changeID: String) -> ChangeRecord {
        ChangeRecord(
            id: changeID, time: now, resource: change.key, operation: change.operation, actor: change.request.client,
            requestID: change.request.id, depth: change.request.depth,
            before: stored.map { ResourceRendering.eventDocument($0) },
            after: change.after.map { _ in ResourceRendering.eventDocument(written) },
            changes: change.after == nil ? [] : change.changes)
    }

    /// A user's groups are few and found by one look; a group's members are read by who answers, if at all.
    private func shownRows(in transaction: any WriteTransaction) throws -> ResourceRendering.Rows? {
        guard change.after != nil, change.key.type == ResourceType.user.name else { return nil }
        guard stored != nil || !change.groupEffects.isEmpty else { return ResourceRendering.Rows.none }
        let direct = try transaction.groups(of: change.key)
        return .groups(direct: direct, indirect: direct.isEmpty ? [] : try transaction.indirectGroups(of: change.key))
    }
}
