import MusterCore
import SCIM

extension Delivery.State {
    /// The number that stands for the state in `delivery`; see ``Migrations``.
    var number: Int {
        switch self {
        case .blocked: 0
        case .ready: 1
        case .leased: 2
        case .delivered: 3
        case .setAside: 4
        case .dropped: 5
        }
    }

    /// The index of the deliveries in this state, with the condition under which it can be used; nil where the rows are to
    /// be read from the newest on: most deliveries are finished, and only by their time is there an order among those.
    fileprivate func index(byTime: Bool) -> String? {
        switch self {
        case .blocked: "delivery_blocked WHERE state = 0"
        case .ready: "delivery_ready WHERE state = 1"
        case .leased: "delivery_leased WHERE state = 2"
        case .setAside: "delivery_set_aside WHERE state = 4"
        case .delivered, .dropped: byTime ? "delivery_finished WHERE state IN (3, 5) AND state = \(number)" : nil
        }
    }

    init(number: Int64) {
        self = Self.allCases.first { $0.number == number } ?? .dropped
    }
}

// MARK: - Reading

extension SQLiteTransaction {
    func deliveries(_ query: DeliveryQuery) throws -> [Delivery] {
        var found: [Delivery] = []
        var changes: [Int64: ChangeRecord] = [:]
        for number in try numbers(of: query, among: Delivery.State.allCases) {
            if let delivery = try delivery(number, changes: &changes) { found.append(delivery) }
        }
        return found
    }

    func queueSummary() throws -> [String: QueueSummary] {
        var found: [String: QueueSummary] = [:]
        var oldest: [String: Int64] = [:]
        // One partial index each, so that finished deliveries are not looked at.
        for state in [Delivery.State.blocked, .ready, .leased, .setAside] {
            let due = state == .ready ? "min(due)" : "NULL"
            let sql = "SELECT subscriber, count(*), \(due), min(number) FROM delivery WHERE state = \(state.number) GROUP BY subscriber"
            try connection.each(sql) { row in
                let subscriber = try name(row.integer(0))
                found[subscriber, default: QueueSummary()].counts[state] = Int(row.integer(1))
                if let due = row.optionalTimestamp(2) { found[subscriber]?.oldestDue = due }
                if state != .setAside { oldest[subscriber] = min(row.integer(3), oldest[subscriber] ?? .max) }
            }
        }
        // Numbers are given in the order of the events.
        for (subscriber, number) in oldest {
            found[subscriber]?.oldestEvent = try connection.first("SELECT time FROM delivery WHERE number = ?", number) { $0.timestamp(0) }
        }
        return found
    }

    /// The numbers of the deliveries that a query finds among `states`, newest first.
    func numbers(of query: DeliveryQuery, among states: [Delivery.State]) throws -> [Int64] {
        let wanted = states.filter { query.states.isEmpty || query.states.contains($0) }
        guard query.limit > 0, !wanted.isEmpty else { return [] }
        guard let condition = try condition(of: query) else { return [] }
        let indexes = wanted.compactMap { $0.index(byTime: query.since != nil || query.until != nil) }
        let source: SQLFragment
        if query.id == nil, indexes.count == wanted.count {
            // Found among those that are not finished, however many are, or within the time that is asked for.
            source = SQLFragment(
                joining: indexes.map { SQLFragment("SELECT number FROM delivery INDEXED BY \($0) AND ") + condition },
                separator: " UNION ALL ")
        } else {
            let list = wanted.map { String($0.number) }.joined(separator: ", ")
            source = SQLFragment("SELECT number FROM delivery WHERE state IN (\(list)) AND ") + condition
        }
        let ordered = source + SQLFragment(" ORDER BY number DESC LIMIT ?", query.limit)
        var found: [Int64] = []
        try connection.each(ordered.sql, values: ordered.values, isKept: false) { found.append($0.integer(0)) }
        return found
    }

