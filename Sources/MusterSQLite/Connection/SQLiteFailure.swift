import GRDB
import GRDBSQLite
import MusterCore

/// What SQLite answered instead of doing its work. It never leaves the store: see ``StoreError/init(sqlite:)``.
struct SQLiteFailure: Error {
    /// The extended result code.
    let extendedCode: CInt

    /// The primary result code, such as `SQLITE_BUSY`.
    var code: CInt { extendedCode & 0xFF }

    /// Whether a UNIQUE index or a primary key refused a row.
    var isUniqueness: Bool {
        [SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_ROWID].contains(extendedCode)
    }
}

private let SQLITE_CONSTRAINT_PRIMARYKEY = SQLITE_CONSTRAINT | (6 << 8)
private let SQLITE_CONSTRAINT_UNIQUE = SQLITE_CONSTRAINT | (8 << 8)
private let SQLITE_CONSTRAINT_ROWID = SQLITE_CONSTRAINT | (10 << 8)

extension SQLiteFailure {
    /// Whether a table's primary key refused a row.
    var isPrimaryKey: Bool { extendedCode == SQLITE_CONSTRAINT_PRIMARYKEY }
}

extension StoreError {
    /// The store is shut.
    static let closed = StoreError(.unavailable, "the store is closed")

    /// What a failure of SQLite means. The message holds neither SQL nor a value.
    init(sqlite failure: SQLiteFailure) {
        let what =
            switch failure.code {
            case SQLITE_BUSY, SQLITE_LOCKED: "the database is locked by another process; try again"
            case SQLITE_FULL: "the disk is full; nothing was written"
            case SQLITE_IOERR: "the disk cannot be read or written (SQLite code \(failure.extendedCode))"
            case SQLITE_CORRUPT: "the database file is damaged; restore it from a backup"
            case SQLITE_NOTADB: "the file is no SQLite database"
            case SQLITE_READONLY, SQLITE_PERM: "the database file may not be written; check its owner and permissions"
            case SQLITE_CANTOPEN: "the database file cannot be opened; check that its folder exists and may be written"
            case SQLITE_NOMEM: "SQLite has no memory left"
            default: "SQLite failed with code \(failure.extendedCode) (\(String(cString: sqlite3_errstr(failure.extendedCode))))"
            }
        self.init(.unavailable, what)
    }

    /// An error as it may leave the store: SQLite's and GRDB's own become a ``StoreError`` or a cancellation.
    static func leaving(_ error: any Error) -> any Error {
        let failure: SQLiteFailure
        switch error {
        case let own as SQLiteFailure: failure = own
        case let theirs as DatabaseError: failure = SQLiteFailure(extendedCode: theirs.extendedResultCode.rawValue)
        default: return error
        }
        return [SQLITE_INTERRUPT, SQLITE_ABORT].contains(failure.code) ? CancellationError() : StoreError(sqlite: failure)
    }
}
