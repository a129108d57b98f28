import Foundation
import GRDB
import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

/// A folder for one test, which goes with it.
final class TestFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "muster-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func path(_ name: String) -> String { url.appending(path: name).path }
}

@Suite struct FileTests {
    private func message(of open: () throws -> Void) -> String {
        do { try open() } catch let error as StoreError {
            return error.code == .unavailable ? error.message : "another code: \(error)"
        } catch { return "another error: \(error)" }
        return "no error"
    }

    @Test("what was acknowledged is there after the file is opened again, without a clean end")
    func durability() async throws {
        let folder = try TestFolder()
        let path = folder.path("muster.sqlite")
        let first = try SQLiteStore(path: path)
        try await first.write { transaction in
            try transaction.insert(Samples.stored("User", "u", ["userName": "u"]))
            try transaction.append(Samples.event(of: "u", change: "1"), to: "plugin:a")
        }
        // A copy of the files as they are now is what a killed process leaves behind.
        for suffix in ["", "-wal", "-shm"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: folder.path("copy.sqlite" + suffix))
        }
        let second = try SQLiteStore(path: folder.path("copy.sqlite"))
        #expect(try await second.read { try $0.resource(ResourceKey(type: "User", id: "u")) } != nil)
        #expect(try await second.read { try $0.deliveries(DeliveryQuery()) }.count == 1)
        try first.close()
        let third = try SQLiteStore(path: path)
        await #expect(throws: StoreError(.uniqueness(path: "userName"), "")) {
            try await third.write { try $0.insert(Samples.stored("User", "v", ["userName": "U"])) }
        }
        #expect(try await third.read { try $0.resource(ResourceKey(type: "User", id: "u")) } != nil)
    }

    @Test("commits wait for the disk: WAL with a full flush, foreign keys on")
    func pragmas() async throws {
        let store = try SQLiteStore.inMemory()
        #expect(try await store.pragma("journal_mode") == "wal")
        #expect(try await store.pragma("synchronous") == "2")
        #expect(try await store.pragma("foreign_keys") == "1")
        #expect(try await store.pragma("busy_timeout") == "5000")
        #expect(try await store.pragma("integrity_check") == "ok")
    }

    @Test("only the owner may read and write the files")
    func permissions() async throws {
        let folder = try TestFolder()
        let path = folder.path("muster.sqlite")
        let store = try SQLiteStore(path: path)
        try await store.write { try $0.setSetting("a", "b") }
        #expect(try await store.read { try $0.setting("a") } == "b")
        for suffix in ["", "-wal", "-shm"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path + suffix)
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(suffix)")
        }
    }

    @Test("a temporary store leaves nothing behind")
    func temporary() async throws {
        let path = try await {
            let store = try SQLiteStore.inMemory()
            try await store.write { try $0.setSetting("a", "b") }
            #expect(FileManager.default.fileExists(atPath: store.path))
            return store.path
        }()
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a file of a newer version is refused and left alone")
    func newerSchema() throws {
        let folder = try TestFolder()
        let path = folder.path("muster.sqlite")
        try SQLiteStore(path: path).close()
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('99')") }
        try queue.close()
        let text = message { _ = try SQLiteStore(path: path) }
        #expect(text.contains("newer version of Muster") && text.contains(path) && !text.contains("\n"))
    }

    @Test("what is no database of ours is refused by name and unharmed")
    func foreignFiles() throws {
        let folder = try TestFolder()
        let path = folder.path("other.sqlite")
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: "CREATE TABLE t (a)") }
        try queue.close()
        let before = try Data(contentsOf: URL(filePath: path))
        #expect(message { _ = try SQLiteStore(path: path) }.contains("belongs to another program"))
        #expect(try Data(contentsOf: URL(filePath: path)) == before)

        let text = folder.path("notes.txt")
        try Data(String(repeating: "no database ", count: 100).utf8).write(to: URL(filePath: text))
        #expect(message { _ = try SQLiteStore(path: text) } == "cannot use the database '\(text)': the file is no SQLite database")

        let missing = folder.path("nowhere/muster.sqlite")
        #expect(message { _ = try SQLiteStore(path: missing) } == "cannot use the database '\(missing)': No such file or directory")
        #expect(message { _ = try SQLiteStore(path: folder.url.path) }.hasPrefix("cannot use the database '\(folder.url.path)': "))
    }

    @Test("after close, reads and writes are refused")
    func closed() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.write { try $0.setSetting("a", "b") }
        try store.close()
        await #expect(throws: StoreError(.unavailable, "")) { try await store.write { try $0.setSetting("a", "c") } }
        await #expect(throws: StoreError(.unavailable, "")) { try await store.read { try $0.setting("a") } }
        await #expect(throws: StoreError(.unavailable, "")) { try await store.read(.scan) { try $0.setting("a") } }
    }

    @Test("eight stores that open one new file at the same moment all find it ready")
    func concurrentOpening() async throws {
        let folder = try TestFolder()
        try await withThrowingTaskGroup(of: SQLiteStore.self) { tasks in
            for _ in 0..<8 { tasks.addTask { try SQLiteStore(path: folder.path("muster.sqlite")) } }
            for try await store in tasks { try await store.write { try $0.setSetting("a", "b") } }
        }
    }
}
