import MusterCore
import SCIM

// MARK: - Claiming and settling

extension SQLiteTransaction {
    func claimDeliveries(for subscribers: [String], limit: Int, now: Timestamp, leasedUntil: Timestamp) throws -> [Delivery] {
        guard limit > 0 else { return [] }
        var due: [(time: Int64, number: Int64)] = []
        for subscriber in Set(subscribers) {
            guard let subscriber = try number(of: subscriber) else { continue }
            for sql in Self.claimable {
                try connection.each(sql, subscriber, now, limit) { due.append((time: $0.integer(1), number: $0.integer(0))) }
            }
        }
        due.sort { $0 < $1 }
        var changes: [Int64: ChangeRecord] = [:]
        return try due.prefix(limit).compactMap { _, number in
            try connection.run(
                "UPDATE delivery SET state = 2, attempts = attempts + 1, lease = lease + 1, leased_until = ? WHERE number = ?",
                leasedUntil, number)
            return try delivery(number, changes: &changes)
        }
    }

    /// Due and ready, or leased to a worker that did not come back: each found at the head of an index, so that what
    /// waits behind costs nothing.
    static let claimable = [
        """
        SELECT number, due FROM delivery INDEXED BY delivery_ready
        WHERE state = 1 AND subscriber = ? AND due <= ? ORDER BY due, number LIMIT ?
        """,
        """
        SELECT number, due FROM delivery INDEXED BY delivery_leased
        WHERE state = 2 AND subscriber = ? AND leased_until <= ? ORDER BY leased_until, number LIMIT ?
        """,
    ]

    func settle(_ delivery: Delivery, _ settlement: DeliverySettlement) throws {
        let held = "WHERE number = ? AND lease = ? AND state = 2"
        let (id, lease) = (delivery.id, delivery.lease)
        let (settled, isFinished) =
            switch settlement {
            case .delivered:
                (
                    try connection.run(
                        "UPDATE delivery SET state = 3, leased_until = NULL, acknowledged = acknowledged + 1 \(held)", id, lease),
                    true
                )
            case .retry(let due, let error):
                (
                    try connection.run(
                        "UPDATE delivery SET state = 1, leased_until = NULL, due = ?, last_error = ? \(held)", due, error, id, lease),
                    false
                )
            case .setAside(let error):
                (
                    try connection.run(
                        "UPDATE delivery SET state = 4, leased_until = NULL, last_error = ? \(held)", error, id, lease), true
                )
            case .release(let due):
                (
                    try connection.run(
                        "UPDATE delivery SET state = 1, leased_until = NULL, due = ?, attempts = attempts - 1 \(held)", due, id, lease),
                    false
                )
            }
        guard settled > 0 else {
            throw StoreError(.conflict, "delivery \(delivery.id) is no longer held under this lease")
        }
        if isFinished { try readyNext(after: id) }
    }

    func releaseLeases() throws {
        try connection.run("UPDATE delivery SET state = 1, leased_until = NULL WHERE state = 2")
    }

    /// Makes the oldest blocked delivery of the same subscriber and subject ready, unless one is on its way.
    private func readyNext(after number: Int64) throws {
        let sql = "SELECT subscriber, tenant, subject FROM delivery WHERE number = ?"
        let line = try connection.first(sql, number) { ($0.integer(0), $0.integer(1), $0.text(2)) }
        guard let (subscriber, tenant, subject) = line else { return }
        try connection.run(
            """
            UPDATE delivery SET state = 1 WHERE NOT EXISTS (\(Self.head)) AND number = (
                SELECT number FROM delivery INDEXED BY delivery_blocked
                WHERE subscriber = ?3 AND tenant = ?4 AND subject = ?5 AND state = 0 ORDER BY number LIMIT 1)
            """, 0, 0, subscriber, tenant, subject)
    }
}

// MARK: - What a person does

extension SQLiteTransaction {
    func redriveDeliveries(_ query: DeliveryQuery, now: Timestamp) throws -> Int {
        // The oldest first, so that of one subject it goes first and the others wait for it.
        let numbers = try numbers(of: query, among: [.setAside]).reversed()
        for number in numbers {
            try connection.run(
                "UPDATE delivery SET state = 0, attempts = 0, due = ?, last_error = NULL WHERE number = ?", now, number)
            try readyNext(after: number)
        }
        return numbers.count
    }

    func dropDeliveries(_ query: DeliveryQuery, reason: String) throws -> Int {
        let numbers = try numbers(of: query, among: [.blocked, .ready, .leased, .setAside])
        for number in numbers {
            try connection.run("UPDATE delivery SET state = 5, leased_until = NULL, last_error = ? WHERE number = ?", reason, number)
        }
        for number in numbers { try readyNext(after: number) }
        return numbers.count
    }
}

// MARK: - Forgetting

extension SQLiteTransaction {
    func pruneDeliveries(before time: Timestamp, limit: Int) throws -> Int {
        guard limit > 0 else { return 0 }
        var finished: [(number: Int64, change: Int64)] = []
        let sql = """
            SELECT number, change FROM delivery INDEXED BY delivery_finished WHERE state IN (3, 5) AND time < ? ORDER BY time LIMIT ?
            """
        try connection.each(sql, time, limit) { finished.append((number: $0.integer(0), change: $0.integer(1))) }
        for (number, change) in finished {
            try connection.run("DELETE FROM delivery WHERE number = ?", number)
            try connection.run("UPDATE change_record SET deliveries = deliveries - 1 WHERE number = ?", change)
        }
        let unneeded = """
            SELECT number FROM change_record INDEXED BY change_record_unneeded WHERE deliveries = 0 AND time < ? ORDER BY time LIMIT ?
            """
        // Readers of the changes are told of what they have missed; see changeBounds.
        try connection.run(
            """
            INSERT INTO setting (name, value)
                SELECT '\(Self.forgottenSetting)' || t.name, max(c.number) FROM change_record c JOIN tenant t ON t.number = c.tenant
                WHERE c.number IN (\(unneeded)) GROUP BY t.number
                ON CONFLICT DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))
            """, time, limit)
        // Events go with their change.
        try connection.run("DELETE FROM change_record WHERE number IN (\(unneeded))", time, limit)
        try connection.run(
            """
            DELETE FROM plugin_value WHERE number IN (
                SELECT number FROM plugin_value WHERE expires IS NOT NULL AND expires < ? LIMIT ?)
            """, time, limit)
        return finished.count
    }

    /// How often a delivery was acknowledged.
    func acknowledgements(of delivery: Int64) throws -> Int {
        try connection.first("SELECT acknowledged FROM delivery WHERE number = ?", delivery) { Int($0.integer(0)) } ?? 0
    }
}
