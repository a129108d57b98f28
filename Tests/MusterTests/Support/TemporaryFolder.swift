import Foundation

/// A folder of a test's own, which goes when the test ends.
final class TemporaryFolder: Sendable {
    let url: URL

    var path: String { url.path(percentEncoded: false) }

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "muster-test-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The path of something in it.
    func path(_ name: String) -> String { url.appending(path: name).path(percentEncoded: false) }

    /// Writes a file and the folders above it.
    /// - Returns: Its path.
    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = url.appending(path: name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
        return file.path(percentEncoded: false)
    }

    /// Makes an empty folder.
    /// - Returns: Its path.
    func folder(_ name: String) throws -> String {
        try FileManager.default.createDirectory(at: url.appending(path: name), withIntermediateDirectories: true)
        return path(name)
    }

    /// Writes a plugin into `Plugins/`.
    /// - Parameter manifest: What plugin.json holds beside name, version and api.
    /// - Returns: The path of `Plugins/`.
    @discardableResult
    func plugin(_ name: String, manifest: String = "", lua: String) throws -> String {
        let more = manifest.isEmpty ? "" : ", " + manifest
        try write("Plugins/\(name)/plugin.json", #"{"name": "\#(name)", "version": "1.0.0", "api": 1\#(more)}"#)
        try write("Plugins/\(name)/init.lua", lua)
        return path("Plugins")
    }
}
