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
    /// to the disk.
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

    /// How often the file may change under our hands.
    private static let attempts = 5

    /// A file that nobody has open has no log beside it, and its bytes are all there is: SQLite would make a log and an index
    /// of it if it were asked. Where there is a log, SQLite reads both as one state.
    func make() throws {
        for _ in 0..<Self.attempts {
            guard let before = state(of: source) else {
                throw StoreError(.unavailable, "cannot copy the database '\(source)': \(String(cString: strerror(errno)))")
            }
            if state(of: source + "-wal") != nil { return try copyPages() }
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: source, toPath: target)
            // Who opened it meanwhile has made a log, or has written and gone again.
            if state(of: source + "-wal") == nil, state(of: source) == before { return }
        }
        throw StoreError(.unavailable, "cannot copy the database '\(source)': it is being opened and closed all the time; try again")
    }

    private func copyPages() throws {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        let live = try DatabaseQueue(path: source, configuration: configuration)
        try? FileManager.default.removeItem(atPath: target)
        let copy = try DatabaseQueue(path: target)
        try live.backup(to: copy)
        try copy.close()
        try live.close()
    }

    private func state(of path: String) -> [Int64]? {
        var info = stat()
        guard stat(path, &info) == 0 else { return nil }
        #if canImport(Glibc)
            let changed = info.st_mtim
        #else
            let changed = info.st_mtimespec
        #endif
        return [Int64(info.st_ino), Int64(info.st_size), Int64(changed.tv_sec), Int64(changed.tv_nsec)]
    }
}
