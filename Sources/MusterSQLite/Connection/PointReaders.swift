import GRDBSQLite
import MusterCore
import Synchronization

/// Read-only connections for short reads on the callers' own threads.
///
/// GRDB's pool asks for a hop through two queues and a look at the schema each time, which costs several times as much
/// as the read. There are as many connections as threads that read at the same moment.
final class PointReaders: Sendable {
    private struct State {
        var idle: [PointReader] = []
        var isClosed = false
    }

    private let path: String
    private let state = Mutex(State())

    init(path: String) { self.path = path }

    /// Runs `body` with a connection that nobody else uses meanwhile.
    func withReader<T>(_ body: (PointReader) throws -> T) throws -> T {
        let reader = try take()
        defer { give(reader) }
        return try body(reader)
    }

    /// Closes the connections, those that are in use when their read ends.
    func close() {
        let idle = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        // Outside the lock, since closing takes a while.
        withExtendedLifetime(idle) {}
    }

    private func take() throws -> PointReader {
        let idle = try state.withLock { state in
            guard !state.isClosed else { throw StoreError.closed }
            return state.idle.popLast()
        }
        return try idle ?? PointReader(path: path)
    }

    private func give(_ reader: PointReader) {
        state.withLock { state in if !state.isClosed { state.idle.append(reader) } }
    }
}

/// One such connection with its prepared statements.
///
/// Sendable since one thread at a time has it: it is handed out under the lock of ``PointReaders``.
final class PointReader: StatementSource, @unchecked Sendable {
    private(set) var handle: OpaquePointer?
    private var kept: [String: PreparedStatement] = [:]

    fileprivate init(path: String) throws {
        var opened: OpaquePointer?
        let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
        // A handle is given even when opening fails, and closed by deinit.
        handle = opened
        guard code == SQLITE_OK else { throw SQLiteFailure(extendedCode: code) }
        sqlite3_extended_result_codes(opened, 1)
        sqlite3_busy_timeout(opened, 5_000)
        for pragma in Opening.readerPragmas {
            let code = sqlite3_exec(opened, pragma, nil, nil, nil)
            guard code == SQLITE_OK else { throw SQLiteFailure(extendedCode: code) }
        }
    }

    deinit {
        kept = [:]
        sqlite3_close_v2(handle)
    }

    func statement(_ sql: String, isKept: Bool) throws -> (statement: OpaquePointer, owner: AnyObject) {
        if isKept, let found = kept[sql] { return (found.pointer, found) }
        var pointer: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let code = sqlite3_prepare_v3(handle, sql, -1, flags, &pointer, nil)
        guard code == SQLITE_OK, let pointer else { throw SQLiteFailure(extendedCode: code) }
        let prepared = PreparedStatement(pointer)
        if isKept { kept[sql] = prepared }
        return (pointer, prepared)
    }
}

/// A prepared statement of ours, finalized when nobody holds it.
private final class PreparedStatement {
    let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    deinit { sqlite3_finalize(pointer) }
}
