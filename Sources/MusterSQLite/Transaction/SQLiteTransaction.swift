import MusterCore
import SCIM

/// A transaction on one connection. Which of its two protocols is handed out says whether it may write.
final class SQLiteTransaction: WriteTransaction {
    private(set) var connection: Connection
    let shared: SharedState
    let isWriting: Bool
    /// Numbers that other transactions may learn of only after the commit.
    private var uncommitted: [(key: Names.Key, number: Int64)] = []
    /// Numbers of tenants, good within this transaction.
    private var tenantNumbers: [String: Int64] = [:]

    init(_ source: any StatementSource, shared: SharedState, isWriting: Bool) {
        connection = Connection(source: source)
        self.shared = shared
        self.isWriting = isWriting
    }

    private var names: Names { shared.names }

    /// Counts what the statements of `body` do.
    func metered(_ body: () throws -> Void) rethrows -> StatementWork {
        let meter = StatementMeter()
        connection.meter = meter
        defer { connection.meter = nil }
        try body()
        return meter.work
    }
}

// MARK: - Savepoints, for the group commit

extension SQLiteTransaction {
    /// Runs `body` in a savepoint: when it throws, nothing of it remains.
    /// - Throws: What `body` throws. The whole transaction may be gone then, see ``isOpen``.
    func inSavepoint<T>(_ body: () throws -> T) throws -> T {
        let known = uncommitted.count
        try connection.run("SAVEPOINT closure")
        do {
            let result = try body()
            try connection.run("RELEASE closure")
            return result
        } catch {
            uncommitted.removeSubrange(known...)
            tenantNumbers = [:]
            if isOpen {
                try connection.run("ROLLBACK TO closure")
                try connection.run("RELEASE closure")
            }
            throw error
        }
    }

    /// Runs `body` on one state of the database, on a connection that is in no transaction yet.
    func inSnapshot<T>(_ body: () throws -> T) throws -> T {
        try connection.run("BEGIN")
        defer { rollback() }
        return try body()
    }

    /// Whether the transaction lasts; a full disk, for one, ends it together with all its savepoints.
    var isOpen: Bool { connection.isInTransaction }

    /// Begins, waiting for another process that writes as long as the connection's busy timeout.
    func begin() throws { try connection.run("BEGIN IMMEDIATE") }

    /// Makes everything durable.
    func commit() throws {
        try connection.run("COMMIT")
        for (key, number) in uncommitted { names.remember(key, number) }
        uncommitted = []
    }

    /// Undoes everything.
    func rollback() {
        uncommitted = []
        tenantNumbers = [:]
        if isOpen { _ = try? connection.run("ROLLBACK") }
    }
}

// MARK: - Numbers for names

extension SQLiteTransaction {
    /// The number of a tenant, or nil when there is none.
    func number(of tenant: Tenant) throws -> Int64? {
        if tenant == .default { return Migrations.defaultTenant }
        if let number = tenantNumbers[tenant.name] { return number }
        let number = try connection.first("SELECT number FROM tenant WHERE name = ?", tenant.name) { $0.integer(0) }
        if let number { tenantNumbers[tenant.name] = number }
        return number
    }

    /// The number of a tenant for which something is written.
    /// - Throws: ``StoreError`` `notFound`.
    func existingNumber(of tenant: Tenant) throws -> Int64 {
        guard let number = try number(of: tenant) else { throw StoreError.missing(tenant) }
        return number
    }

    /// Forgets the number of a tenant that was removed.
    func forgetNumber(of tenant: Tenant) { tenantNumbers[tenant.name] = nil }

    /// The number of a resource type or subscriber, or nil when nobody used it yet.
    func number(of name: String) throws -> Int64? {
        try known(.name(name)) {
            try connection.first("SELECT number FROM name WHERE text = ?", name) { $0.integer(0) }
        }
    }

    /// The number of a resource type or subscriber, new if need be.
    func newNumber(of name: String) throws -> Int64 {
        if let number = try number(of: name) { return number }
        try connection.run("INSERT INTO name (text) VALUES (?)", name)
        return noting(.name(name))
    }

    /// The resource type or subscriber that has this number.
    func name(_ number: Int64) throws -> String {
        if let name = names.name(number) { return name }
        if let own = uncommitted.first(where: { if case .name = $0.key { $0.number == number } else { false } }),
            case .name(let text) = own.key
        {
            return text
        }
        guard let text = try connection.first("SELECT text FROM name WHERE number = ?", number, body: { $0.text(0) }) else {
            throw StoreError(.unavailable, "the database file is damaged: a name is missing; restore it from a backup")
        }
        note(.name(text), number)
        return text
    }

    /// The number of an indexed attribute of a type of a tenant, or nil when no value was indexed yet.
    func number(ofAttribute name: String, tenant: Int64, type: Int64) throws -> Int64? {
        try known(.attribute(tenant: tenant, type: type, name: name)) {
            let sql = "SELECT number FROM attribute WHERE tenant = ? AND type = ? AND name = ?"
            return try connection.first(sql, tenant, type, name) { $0.integer(0) }
        }
    }

    /// The number of an indexed attribute of a type of a tenant, new if need be.
    func newNumber(ofAttribute name: String, tenant: Int64, type: Int64) throws -> Int64 {
        if let number = try number(ofAttribute: name, tenant: tenant, type: type) { return number }
        try connection.run("INSERT INTO attribute (tenant, type, name) VALUES (?, ?, ?)", tenant, type, name)
        return noting(.attribute(tenant: tenant, type: type, name: name))
    }

    private func known(_ key: Names.Key, _ find: () throws -> Int64?) throws -> Int64? {
        if let number = names.number(of: key) ?? uncommitted.first(where: { $0.key == key })?.number { return number }
        let found = try find()
        if let found { note(key, found) }
        return found
    }

    private func noting(_ key: Names.Key) -> Int64 {
        let number = connection.lastInsertedRow
        note(key, number)
        return number
    }

    /// A reader sees committed rows only; what a writer sees may yet be rolled back.
    private func note(_ key: Names.Key, _ number: Int64) {
        if isWriting { uncommitted.append((key, number)) } else { names.remember(key, number) }
    }
}
