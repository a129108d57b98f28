import GRDB
import GRDBSQLite
import MusterCore

/// What has a SQLite connection and keeps its prepared statements from one transaction to the next.
protocol StatementSource: AnyObject {
    /// The connection; nil when it is closed.
    var handle: OpaquePointer? { get }

    /// A prepared statement, with what keeps it alive.
    /// - Parameter isKept: Whether it is wanted again; not for texts of unbounded variety.
    func statement(_ sql: String, isKept: Bool) throws -> (statement: OpaquePointer, owner: AnyObject)
}

extension Database: StatementSource {
    var handle: OpaquePointer? { sqliteConnection }

    func statement(_ sql: String, isKept: Bool) throws -> (statement: OpaquePointer, owner: AnyObject) {
        let prepared = isKept ? try cachedStatement(sql: sql) : try makeStatement(sql: sql)
        return (prepared.sqliteStatement, prepared)
    }
}

/// Adds up what statements do, for tests of what a search costs.
final class StatementMeter {
    private(set) var work = StatementWork()

    /// Adds what a statement did since this was last asked for.
    fileprivate func add(_ statement: OpaquePointer) {
        let did = Self.taken(from: statement)
        work.steps += did.steps
        work.sorts += did.sorts
        work.scannedRows += did.scannedRows
    }

    /// Forgets what a statement did while nobody asked.
    fileprivate func begin(_ statement: OpaquePointer) { _ = Self.taken(from: statement) }

    private static func taken(from statement: OpaquePointer) -> StatementWork {
        func taken(_ counter: CInt) -> Int { Int(sqlite3_stmt_status(statement, counter, 1)) }
        return StatementWork(
            steps: taken(SQLITE_STMTSTATUS_VM_STEP), sorts: taken(SQLITE_STMTSTATUS_SORT),
            scannedRows: taken(SQLITE_STMTSTATUS_FULLSCAN_STEP))
    }
}

/// What statements did.
package struct StatementWork: Sendable, Hashable {
    /// Instructions of SQLite's virtual machine.
    package var steps = 0
    /// Sorts that no index made superfluous.
    package var sorts = 0
    /// Rows passed in scans that no index narrowed.
    package var scannedRows = 0
}

/// One connection while it is ours.
///
/// Rows and parameters pass straight between Swift and SQLite, since a request runs a dozen statements and each would
/// else box its values twice.
struct Connection {
    let source: any StatementSource
    /// Counts what the statements do; nil where nobody asks.
    var meter: StatementMeter?

    /// Runs a statement that answers no rows.
    /// - Returns: The number of rows that it inserted, changed or deleted; without those of cascades.
    @discardableResult
    func run(_ sql: String, _ values: any SQLBindable...) throws -> Int {
        try withStatement(sql, values, isKept: true) { statement in
            while try step(statement) {}
            return Int(sqlite3_changes(source.handle))
        }
    }

    /// The first row that a statement answers, as `body` reads it, or nil.
    func first<T>(_ sql: String, _ values: any SQLBindable..., body: (SQLRow) throws -> T) throws -> T? {
        try first(sql, values: values, isKept: true, body: body)
    }

    /// The first row that a statement answers, as `body` reads it, or nil.
    func first<T>(_ sql: String, values: [any SQLBindable], isKept: Bool, body: (SQLRow) throws -> T) throws -> T? {
        try withStatement(sql, values, isKept: isKept) { statement in
            try step(statement) ? try body(SQLRow(statement: statement)) : nil
        }
    }

    /// Calls `body` with each row. `body` may run other statements, the same one among them.
    func each(_ sql: String, _ values: any SQLBindable..., body: (SQLRow) throws -> Void) throws {
        try each(sql, values: values, isKept: true, body: body)
    }

    /// Calls `body` with each row. `body` may run other statements, the same one among them.
    /// - Parameter isKept: Whether the prepared statement is kept; not for texts of unbounded variety.
    func each(_ sql: String, values: [any SQLBindable], isKept: Bool, body: (SQLRow) throws -> Void) throws {
        try walk(sql, values: values, isKept: isKept) {
            try body($0)
            return true
        }
    }

    /// Calls `body` with each row until it answers false; see ``each(_:values:isKept:body:)``.
    func walk(_ sql: String, values: [any SQLBindable], isKept: Bool, body: (SQLRow) throws -> Bool) throws {
        try withStatement(sql, values, isKept: isKept) { statement in
            while try step(statement), try body(SQLRow(statement: statement)) {}
        }
    }

    /// The row number of the last INSERT.
    var lastInsertedRow: Int64 { sqlite3_last_insert_rowid(source.handle) }

    /// Whether a transaction is open.
    var isInTransaction: Bool { source.handle != nil && sqlite3_get_autocommit(source.handle) == 0 }

    private func withStatement<T>(
        _ sql: String, _ values: [any SQLBindable], isKept: Bool, _ body: (OpaquePointer) throws -> T
    ) throws -> T {
        guard source.handle != nil else { throw StoreError.closed }
        var (statement, owner) = try source.statement(sql, isKept: isKept)
        // A walk over rows may meet its own statement again inside its body.
        if sqlite3_stmt_busy(statement) != 0 { (statement, owner) = try source.statement(sql, isKept: false) }
        return try withExtendedLifetime(owner) {
            meter?.begin(statement)
            defer {
                meter?.add(statement)
                sqlite3_reset(statement)
            }
            for (offset, value) in values.enumerated() {
                let code = value.bind(to: statement, at: CInt(offset + 1))
                guard code == SQLITE_OK else { throw SQLiteFailure(extendedCode: code) }
            }
            return try body(statement)
        }
    }

    /// Moves on to the next row.
    /// - Returns: Whether there is one.
    private func step(_ statement: OpaquePointer) throws -> Bool {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: true
        case SQLITE_DONE: false
        case let code: throw SQLiteFailure(extendedCode: code)
        }
    }
}
