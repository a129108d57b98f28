import MusterCore
import SCIM

// MARK: - What was done

extension SQLiteTransaction {
    func provisioningRecords(
        in tenant: Tenant, target: String?, subject: ResourceKey?, before: Int64, limit: Int
    ) throws -> [ProvisioningRecord] {
        guard limit > 0, let tenantNumber = try number(of: tenant) else { return [] }
        var (conditions, values): ([String], [any SQLBindable]) = (["t.tenant = ?"], [tenantNumber])
        if let target {
            conditions.append("r.target = ?")
            values.append(try number(ofTarget: target, in: tenant) ?? -1)
        }
        if let subject {
            conditions.append("r.type = ? AND r.id = ?")
            values.append(try number(of: subject.type) ?? -1)
            values.append(subject.id)
        }
        if before > 0 {
            conditions.append("r.number < ?")
            values.append(before)
        }
        values.append(limit)
        let sql = """
            SELECT r.number, r.time, t.name, r.type, r.id, r.action, r.is_removal, r.is_approved, r.detail, r.error
            FROM provisioning_record r JOIN provisioning_target t ON t.number = r.target
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY r.number DESC LIMIT ?
            """
        var found: [ProvisioningRecord] = []
        try connection.each(sql, values: values, isKept: false) { row in
            var record = ProvisioningRecord(
                time: row.timestamp(1), target: row.text(2),
                subject: ResourceKey(tenant: tenant, type: try name(row.integer(3)), id: row.text(4)), action: row.text(5),
                isRemoval: row.integer(6) != 0, isApproved: row.integer(7) != 0, detail: row.bytes(8), error: row.optionalText(9))
            record.number = row.integer(0)
            found.append(record)
        }
        return found
    }

    func append(_ record: ProvisioningRecord) throws {
        let subject = record.subject
        // What was done at a target that is gone meanwhile is of no interest.
        guard let target = try number(ofTarget: record.target, in: subject.tenant) else { return }
        try connection.run(
            """
            INSERT INTO provisioning_record (time, target, type, id, action, is_removal, is_approved, detail, error)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, record.time, target, try newNumber(of: subject.type), subject.id, record.action, record.isRemoval ? 1 : 0,
            record.isApproved ? 1 : 0, record.detail, record.error)
    }

    func pruneProvisioningRecords(before time: Timestamp, limit: Int) throws -> Int {
        let sql = """
            DELETE FROM provisioning_record WHERE number IN (
                SELECT number FROM provisioning_record INDEXED BY provisioning_record_time WHERE time < ? ORDER BY time LIMIT ?)
            """
        return try connection.run(sql, time, limit)
    }
}

// MARK: - Acts of administrators

extension SQLiteTransaction {
    func auditEntries(in tenant: Tenant?, before: Int64, limit: Int) throws -> [AuditEntry] {
        guard limit > 0 else { return [] }
        var (conditions, values): ([String], [any SQLBindable]) = (["a.number < ?"], [before > 0 ? before : .max])
        if let tenant {
            conditions.append("a.tenant = ?")
            values.append(try number(of: tenant) ?? -1)
        }
        values.append(limit)
        let sql = """
            SELECT a.number, a.time, n.name, a.actor, a.act, a.object, a.detail FROM audit_entry a JOIN tenant n ON n.number = a.tenant
            WHERE \(conditions.joined(separator: " AND ")) ORDER BY a.number DESC LIMIT ?
            """
        var found: [AuditEntry] = []
        try connection.each(sql, values: values, isKept: false) { row in
            var entry = AuditEntry(
                time: row.timestamp(1), tenant: Tenant(name: row.text(2)), actor: row.text(3), act: row.text(4), object: row.text(5),
                detail: row.bytes(6))
            entry.number = row.integer(0)
            found.append(entry)
        }
        return found
    }

    func append(_ entry: AuditEntry) throws {
        try connection.run(
            "INSERT INTO audit_entry (time, tenant, actor, act, object, detail) VALUES (?, ?, ?, ?, ?, ?)", entry.time,
            try existingNumber(of: entry.tenant), entry.actor, entry.act, entry.object, entry.detail)
    }
}
