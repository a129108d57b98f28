package import Foundation

/// Keeps the last good version of each plugin, so that a restart beside a broken one still serves it.
///
/// Each is a folder `NAME-CHECKSUM` that holds what is needed to run it, and nothing else. A copy whose files do not have
/// that checksum is not used.
package struct PluginStash: Sendable {
    private let folder: URL

    /// - Parameter folder: Made when the first version is kept.
    package init(folder: URL) { self.folder = folder }

    /// Keeps a version in place of the one before it.
    func keep(_ plugin: PluginFolder) throws {
        guard let contents = plugin.contents, let digest = PluginDigest(plugin) else { return }
        let target = folder.appending(path: "\(plugin.name)-\(digest.sum)")
        if PluginDigest(PluginFolder(name: plugin.name, url: target).read()) != digest { try write(contents, to: target) }
        for other in versions(of: plugin.name) where other.lastPathComponent != target.lastPathComponent {
            try FileManager.default.removeItem(at: other)
        }
    }

    /// The version that was kept, read and found to be whole; nil where there is none.
    func version(of name: String) -> PluginFolder? {
        versions(of: name).lazy.map { ($0, PluginFolder(name: name, url: $0).read()) }
            .first { url, plugin in PluginDigest(plugin).map { url.lastPathComponent == "\(name)-\($0.sum)" } ?? false }?.1
    }

    private func write(_ contents: [String: [UInt8]], to target: URL) throws {
        let files = FileManager.default
        let draft = folder.appending(path: ".draft-\(UUID().uuidString)")
        defer { try? files.removeItem(at: draft) }
        for (path, bytes) in contents {
            let file = draft.appending(path: path)
            try files.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
            try Data(bytes).write(to: file)
        }
        if files.fileExists(atPath: target.path) { try files.removeItem(at: target) }
        try files.moveItem(at: draft, to: target)
    }

    private func versions(of name: String) -> [URL] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.sorted()
            .filter { $0.hasPrefix(name + "-") && $0.utf8.count == name.utf8.count + 65 && $0.suffix(64).allSatisfy(\.isHexDigit) }
            .map { folder.appending(path: $0) }
    }
}
