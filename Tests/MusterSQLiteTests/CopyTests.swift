import Foundation
import GRDB
import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite struct CopyTests {
    private static let key = ResourceKey(type: "User", id: "u")

    /// The bytes of every file of a folder.
    private func files(in folder: TestFolder) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        return Dictionary(uniqueKeysWithValues: try names.map { ($0, try Data(contentsOf: folder.url.appending(path: $0))) })
    }

    /// A file with one user.
    private func store(in folder: TestFolder) async throws -> SQLiteStore {
        let store = try SQLiteStore(path: folder.path("muster.sqlite"))
        try await store.write { try $0.insert(Samples.stored("User", "u", ["userName": "u"])) }
        return store
    }

    /// Copies, writes to the copy, and looks whether any file has changed.
    private func expectUntouched(_ folder: TestFolder) async throws {
        let before = try files(in: folder)
        do {
            let copy = try SQLiteStore.copy(ofFile: folder.path("muster.sqlite"))
            #expect(try await copy.read { try $0.resource(Self.key) } != nil)
            try await copy.write { try $0.insert(Samples.stored("User", "v", ["userName": "v"])) }
            #expect(copy.path != folder.path("muster.sqlite"))
        }
        #expect(try files(in: folder) == before)
    }

    @Test("a file that nobody has open is copied without a file appearing beside it")
    func closed() async throws {
        let folder = try TestFolder()
        try await store(in: folder).close()
        try await expectUntouched(folder)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["muster.sqlite"])
    }

    @Test("targets and open work are copied along, and what is done with the copy stays in it")
    func provisioning() async throws {
        let folder = try TestFolder()
        let live = try await store(in: folder)
        try await live.write { transaction in
            try transaction.insert(Samples.target())
            try transaction.save(Samples.link("u", "r"))
            try transaction.enqueue(Samples.task("u"))
            try transaction.append(Samples.audit("target.connect"))
        }
        let copy = try SQLiteStore.copy(ofFile: live.path)
        #expect(try await copy.read { try $0.targetLink(Self.key, to: "slack") } == Samples.link("u", "r"))
        #expect(try await copy.read { try $0.provisioningTask(for: Self.key, at: "slack") } != nil)
        #expect(try await copy.read { try $0.auditEntries(in: .default, before: 0, limit: 9) }.map(\.act) == ["target.connect"])
        try await copy.write { try $0.deleteProvisioningTarget("slack", in: .default) }
        #expect(try await live.read { try $0.provisioningTarget("slack", in: .default) } == Samples.target())
    }

    @Test("a file beside a server that has it open is copied with what its log holds, and file and log stay as they are")
    func open() async throws {
        let folder = try TestFolder()
        let live = try await store(in: folder)
        try await expectUntouched(folder)
        #expect(try await live.read { try $0.resource(Self.key) } != nil)
    }

    @Test("a file that a killed server left behind is copied with what its log holds, and file and log stay as they are")
    func killed() async throws {
        let (origin, folder) = (try TestFolder(), try TestFolder())
        let live = try await store(in: origin)
        for suffix in ["", "-wal", "-shm"] {
            try FileManager.default.copyItem(atPath: live.path + suffix, toPath: folder.path("muster.sqlite" + suffix))
        }
        try await expectUntouched(folder)
    }

    @Test("a file that is written to all the time is copied as one state")
    func busy() async throws {
        let folder = try TestFolder()
        let live = try await store(in: folder)
        let writer = Task {
            var number = 0
            while !Task.isCancelled {
                number += 1
                // Two users in each commit: a copy has both or neither.
                try await live.write { [number] transaction in
                    for side in ["left", "right"] {
                        try transaction.insert(Samples.stored("User", "\(side)\(number)", ["userName": .string("\(side)\(number)")]))
                    }
                }
            }
        }
        let copy = try SQLiteStore.copy(ofFile: live.path)
        writer.cancel()
        let count = try await copy.read(.scan) { transaction in
            var count = 0
            try transaction.forEachResource(of: "User", in: .default) { _ in count += 1 }
            return count
        }
        #expect(!count.isMultiple(of: 2))
        _ = await writer.result
    }

    @Test("the folder of a copy goes with it")
    func gone() async throws {
        let folder = try TestFolder()
        try await store(in: folder).close()
        var copy: SQLiteStore? = try SQLiteStore.copy(ofFile: folder.path("muster.sqlite"))
        let path = try #require(copy?.path)
        #expect(FileManager.default.fileExists(atPath: path))
        copy = nil
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("what is no database of ours is named")
    func strangers() throws {
        let folder = try TestFolder()
        let message = { (name: String) -> String in
            do { _ = try SQLiteStore.copy(ofFile: folder.path(name)) } catch { return "\(error)" }
            return "no error"
        }
        #expect(message("none.sqlite").contains("none.sqlite': No such file or directory"))
        try Data("this is a letter to my aunt, and much longer than a header of SQLite would have to be, a hundred bytes".utf8)
            .write(to: folder.url.appending(path: "letter.sqlite"))
        #expect(message("letter.sqlite").contains("no SQLite database"))
    }
}
