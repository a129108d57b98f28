import Foundation
import GRDB
import MusterCore

/// Opens the file and says in one line what is wrong with it where it cannot.
enum Opening {
    /// How many long reads run at a time.
    static let concurrentScans = 2

    /// The connections to a file whose tables are up to date.
    /// - Parameter isDurable: Whether a commit is on disk when it is acknowledged; not for copies that are thrown away.
    static func pool(path: String, isDurable: Bool = true) throws -> DatabasePool {
        // Two that make the tables of a new file, or bring old ones up to date, at the same moment would fall over each other.
        let lock = FolderLock(of: path)
        defer { withExtendedLifetime(lock) {} }
        try createFile(path)
        do {
            let pool = try DatabasePool(path: path, configuration: configuration)
            // GRDB lowers it to NORMAL when it sets up WAL, and a commit would be acknowledged before it is on disk.
            try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = \(isDurable ? "FULL" : "OFF")") }
            try Migrations.migrator.migrate(pool)
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
        configuration.maximumReaderCount = concurrentScans
        configuration.prepareDatabase { database in
            if !database.configuration.readonly { try check(database) }
            let pragmas = database.configuration.readonly ? readerPragmas : writerPragmas
            for pragma in pragmas { try database.execute(sql: pragma) }
        }
        return configuration
    }

    /// Readers find pages in the mapped file, and need little memory of their own.
    static let readerPragmas = commonPragmas + ["PRAGMA cache_size = -4096"]
    /// A checkpoint at each 16 MB writes pages that change often once instead of four times.
    private static let writerPragmas =
        commonPragmas + [
            "PRAGMA cache_size = -32768", "PRAGMA wal_autocheckpoint = 4000", "PRAGMA journal_size_limit = 67108864",
        ]
    private static let commonPragmas = ["PRAGMA mmap_size = 268435456", "PRAGMA temp_store = MEMORY"]

    /// Creates the file for its owner only; SQLite gives the files beside it the same permissions.
    ///
    /// A file that is there is not opened: closing it again would take away the locks of other connections of this
    /// process (https://sqlite.org/howtocorrupt.html §2.2).
    private static func createFile(_ path: String) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            Foundation.close(descriptor)
        } else if errno != EEXIST || access(path, R_OK | W_OK) != 0 {
            throw StoreError(.unavailable, "cannot use the database '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    /// Refuses what is not ours before anything in the file is changed.
    private static func check(_ database: Database) throws {
        let isOurs = try Int64.fetchOne(database, sql: "PRAGMA application_id") == Migrations.applicationID
        let strangers = "SELECT count(*) FROM sqlite_master WHERE tbl_name <> 'grdb_migrations'"
        guard try isOurs || Int.fetchOne(database, sql: strangers) == 0 else {
            throw StoreError(.unavailable, "the file belongs to another program")
        }
        guard try !Migrations.migrator.hasBeenSuperseded(database) else {
            throw StoreError(.unavailable, "the file was written by a newer version of Muster; install that version or a later one")
        }
    }
}

/// An advisory lock on the folder of a file, held until the value is gone: between processes, and between the threads of one.
///
/// A lock on the file itself would not do: closing it takes away SQLite's own (https://sqlite.org/howtocorrupt.html §2.2). Where the
/// folder cannot be locked, or somebody else holds it for very long, there is no lock: then opening is what it is without one.
private final class FolderLock {
    private static let (attempts, pause) = (3000, UInt32(10_000))
    private let descriptor: Int32

    init(of path: String) {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        for _ in 0..<Self.attempts {
            guard flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK || errno == EINTR else { return }
            usleep(Self.pause)
        }
    }

    deinit { if descriptor >= 0 { close(descriptor) } }
}
