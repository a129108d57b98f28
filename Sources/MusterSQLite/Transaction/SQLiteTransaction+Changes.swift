import MusterCore
import SCIM

// MARK: - Changes

extension SQLiteTransaction {
    func changes(in tenant: Tenant, after number: Int64, limit: Int) throws -> [NumberedChange] {
        guard limit > 0, let tenant = try self.number(of: tenant) else { return [] }
        var numbers: [Int64] = []
        let sql = """
            SELECT number FROM change_record INDEXED BY change_record_tenant
            WHERE tenant = ? AND number > ? ORDER BY number LIMIT ?
            """
        try connection.each(sql, tenant, number, limit) { numbers.append($0.integer(0)) }
        return try numbers.map { number in
            let change = try self.change(number)
            return NumberedChange(number: number, record: change, events: try events(ofChange: number, change))
        }
    }

    /// Opens, before the name of the tenant, the name of the setting that keeps the number of its last change that was
    /// forgotten. Rows alone do not tell: of the younger ones some may have gone before the oldest.
    static let forgottenSetting = "forgotten:"

    func changeBounds(in tenant: Tenant) throws -> (oldest: Int64, newest: Int64)? {
        guard let number = try number(of: tenant) else { return nil }
        let forgotten = try setting(Self.forgottenSetting + tenant.name).flatMap { Int64($0) }
        let sql = """
            SELECT number FROM change_record INDEXED BY change_record_tenant WHERE tenant = ? ORDER BY number DESC LIMIT 1
            """
        let last = try connection.first(sql, number) { $0.integer(0) }
        guard forgotten != nil || last != nil else { return nil }
        return (oldest: (forgotten ?? 0) + 1, newest: max(last ?? 0, forgotten ?? 0))
    }

    /// The change with this number.
    func change(_ number: Int64) throws -> ChangeRecord {
        let sql = """
            SELECT c.id, c.time, t.name, c.type, c.resource, c.operation, c.actor, c.request_id, c.depth, c.document_before,
                c.document_after, c.changes
            FROM change_record c JOIN tenant t ON t.number = c.tenant WHERE c.number = ?
            """
        let change = try connection.first(sql, number) { row in
            guard let operation = ResourceChange.Operation(rawValue: row.text(5)) else {
                throw StoreError(.unavailable, "change \(number) is a '\(row.text(5))', which this version does not know")
            }
            return ChangeRecord(
                id: row.text(0), time: row.timestamp(1),
                resource: ResourceKey(tenant: Tenant(name: row.text(2)), type: try name(row.integer(3)), id: row.text(4)),
                operation: operation, actor: row.text(6), requestID: row.text(7), depth: Int(row.integer(8)),
                before: row.optionalBytes(9), after: row.optionalBytes(10), changes: try AttributeChange.list(json: row.bytes(11)))
        }
        guard let change else { throw StoreError(.unavailable, "a change is missing; restore the database from a backup") }
        return change
    }

    // MARK: Events

    /// Columns of `event e` as ``event(_:from:of:)`` reads them.
    static let eventColumns = "e.id, e.kind, e.type, e.subject, e.group_type, e.group_id, e.old_manager, e.new_manager"

    /// The event in a row of ``eventColumns``, which begin with the column `first`.
    func event(_ row: SQLRow, from first: CInt, of change: ChangeRecord) throws -> LifecycleEvent {
        guard let kind = LifecycleEvent.Kind(rawValue: row.text(first + 1)) else {
            throw StoreError(.unavailable, "an event is of the kind '\(row.text(first + 1))', which this version does not know")
        }
        let tenant = change.resource.tenant
        var group: ResourceKey?
        if let id = row.optionalText(first + 5) {
            group = ResourceKey(tenant: tenant, type: try name(row.integer(first + 4)), id: id)
        }
        return LifecycleEvent(
            id: row.text(first), kind: kind,
            subject: ResourceKey(tenant: tenant, type: try name(row.integer(first + 2)), id: row.text(first + 3)),
            group: group, oldManager: row.optionalText(first + 6), newManager: row.optionalText(first + 7), change: change)
    }

    private func events(ofChange number: Int64, _ change: ChangeRecord) throws -> [LifecycleEvent] {
        var found: [LifecycleEvent] = []
        try connection.each("SELECT \(Self.eventColumns) FROM event e WHERE e.change = ? ORDER BY e.position", number) {
            found.append(try event($0, from: 0, of: change))
        }
        return found
    }
}

extension AttributeChange {
    /// Changes as a JSON array of `{path, from, to}`; what is nil is left out.
    static func json(_ changes: [AttributeChange]) -> [UInt8] {
        let values = changes.map { change in
            var map: AttributeMap = ["path": .string(change.path)]
            if let from = change.from { map.append("from", from) }
            if let to = change.to { map.append("to", to) }
            return AttributeValue.complex(map)
        }
        return AttributeValue.array(values).jsonBytes
    }

    fileprivate static func list(json: [UInt8]) throws -> [AttributeChange] {
        // What was accepted once is read again whatever the limits are now; the two levels around it count too.
        let limits = JSONLimits(maximumDepth: 256, maximumBytes: .max, maximumMembers: .max)
        guard let value = try? AttributeValue(json: json, limits: limits), let changes = value.array else {
            throw StoreError(.unavailable, "a stored change is damaged; restore the database from a backup")
        }
        return changes.map { AttributeChange(path: $0["path"]?.string ?? "", from: $0["from"], to: $0["to"]) }
    }
}
