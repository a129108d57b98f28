import Crypto

/// The SHA-256 checksums of the files of a plugin that count for running it.
package struct PluginDigest: Sendable, Hashable {
    /// The checksum of each file in hex, by its path in the plugin's folder.
    package let files: [String: String]
    /// The checksum of them all: that of the lines `CHECKSUM  PATH` in the order of the paths, which is what
    /// `sha256sum` prints for the files.
    package let sum: String

    init(files: [String: String]) {
        self.files = files
        sum = Self.checksum(Array(files.keys.sorted().map { "\(files[$0] ?? "")  \($0)\n" }.joined().utf8))
    }

    /// The checksums of a folder that was read; nil where a file could not be.
    init?(_ folder: PluginFolder) {
        guard let contents = folder.contents else { return nil }
        self.init(files: contents.mapValues { Self.checksum($0) })
    }

    /// SHA-256 in hex.
    static func checksum(_ bytes: [UInt8]) -> String {
        SHA256.hash(data: bytes).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// What decides how a plugin runs: where it is the same, a reload leaves the machine alone.
struct PluginIdentity: Sendable, Hashable {
    /// The files.
    var digest: PluginDigest
    /// The settings.
    var entry: PluginSettings.Entry
    /// The checksum of the secrets that it may read.
    var secrets: String

    /// Nil where a file cannot be read.
    init?(_ folder: PluginFolder, _ entry: PluginSettings.Entry, secrets: [String: String]) {
        guard let digest = PluginDigest(folder) else { return nil }
        self.digest = digest
        self.entry = entry
        self.entry.shadow = nil
        let list = secrets.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.utf8.count):\($0.value)" }
        self.secrets = PluginDigest.checksum(Array(list.joined().utf8))
    }
}
