import Foundation
import MusterCore
import MusterDirectory
import MusterServer
import MusterSQLite
import Synchronization

/// Throw-away stores: copies of one whose tables are made and whose tokens are in it.
final class SpecStores: Sendable {
    /// Who sends requests: the clients, and the spec itself.
    private static let clients = ["onelogin", "okta", "entra", "rfc", "spec"]

    /// The text of each client's access token.
    let tokens: [String: String]
    private let minted: [TokenMinter.Minted]
    private let folder = FileManager.default.temporaryDirectory.appending(path: "muster-specs-\(UUID().uuidString)")
    private let template = Mutex<Task<Void, any Error>?>(nil)

    init() {
        let minter = TokenMinter()
        minted = Self.clients.compactMap { try? minter.mint(name: $0) }
        tokens = Dictionary(uniqueKeysWithValues: minted.map { ($0.token.name, $0.text) })
    }

    deinit { removeTemplate() }

    /// Removes the store that the others are copies of.
    func removeTemplate() { try? FileManager.default.removeItem(at: folder) }

    /// A store of its own, which goes with its last user.
    func make() async throws -> any Store {
        try await prepared()
        return try SQLiteStore.copy(ofFile: templatePath)
    }

    private var templatePath: String { folder.appending(path: "template.sqlite").path }

    private func prepared() async throws {
        let task = template.withLock { task in
            if let task { return task }
            let made = Task { try await makeTemplate() }
            task = made
            return made
        }
        try await task.value
    }

    private func makeTemplate() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let store = try SQLiteStore(path: templatePath)
        let tokens = minted.map(\.token)
        try await store.write { transaction in for token in tokens { try transaction.insert(token) } }
        // The index of the standard directory, so that each copy finds it done.
        let site = Configuration.Directory()
        let schemas = try SiteSchemas(folder: nil, context: "directory")
        try await Directory(
            store: store, registry: schemas.registry, index: schemas.index(site), makeID: { UUID().uuidString }
        ).prepare(progress: { _ in })
        try store.close()
    }
}
