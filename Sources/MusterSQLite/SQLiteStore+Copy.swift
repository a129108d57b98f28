import Foundation
import GRDB
import MusterCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension SQLiteStore {
    /// A copy of a database file in a temporary folder, which goes with the store: for tools that try something out.
    ///
    /// The copy is one consistent state, also while servers write, and is brought up to date where it is of an older version.
    /// The file itself and its write-ahead log stay as they are, byte for byte. What is written to the copy is not flushed
    /// to the disk. Meant for files of other processes: one that this process has open would lose its locks.
    /// - Throws: ``StoreError`` `unavailable` that names the file and says why it cannot be copied.
    public static func copy(ofFile path: String) throws -> SQLiteStore {
        let folder = FileManager.default.temporaryDirectory.appending(path: "muster-copy-\(UUID().uuidString)")
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
            let copy = folder.appending(path: "muster.sqlite").path
            try DatabaseCopy(source: path, target: copy).make()
            return try SQLiteStore(path: copy, temporaryFolder: folder)
        } catch {
            try? FileManager.default.removeItem(at: folder)
            if let error = error as? StoreError { throw error }
            let reason = (StoreError.leaving(error) as? StoreError)?.message ?? "\(error)"
            throw StoreError(.unavailable, "cannot copy the database '\(path)': \(reason)")
        }
    }
}

/// Copies a database file without touching it.
private struct DatabaseCopy {
    let source: String
    let target: String

    /// How often it is tried to find the files at rest.
    private static let attempts = 5
    /// How long nobody may have written: longer than the steps in which file systems count time.
    private static let rest = Duration.milliseconds(100)

    /// File and log together are one state as long as nobody writes, so that their bytes are all there is. Where somebody
    /// writes all the time, SQLite reads them as one state, for which it makes a mark in its index of the log.
    func make() throws {
        for attempt in 0..<Self.attempts {
            if attempt > 0 { usleep(UInt32(Self.rest.components.attoseconds / 1_000_000_000_000)) }
            let before = try states()
            guard before.allSatisfy({ $0?.isAtRest ?? true }) else { continue }
            try? clear()
            try FileManager.default.copyItem(atPath: source, toPath: target)
            if before[1] != nil { try FileManager.default.copyItem(atPath: source + "-wal", toPath: target + "-wal") }
            if try states() == before { return }
        }
        try? clear()
        try copyPages()
    }

    private func copyPages() throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let live = try DatabaseQueue(path: source, configuration: configuration)
        let copy = try DatabaseQueue(path: target)
        try live.backup(to: copy)
        try copy.close()
        try live.close()
    }

    private func clear() throws {
        for path in [target, target + "-wal"] where FileManager.default.fileExists(atPath: path) {
            try FileManager.default.removeItem(atPath: path)
        }
    }

    // MARK: Who writes?

    /// What tells that a file has been written to.
    private struct FileState: Hashable {
        var number: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int

        /// Whether it was written to so long ago that another write would show.
        var isAtRest: Bool {
            var now = timespec()
            clock_gettime(CLOCK_REALTIME, &now)
            let age = Duration.seconds(now.tv_sec - seconds) + .nanoseconds(now.tv_nsec - nanoseconds)
            return age > DatabaseCopy.rest
        }
    }

    /// The states of the file and of its log, which need not be there.
    private func states() throws -> [FileState?] {
        guard let file = state(of: source) else {
            throw StoreError(.unavailable, "cannot copy the database '\(source)': \(String(cString: strerror(errno)))")
        }
        return [file, state(of: source + "-wal")]
    }

    private func state(of path: String) -> FileState? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        #if canImport(Glibc)
            let changed = info.st_mtim
        #else
            let changed = info.st_mtimespec
        #endif
        return FileState(
            number: UInt64(info.st_ino), size: Int64(info.st_size), seconds: changed.tv_sec, nanoseconds: changed.tv_nsec)
    }
}
