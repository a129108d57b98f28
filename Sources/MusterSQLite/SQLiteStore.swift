import Foundation
import GRDB
public import MusterCore
import SCIM
import Synchronization

/// A ``Store`` in one SQLite file, in WAL mode with a durable flush at each commit.
///
/// Other processes may open the same file at the same time, such as the command line beside the server. Writers of
/// one process share commits; writers of several wait for one another for up to five seconds.
public final class SQLiteStore: Store {
    /// The path of the database file.
    public let path: String

    private let points: PointReaders
    private let pool: DatabasePool
    private let shared: SharedState
    private let writer: GroupCommit
    private let scans = ScanGate(permits: Opening.concurrentScans)
    private let temporaryFolder: URL?

    /// Opens a database file, creating it where there is none (readable and writable by its owner only), and brings
    /// its tables up to date.
    /// - Throws: ``StoreError`` `unavailable` that names the file and says why it cannot be used.
    public convenience init(path: String) throws { try self.init(path: path, temporaryFolder: nil, shared: SharedState()) }

    /// A store of its own for a test: a temporary file, which goes with the store.
    public static func inMemory() throws -> SQLiteStore { try inMemory(sorting: SharedState.sortable) }

    /// The same with another limit of how many resources are sorted rather than walked over in order.
    package static func inMemory(sorting sortable: Int) throws -> SQLiteStore {
        let folder = FileManager.default.temporaryDirectory.appending(path: "muster-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        do {
            return try SQLiteStore(
                path: folder.appending(path: "muster.sqlite").path, temporaryFolder: folder, shared: SharedState(sortable: sortable))
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    /// Opens a copy, which goes with the store and need not survive the machine.
    init(path: String, temporaryFolder: URL) throws {
        pool = try Opening.pool(path: path, isDurable: false)
        shared = SharedState()
        points = PointReaders(path: path)
        writer = GroupCommit(pool: pool, shared: shared)
        self.path = path
        self.temporaryFolder = temporaryFolder
    }

    private init(path: String, temporaryFolder: URL?, shared: SharedState) throws {
        pool = try Opening.pool(path: path)
        points = PointReaders(path: path)
        writer = GroupCommit(pool: pool, shared: shared)
        self.path = path
        self.shared = shared
        self.temporaryFolder = temporaryFolder
    }

    deinit {
        // The connections close by themselves. Asking them to would wait for the writer's thread, on which the last
        // closure that holds the store may just be ending.
        if let temporaryFolder { try? FileManager.default.removeItem(at: temporaryFolder) }
    }

    /// Closes all connections once their work is done. What comes later is refused as `unavailable`.
    /// - Throws: ``StoreError`` when a read is still going on.
    public func close() throws {
        points.close()
        do { try pool.close() } catch { throw StoreError.leaving(error) }
    }

    /// Runs `body` on one consistent state, which holds everything that was acknowledged before.
    /// - Throws: What `body` throws, or ``StoreError`` `unavailable`.
    public func read<T: Sendable>(
        _ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T {
        do {
            switch extent {
            case .point: return try pointRead(body)
            case .scan:
                return try await scans.run {
                    try await pool.read { [shared] in try body(SQLiteTransaction($0, shared: shared, isWriting: false)) }
                }
            }
        } catch { throw StoreError.leaving(error) }
    }

    /// A hop to another thread would cost four times as much as the read.
    private func pointRead<T>(_ body: (any ReadTransaction) throws -> T) throws -> T {
        try points.withReader { reader in
            let transaction = SQLiteTransaction(reader, shared: shared, isWriting: false)
            return try transaction.inSnapshot { try body(transaction) }
        }
    }

    /// Runs `body` in a transaction and returns once it is durable; see ``Store/write(_:)``.
    ///
    /// A task that is cancelled while it waits still learns what became of the write.
    /// - Throws: What `body` throws, or ``StoreError`` `unavailable`.
    public func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        try Task.checkCancellation()
        return try await withCheckedThrowingContinuation { continuation in
            writer.enqueue(
                GroupCommit.Write(
                    run: { transaction in
                        let result = try body(transaction)
                        return { continuation.resume(returning: result) }
                    },
                    fail: { continuation.resume(throwing: $0) }))
        }
    }

    // MARK: For tests

    /// How many commits this store has made.
    package var commitCount: Int { writer.commits.load(ordering: .relaxed) }

    /// What SQLite's planner says about a search, and whether SQL alone decides.
    package func explain(_ query: ResourceQuery) async throws -> (steps: [String], isExact: Bool) {
        try await pool.read { [shared] in try SQLiteTransaction($0, shared: shared, isWriting: false).explain(query) }
    }

    /// A page of a search, with what its statements did.
    package func measure(_ query: ResourceQuery) async throws -> (page: ResourcePage, work: StatementWork) {
        try await pool.read { [shared] in
            let transaction = SQLiteTransaction($0, shared: shared, isWriting: false)
            var page = ResourcePage(totalResults: nil, resources: [])
            let work = try transaction.metered { page = try transaction.resources(query) }
            return (page, work)
        }
    }

    /// What the statements of a transaction do.
    package func work(of body: @escaping @Sendable (any WriteTransaction) throws -> Void) async throws -> StatementWork {
        try await write { transaction in
            guard let transaction = transaction as? SQLiteTransaction else { preconditionFailure("a transaction of another store") }
            return try transaction.metered { try body(transaction) }
        }
    }

    /// How often a delivery was acknowledged: never more than once.
    package func acknowledgements(of delivery: Int64) async throws -> Int {
        try await pool.read { [shared] in try SQLiteTransaction($0, shared: shared, isWriting: false).acknowledgements(of: delivery) }
    }

    /// The value of a pragma of the writer's connection.
    package func pragma(_ name: String) async throws -> String? {
        try await pool.writeWithoutTransaction { try String.fetchOne($0, sql: "PRAGMA \(name)") }
    }
}
