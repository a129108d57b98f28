import MusterCore
import SCIM

// MARK: - Tokens

extension SQLiteTransaction {
    private static let tokenColumns = "t.id, t.name, n.name, t.hash, t.scopes, t.dialect, t.created, t.expires, t.last_used, t.revoked"

    private static func token(_ row: SQLRow) -> AccessToken {
        AccessToken(
            id: row.text(0), name: row.text(1), tenant: Tenant(name: row.text(2)), hash: row.bytes(3),
            // A text that is no scope was not written here: it allows nothing.
            scopes: (try? AccessScopes(row.text(4))) ?? .none, dialect: row.optionalText(5), created: row.timestamp(6),
            expires: row.optionalTimestamp(7), lastUsed: row.optionalTimestamp(8), revoked: row.optionalTimestamp(9))
    }

    func accessToken(id: String) throws -> AccessToken? {
        let sql = "SELECT \(Self.tokenColumns) FROM access_token t JOIN tenant n ON n.number = t.tenant WHERE t.id = ?"
        return try connection.first(sql, id, body: Self.token)
    }

    func accessTokens() throws -> [AccessToken] {
        var found: [AccessToken] = []
        let sql = """
            SELECT \(Self.tokenColumns) FROM access_token t JOIN tenant n ON n.number = t.tenant ORDER BY t.created, t.rowid
            """
        try connection.each(sql) { found.append(Self.token($0)) }
        return found
    }

    func insert(_ token: AccessToken) throws {
        do {
            try connection.run(
                """
                INSERT INTO access_token (id, tenant, name, hash, scopes, dialect, created, expires, last_used, revoked)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                token.id, try existingNumber(of: token.tenant), token.name, token.hash, token.scopes.description, token.dialect,
                token.created, token.expires, token.lastUsed, token.revoked)
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            throw StoreError(.conflict, "there is a token with the id '\(token.id)' already")
        }
    }

    func revokeAccessToken(_ idOrName: String, at time: Timestamp) throws -> Bool {
        let byID = "UPDATE access_token SET revoked = ? WHERE id = ? AND revoked IS NULL"
        if try connection.run(byID, time, idOrName) > 0 { return true }
        let byName = "UPDATE access_token SET revoked = ? WHERE name = ? AND revoked IS NULL"
        return try connection.run(byName, time, idOrName) > 0
    }

    func setExpiry(ofAccessToken id: String, to time: Timestamp?) throws -> Bool {
        try connection.run("UPDATE access_token SET expires = ? WHERE id = ? AND revoked IS NULL", time, id) > 0
    }

    func noteUse(ofAccessToken id: String, at time: Timestamp) throws {
        let sql = "UPDATE access_token SET last_used = ? WHERE id = ? AND (last_used IS NULL OR last_used < ?)"
        try connection.run(sql, time, id, time)
    }
}

// MARK: - Plugin values

extension SQLiteTransaction {
    func pluginValue(_ key: String, plugin: String, tenant: Tenant, now: Timestamp) throws -> [UInt8]? {
        guard let tenant = try number(of: tenant) else { return nil }
        let sql = """
            SELECT value FROM plugin_value WHERE tenant = ? AND plugin = ? AND key = ? AND (expires IS NULL OR expires > ?)
            """
        return try connection.first(sql, tenant, plugin, key, now) { $0.bytes(0) }
    }

    func setPluginValue(_ key: String, _ value: [UInt8]?, plugin: String, tenant: Tenant, expires: Timestamp?) throws {
        guard let value else {
            guard let tenant = try number(of: tenant) else { return }
            try connection.run("DELETE FROM plugin_value WHERE tenant = ? AND plugin = ? AND key = ?", tenant, plugin, key)
            return
        }
        try connection.run(
            """
            INSERT INTO plugin_value (tenant, plugin, key, value, expires) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET value = excluded.value, expires = excluded.expires
            """, try existingNumber(of: tenant), plugin, key, value, expires)
    }
}

// MARK: - Settings

extension SQLiteTransaction {
    func setting(_ name: String) throws -> String? {
        try connection.first("SELECT value FROM setting WHERE name = ?", name) { $0.text(0) }
    }

    func setSetting(_ name: String, _ value: String) throws {
        try connection.run(
            "INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value", name, value)
    }
}