    /// What a query says of a row beside its state; nil where no row can be meant.
    private func condition(of query: DeliveryQuery) throws -> SQLFragment? {
        var condition = SQLFragment("1")
        if let id = query.id { condition = condition + SQLFragment(" AND number = ?", id) }
        if let subscriber = query.subscriber {
            guard let number = try number(of: subscriber) else { return nil }
            condition = condition + SQLFragment(" AND subscriber = ?", number)
        }
        if let tenant = query.tenant {
            guard let number = try number(of: tenant) else { return nil }
            condition = condition + SQLFragment(" AND tenant = ?", number)
        }
        if let subject = query.subject { condition = condition + SQLFragment(" AND subject = ?", subject) }
        if let since = query.since { condition = condition + SQLFragment(" AND time >= ?", since) }
        if let until = query.until { condition = condition + SQLFragment(" AND time < ?", until) }
        if let error = query.error { condition = condition + SQLFragment(" AND instr(last_error, ?) > 0", error) }
        if !query.kinds.isEmpty {
            let kinds = query.kinds.map { SQLFragment("?", $0.rawValue) }
            condition =
                condition
                + SQLFragment(" AND (SELECT kind FROM event e WHERE e.change = delivery.change AND e.position = delivery.position) IN (")
                + SQLFragment(joining: kinds, separator: ", ") + SQLFragment(")")
        }
        return condition
    }

    /// A delivery with its event.
    /// - Parameter changes: Changes by number that were read already: many events may share one.
    func delivery(_ number: Int64, changes: inout [Int64: ChangeRecord]) throws -> Delivery? {
        let sql = """
            SELECT d.subscriber, d.state, d.attempts, d.due, d.leased_until, d.lease, d.last_error, d.change, \(Self.eventColumns)
            FROM delivery d JOIN event e ON e.change = d.change AND e.position = d.position WHERE d.number = ?
            """
        return try connection.first(sql, number) { row in
            let change = try changes[row.integer(7)] ?? change(row.integer(7))
            changes[row.integer(7)] = change
            return Delivery(
                id: number, subscriber: try name(row.integer(0)), event: try event(row, from: 8, of: change),
                state: Delivery.State(number: row.integer(1)), attempts: Int(row.integer(2)), due: row.timestamp(3),
                leasedUntil: row.optionalTimestamp(4), lease: row.integer(5), lastError: row.optionalText(6))
        }
    }
}

// MARK: - Appending

extension SQLiteTransaction {
    func append(_ change: ChangeRecord, _ events: [(event: LifecycleEvent, subscribers: [String])]) throws {
        let tenant = try existingNumber(of: change.resource.tenant)
        try connection.run(
            """
            INSERT INTO change_record (id, time, tenant, type, resource, operation, actor, request_id, depth, document_before,
                document_after, changes, deliveries)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, change.id, change.time, tenant, try newNumber(of: change.resource.type), change.resource.id,
            change.operation.rawValue, change.actor, change.requestID, change.depth, change.before, change.after,
            AttributeChange.json(change.changes),
            events.reduce(0) { $0 + $1.subscribers.count })
        let number = connection.lastInsertedRow
        for (position, (event, subscribers)) in events.enumerated() {
            try append(event, change: number, position: position, tenant: tenant)
            for subscriber in subscribers {
                try connection.run(
                    """
                    INSERT INTO delivery (change, position, subscriber, tenant, subject, time, state, attempts, due, lease, acknowledged)
                    VALUES (?1, ?2, ?3, ?4, ?5, ?6, CASE WHEN EXISTS (\(Self.head)) THEN 0 ELSE 1 END, 0, ?6, 0, 0)
                    """, number, position, try newNumber(of: subscriber), tenant, event.subject.id, change.time)
            }
        }
    }

    private func append(_ event: LifecycleEvent, change: Int64, position: Int, tenant: Int64) throws {
        try connection.run(
            """
            INSERT INTO event (change, position, id, kind, tenant, type, subject, group_type, group_id, old_manager, new_manager)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """, change, position, event.id, event.kind.rawValue, tenant, try newNumber(of: event.subject.type), event.subject.id,
            try event.group.map { try newNumber(of: $0.type) }, event.group?.id, event.oldManager, event.newManager)
    }

    /// The delivery of a subject (?5) of a tenant (?4) that is on its way to a subscriber (?3).
    static let head = """
        SELECT 1 FROM delivery INDEXED BY delivery_head
        WHERE subscriber = ?3 AND tenant = ?4 AND subject = ?5 AND state IN (1, 2)
        """
}
