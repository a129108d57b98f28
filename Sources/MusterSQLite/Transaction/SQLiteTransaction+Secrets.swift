import MusterCore

extension SQLiteTransaction {
    func secret(_ attribute: String, of key: ResourceKey) throws -> [UInt8]? {
        guard let row = try row(of: key) else { return nil }
        return try connection.first("SELECT value FROM secret WHERE resource = ? AND attribute = ?", row, attribute) { $0.bytes(0) }
    }

    func setSecret(_ attribute: String, of key: ResourceKey, to value: [UInt8]?) throws {
        guard let row = try row(of: key) else { throw StoreError.missing(key) }
        guard let value else {
            try connection.run("DELETE FROM secret WHERE resource = ? AND attribute = ?", row, attribute)
            return
        }
        try connection.run(
            """
            INSERT INTO secret (resource, attribute, value) VALUES (?, ?, ?)
            ON CONFLICT DO UPDATE SET value = excluded.value
            """, row, attribute, value)
    }
}
