import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The folder that holds all that one server keeps, and the lock by which it has it alone.
public struct DataFolder: Sendable {
    /// Why a folder cannot be used.
    public struct Failure: Error, Sendable, CustomStringConvertible {
        /// What is wrong and what to do.
        public var description: String
    }

    /// The path.
    public let path: String

    /// Names a folder.
    public init(path: String) { self.path = path }

    /// The database.
    public var databasePath: String { path + "/muster.sqlite" }

    /// Whether there is a database.
    public var hasDatabase: Bool { FileManager.default.fileExists(atPath: databasePath) }

    /// The checksums of pinned plugins.
    public var pinsPath: String { path + "/plugins.lock" }

    /// The last good versions of plugins, by tenant.
    var goodPluginsPath: String { path + "/plugins-good" }

    /// Makes the folder, for its owner only, if it is not there.
    public func create() throws {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch { throw Failure(description: "cannot make the data folder \(path): \(error.localizedDescription)") }
    }

    /// Takes the folder for this process; the operating system gives it back when the process ends, however it does.
    /// - Returns: The lock, which holds as long as it is kept.
    public func lock() throws -> Lock {
        let file = path + "/muster.lock"
        let descriptor = open(file, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(description: "cannot open \(file): \(String(cString: strerror(errno)))") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw Failure(description: "another server has the data folder \(path); stop it, or choose another with --data")
        }
        // The process before may have left its number.
        _ = ftruncate(descriptor, 0)
        return Lock(descriptor: descriptor)
    }

    /// The process of the server that has the folder; nil when none has.
    public var server: Int32? {
        let descriptor = open(path + "/muster.lock", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        // Nobody has it where we get it, if only for this moment.
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: 32)
        let count = read(descriptor, &bytes, bytes.count)
        return Int32(String(decoding: bytes.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self))
    }

    /// A data folder that this process has alone.
    public final class Lock: Sendable {
        private let descriptor: Int32
        fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

        /// Writes down the number of this process, to which others may send signals from now on.
        public func announceProcess() {
            let text = Array("\(getpid())\n".utf8)
            _ = ftruncate(descriptor, 0)
            _ = pwrite(descriptor, text, text.count, 0)
        }

        deinit { close(descriptor) }
    }
}
