import MusterCore
import SCIM

extension SQLiteTransaction {
    private static let linkColumns = """
        type, id, remote_id, origin, is_active, document, groups, awaited_manager, rules, left_scope, updated
        """

    private func link(_ row: SQLRow, to target: String, in tenant: Tenant) throws -> TargetLink {
        TargetLink(
            target: target, subject: ResourceKey(tenant: tenant, type: try name(row.integer(0)), id: row.text(1)),
            remoteID: row.optionalText(2), origin: row.integer(3) == 0 ? .created : .adopted, isActive: row.integer(4) != 0,
            document: row.bytes(5), groups: TextList.read(row.text(6)), awaitedManager: row.optionalText(7), rules: row.integer(8),
            leftScope: row.optionalTimestamp(9), updated: row.timestamp(10))
    }

    /// The links that a condition with values finds.
    private func links(
        to target: String, in tenant: Tenant, from rows: String = "target_link", _ condition: String, _ values: any SQLBindable...
    ) throws -> [TargetLink] {
        guard let number = try number(ofTarget: target, in: tenant) else { return [] }
        var found: [TargetLink] = []
        let sql = "SELECT \(Self.linkColumns) FROM \(rows) WHERE target = ? AND \(condition)"
        try connection.each(sql, values: [number] + values, isKept: true) { found.append(try link($0, to: target, in: tenant)) }
        return found
    }

    func targetLink(_ subject: ResourceKey, to target: String) throws -> TargetLink? {
        guard let type = try number(of: subject.type) else { return nil }
        return try links(to: target, in: subject.tenant, "type = ? AND id = ?", type, subject.id).first
    }

    func targetLink(remoteID: String, type: String, to target: String, in tenant: Tenant) throws -> TargetLink? {
        guard let type = try number(of: type) else { return nil }
        return try links(to: target, in: tenant, "type = ? AND remote_id = ?", type, remoteID).first
    }

    func targetLinks(to target: String, in tenant: Tenant, type: String, after: String, limit: Int) throws -> [TargetLink] {
        guard let type = try number(of: type) else { return [] }
        return try links(to: target, in: tenant, "type = ? AND id > ? ORDER BY id LIMIT ?", type, after, limit)
    }

    func targetLinks(awaiting manager: ResourceKey, at target: String) throws -> [TargetLink] {
        guard let type = try number(of: manager.type) else { return [] }
        // Left to itself, SQLite walks over all links of the type, which are in the order wanted.
        let rows = "target_link INDEXED BY target_link_awaiting"
        return try links(to: target, in: manager.tenant, from: rows, "type = ? AND awaited_manager = ? ORDER BY id", type, manager.id)
    }

    func targetLinks(leftBefore time: Timestamp, target: String, in tenant: Tenant, limit: Int) throws -> [TargetLink] {
        try links(to: target, in: tenant, "left_scope <= ? ORDER BY left_scope LIMIT ?", time, limit)
    }

    func targetLinkCounts(to target: String, in tenant: Tenant, type: String) throws -> (active: Int, all: Int) {
        guard let number = try number(ofTarget: target, in: tenant), let type = try self.number(of: type) else { return (0, 0) }
        let sql = """
            SELECT coalesce(sum(is_active), 0), count(*) FROM target_link INDEXED BY target_link_active
            WHERE target = ? AND type = ? AND remote_id IS NOT NULL
            """
        return try connection.first(sql, number, type) { (Int($0.integer(0)), Int($0.integer(1))) } ?? (0, 0)
    }

    func save(_ link: TargetLink) throws {
        let subject = link.subject
        do {
            try connection.run(
                """
                INSERT INTO target_link (target, \(Self.linkColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                \(Self.replacement)
                """, try existingNumber(ofTarget: link.target, in: subject.tenant), try newNumber(of: subject.type), subject.id,
                link.remoteID,
                link.origin == .created ? 0 : 1, link.isActive ? 1 : 0, link.document, TextList.text(link.groups), link.awaitedManager,
                link.rules, link.leftScope, link.updated)
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            throw StoreError(.conflict, "the account '\(link.remoteID ?? "")' belongs to another \(subject.type) already")
        }
    }

    /// A row of the same subject is replaced, one of the same account is not.
    private static let replacement = """
        ON CONFLICT (target, type, id) DO UPDATE SET remote_id = excluded.remote_id, origin = excluded.origin,
            is_active = excluded.is_active, document = excluded.document, groups = excluded.groups,
            awaited_manager = excluded.awaited_manager, rules = excluded.rules, left_scope = excluded.left_scope,
            updated = excluded.updated
        """

    func deleteTargetLink(_ subject: ResourceKey, to target: String) throws {
        guard let number = try number(ofTarget: target, in: subject.tenant), let type = try self.number(of: subject.type) else { return }
        try connection.run("DELETE FROM target_link WHERE target = ? AND type = ? AND id = ?", number, type, subject.id)
    }
}
