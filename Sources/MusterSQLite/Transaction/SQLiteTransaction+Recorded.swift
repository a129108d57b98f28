import MusterCore

extension SQLiteTransaction {
    func record(_ record: [UInt8]?, of delivery: Delivery) throws {
        guard let record else {
            try connection.run("DELETE FROM delivery_record WHERE delivery = ?", delivery.id)
            return
        }
        // A delivery that is gone meanwhile needs no record.
        try connection.run(
            """
            INSERT INTO delivery_record (delivery, record) SELECT number, ?2 FROM delivery WHERE number = ?1
            ON CONFLICT (delivery) DO UPDATE SET record = excluded.record
            """, delivery.id, record)
    }

    func recordedDeliveries(to subscriber: String, after number: Int64, fromChange change: Int64, limit: Int) throws -> [RecordedDelivery] {
        guard limit > 0, let subscriber = try self.number(of: subscriber) else { return [] }
        var rows: [(number: Int64, change: Int64, record: [UInt8]?)] = []
        // No index leads from a change to its deliveries: only tools ask for them, and all in one go.
        let sql = """
            SELECT d.number, d.change, r.record FROM delivery d LEFT JOIN delivery_record r ON r.delivery = d.number
            WHERE d.number > ? AND d.subscriber = ? AND d.change >= ? ORDER BY d.number LIMIT ?
            """
        try connection.each(sql, number, subscriber, change, limit) {
            rows.append(($0.integer(0), $0.integer(1), $0.optionalBytes(2)))
        }
        var changes: [Int64: ChangeRecord] = [:]
        return try rows.compactMap { row in
            try delivery(row.number, changes: &changes).map { RecordedDelivery(change: row.change, delivery: $0, record: row.record) }
        }
    }
}
