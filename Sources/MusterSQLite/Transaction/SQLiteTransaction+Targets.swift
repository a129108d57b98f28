import MusterCore
import SCIM

// MARK: - Targets

extension SQLiteTransaction {
    private static let targetColumns = """
        t.name, n.name, t.definition, t.state, t.groups, t.reason, t.resumes, t.quarantines, t.version, t.created, t.modified
        """
    private static let states: [ProvisioningTarget.State] = [.off, .on, .quarantined]

    private static func target(_ row: SQLRow) -> ProvisioningTarget {
        var target = ProvisioningTarget(
            tenant: Tenant(name: row.text(1)), name: row.text(0), definition: row.bytes(2), created: row.timestamp(9))
        target.state = states[Int(row.integer(3))]
        target.groups = row.bytes(4)
        target.reason = row.optionalText(5)
        target.resumesAt = row.optionalTimestamp(6)
        target.quarantines = Int(row.integer(7))
        target.version = row.integer(8)
        target.modified = row.timestamp(10)
        return target
    }

    private static func number(of state: ProvisioningTarget.State) -> Int { states.firstIndex(of: state) ?? 0 }

    /// The number of a target, or nil when there is none.
    func number(ofTarget name: String, in tenant: Tenant) throws -> Int64? {
        guard let tenant = try number(of: tenant) else { return nil }
        return try connection.first("SELECT number FROM provisioning_target WHERE tenant = ? AND name = ?", tenant, name) { $0.integer(0) }
    }

    /// The number of a target for which something is written.
    /// - Throws: ``StoreError`` `notFound`.
    func existingNumber(ofTarget name: String, in tenant: Tenant) throws -> Int64 {
        guard let number = try number(ofTarget: name, in: tenant) else {
            throw StoreError(.notFound, "there is no target called '\(name)'")
        }
        return number
    }

    func provisioningTargets(in tenant: Tenant?) throws -> [ProvisioningTarget] {
        var found: [ProvisioningTarget] = []
        let sql = "SELECT \(Self.targetColumns) FROM provisioning_target t JOIN tenant n ON n.number = t.tenant"
        if let tenant {
            guard let number = try number(of: tenant) else { return [] }
            try connection.each(sql + " WHERE t.tenant = ? ORDER BY t.name", number) { found.append(Self.target($0)) }
        } else {
            try connection.each(sql + " ORDER BY t.tenant, t.name") { found.append(Self.target($0)) }
        }
        return found
    }

    func provisioningTarget(_ name: String, in tenant: Tenant) throws -> ProvisioningTarget? {
        guard let number = try number(of: tenant) else { return nil }
        let sql = """
            SELECT \(Self.targetColumns) FROM provisioning_target t JOIN tenant n ON n.number = t.tenant WHERE t.tenant = ? AND t.name = ?
            """
        return try connection.first(sql, number, name, body: Self.target)
    }

    func hasOpenTargets(in tenant: Tenant) throws -> Bool {
        guard let number = try number(of: tenant) else { return false }
        let sql = "SELECT 1 FROM provisioning_target INDEXED BY provisioning_target_open WHERE tenant = ? AND state <> 0 LIMIT 1"
        return try connection.first(sql, number) { _ in true } ?? false
    }

    func insert(_ target: ProvisioningTarget) throws {
        do {
            try connection.run(
                """
                INSERT INTO provisioning_target
                    (tenant, name, definition, state, groups, reason, resumes, quarantines, version, created, modified)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, try existingNumber(of: target.tenant), target.name, target.definition, Self.number(of: target.state), target.groups,
                target.reason, target.resumesAt, target.quarantines, target.version, target.created, target.modified)
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            throw StoreError(.conflict, "there is a target called '\(target.name)' already")
        }
    }

    func update(_ target: ProvisioningTarget) throws {
        let number = try existingNumber(ofTarget: target.name, in: target.tenant)
        let changed = try connection.run(
            """
            UPDATE provisioning_target SET definition = ?, state = ?, groups = ?, reason = ?, resumes = ?, quarantines = ?,
                modified = ?, version = version + 1 WHERE number = ? AND version = ?
            """, target.definition, Self.number(of: target.state), target.groups, target.reason, target.resumesAt, target.quarantines,
            target.modified, number, target.version)
        guard changed > 0 else { throw StoreError(.conflict, "somebody else changed the target '\(target.name)'") }
    }

    func deleteProvisioningTarget(_ name: String, in tenant: Tenant) throws {
        // Links, assignments, tasks and records go with it.
        let number = try existingNumber(ofTarget: name, in: tenant)
        try connection.run("DELETE FROM provisioning_target WHERE number = ?", number)
    }
}

// MARK: - Assignments

extension SQLiteTransaction {
    func targetAssignments(to target: String, in tenant: Tenant, after: ResourceKey?, limit: Int) throws -> [TargetAssignment] {
        guard let number = try number(ofTarget: target, in: tenant) else { return [] }
        var found: [TargetAssignment] = []
        let sql = """
            SELECT type, id, groups FROM target_assignment WHERE target = ? AND (type, id) > (?, ?) ORDER BY type, id LIMIT ?
            """
        try connection.each(sql, number, after?.type ?? "", after?.id ?? "", limit) { row in
            found.append(
                TargetAssignment(
                    target: target, subject: ResourceKey(tenant: tenant, type: row.text(0), id: row.text(1)),
                    groups: TextList.read(row.text(2))))
        }
        return found
    }

    func targetAssignment(of subject: ResourceKey, to target: String) throws -> TargetAssignment? {
        guard let number = try number(ofTarget: target, in: subject.tenant) else { return nil }
        let sql = "SELECT groups FROM target_assignment WHERE target = ? AND type = ? AND id = ?"
        return try connection.first(sql, number, subject.type, subject.id) {
            TargetAssignment(target: target, subject: subject, groups: TextList.read($0.text(0)))
        }
    }

    func save(_ assignment: TargetAssignment) throws {
        let (subject, target) = (assignment.subject, assignment.target)
        try connection.run(
            """
            INSERT INTO target_assignment (target, type, id, groups) VALUES (?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET groups = excluded.groups
            """, try existingNumber(ofTarget: target, in: subject.tenant), subject.type, subject.id, TextList.text(assignment.groups))
    }

    func deleteTargetAssignment(of subject: ResourceKey, to target: String) throws -> Bool {
        guard let number = try number(ofTarget: target, in: subject.tenant) else { return false }
        return try connection.run(
            "DELETE FROM target_assignment WHERE target = ? AND type = ? AND id = ?", number, subject.type, subject.id) > 0
    }
}

/// A short list of texts in one column, as JSON.
enum TextList {
    static func text(_ list: [String]) -> String {
        String(decoding: AttributeValue.array(list.map { .string($0) }).jsonBytes, as: UTF8.self)
    }

    static func read(_ text: String) -> [String] {
        ((try? AttributeValue(json: text))?.array ?? []).compactMap(\.string)
    }
}
