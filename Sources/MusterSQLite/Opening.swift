import Foundation
import GRDB
import MusterCore

/// Opens the file and says in one line what is wrong with it where it cannot.
enum Opening {
    /// How many long reads run at a time.
    static let concurrentScans = 2

    /// The connections to a file whose tables are up to date.
    static func pool(path: String) throws -> DatabasePool {
        try createFile(path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            try migrate(pool)
            return pool
        } catch {
            let reason = (StoreError.leaving(error) as? StoreError)?.message ?? "\(error)"
            throw StoreError(.unavailable, "cannot use the database '\(path)': \(reason)")
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "muster"
        configuration.busyMode = .timeout(5)
        // Short reads run on callers' threads: one for each processor, and a few for threads of other kinds.
        configuration.maximumReaderCount = ProcessInfo.processInfo.activeProcessorCount + concurrentScans + 2
        configuration.prepareDatabase { database in
            // Readers find pages in the mapped file, and need little memory of their own.
            let kibibytes = database.configuration.readonly ? 4_096 : 32_768
            try database.execute(
                sql: """
                    PRAGMA synchronous = FULL;
                    PRAGMA cache_size = -\(kibibytes);
                    PRAGMA mmap_size = 268435456;
                    PRAGMA temp_store = MEMORY;
                    """)
        }
        return configuration
    }

    /// Creates the file for its owner only; SQLite gives the files beside it the same permissions.
    private static func createFile(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError(.unavailable, "cannot use the database '\(path)': \(String(cString: strerror(errno)))")
        }
        Foundation.close(descriptor)
    }

    private static func migrate(_ pool: DatabasePool) throws {
        let migrator = Migrations.migrator
        // Two processes may start at the same time on a new file; the second then finds the work done.
        try pool.writeWithoutTransaction { database in
            let isOurs = try Int64.fetchOne(database, sql: "PRAGMA application_id") == Migrations.applicationID
            let tables = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard isOurs || tables == 0 else {
                throw StoreError(.unavailable, "the file belongs to another program")
            }
            guard try !migrator.hasBeenSuperseded(database) else {
                throw StoreError(.unavailable, "the file was written by a newer version of Muster; install that version or a later one")
            }
        }
        try migrator.migrate(pool)
    }
}
