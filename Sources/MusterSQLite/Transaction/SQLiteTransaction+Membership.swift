import MusterCore
import SCIM

// MARK: - Reading

extension SQLiteTransaction {
    func forEachMember(of group: ResourceKey, _ body: (Membership) throws -> Void) throws {
        guard let row = try row(of: group) else { return }
        let sql = """
            SELECT r.type, r.id, r.display FROM membership m CROSS JOIN resource r ON r.number = m.member_number
            WHERE m.group_number = ? ORDER BY m.number
            """
        try connection.each(sql, row) {
            let member = ResourceKey(tenant: group.tenant, type: try name($0.integer(0)), id: $0.text(1))
            try body(Membership(group: group, member: member, display: $0.optionalText(2)))
        }
    }

    func memberCount(of group: ResourceKey) throws -> Int {
        guard let row = try row(of: group) else { return 0 }
        let sql = "SELECT count(*) FROM membership WHERE group_number = ?"
        return try connection.first(sql, row) { Int($0.integer(0)) } ?? 0
    }

    func groups(of member: ResourceKey) throws -> [Membership] {
        guard let row = try row(of: member) else { return [] }
        let sql = """
            SELECT r.type, r.id, r.display FROM membership m CROSS JOIN resource r ON r.number = m.group_number
            WHERE m.member_number = ? ORDER BY m.number
            """
        var found: [Membership] = []
        try connection.each(sql, row) {
            let group = ResourceKey(tenant: member.tenant, type: try name($0.integer(0)), id: $0.text(1))
            found.append(Membership(group: group, member: member, display: $0.optionalText(2)))
        }
        return found
    }

    func indirectGroups(of member: ResourceKey) throws -> [Membership] {
        guard let row = try row(of: member) else { return [] }
        // Most groups are in no other.
        let isNested = """
            SELECT 1 FROM membership m CROSS JOIN membership n ON n.member_number = m.group_number WHERE m.member_number = ? LIMIT 1
            """
        guard try connection.first(isNested, row, body: { _ in true }) != nil else { return [] }
        let sql = """
            WITH RECURSIVE above (number, depth) AS (
                SELECT group_number, 0 FROM membership WHERE member_number = ?1
                UNION
                SELECT m.group_number, a.depth + 1 FROM above a CROSS JOIN membership m ON m.member_number = a.number
                WHERE a.depth < 64)
            SELECT r.type, r.id, r.display
            FROM (SELECT number, min(depth) AS depth FROM above GROUP BY number) a CROSS JOIN resource r ON r.number = a.number
            WHERE a.depth > 0 AND a.number <> ?1 ORDER BY a.depth, a.number
            """
        var found: [Membership] = []
        try connection.each(sql, row) {
            let group = ResourceKey(tenant: member.tenant, type: try name($0.integer(0)), id: $0.text(1))
            found.append(Membership(group: group, member: member, display: $0.optionalText(2)))
        }
        return found
    }

    func types(of ids: [String], among types: [String], in tenant: Tenant) throws -> [String: String] {
        guard let tenant = try number(of: tenant) else { return [:] }
        var found: [String: String] = [:]
        for id in ids {
            let sql = "SELECT type FROM resource WHERE tenant = ? AND id = ?"
            guard let number = try connection.first(sql, tenant, id, body: { $0.integer(0) }) else { continue }
            let type = try name(number)
            if types.contains(type) { found[id] = type }
        }
        return found
    }
}

// MARK: - Writing

extension SQLiteTransaction {
    func addMembers(_ members: [ResourceKey], to group: ResourceKey) throws -> [ResourceKey] {
        guard let row = try row(of: group) else { throw StoreError.missing(group) }
        var added: [ResourceKey] = []
        for member in members {
            guard member.tenant == group.tenant, let memberRow = try self.row(of: member) else {
                throw StoreError(.unknownMember(id: member.id), "there is no \(member.type) with the id '\(member.id)'")
            }
            let sql = "INSERT OR IGNORE INTO membership (group_number, member_number, is_nested) VALUES (?, ?, ?)"
            if try connection.run(sql, row, memberRow, member.type == group.type ? 1 : 0) > 0 { added.append(member) }
        }
        return added
    }

    func removeMembers(ids: [String], from group: ResourceKey) throws -> [ResourceKey] {
        guard let row = try row(of: group), let tenant = try number(of: group.tenant) else { throw StoreError.missing(group) }
        var removed: [ResourceKey] = []
        for id in ids {
            let found = try connection.first("SELECT number, type FROM resource WHERE tenant = ? AND id = ?", tenant, id) {
                (row: $0.integer(0), type: $0.integer(1))
            }
            guard let found else { continue }
            let sql = "DELETE FROM membership WHERE group_number = ? AND member_number = ?"
            guard try connection.run(sql, row, found.row) > 0 else { continue }
            removed.append(ResourceKey(tenant: group.tenant, type: try name(found.type), id: id))
        }
        return removed
    }

    func removeAllMembers(of group: ResourceKey) throws -> [ResourceKey] {
        guard let row = try row(of: group) else { throw StoreError.missing(group) }
        var removed: [ResourceKey] = []
        try forEachMember(of: group) { removed.append($0.member) }
        try connection.run("DELETE FROM membership WHERE group_number = ?", row)
        return removed
    }
}
