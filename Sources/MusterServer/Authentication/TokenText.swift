import Crypto

/// The text of an access token: `mst_`, a public id, `_`, and 43 characters of base64url for 32 random bytes.
///
/// The prefix lets scanners of source code find a token that was left there; the id lets a log name it.
struct TokenText: Sendable, Hashable {
    static let prefix = "mst_"
    static let secretLength = 43
    static let maximumIDLength = 32

    /// The public id.
    let id: String
    /// The whole text.
    let text: String

    /// Puts a token together.
    init(id: String, secret: String) {
        self.id = id
        text = Self.prefix + id + "_" + secret
    }

    /// Reads a token; nil when it has not the form of one.
    init?(_ text: String) {
        guard text.hasPrefix(Self.prefix) else { return nil }
        let parts = text.dropFirst(Self.prefix.count).split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, (1...Self.maximumIDLength).contains(parts[0].utf8.count), parts[1].utf8.count == Self.secretLength,
            parts[0].utf8.allSatisfy(\.isLowercaseAlphanumeric)
        else { return nil }
        id = String(parts[0])
        self.text = text
    }

    /// What the store keeps: SHA-256 of the whole text. The secret is random, so that no slow hash is needed.
    var digest: SHA256Digest { SHA256.hash(data: Array(text.utf8)) }
}

extension UInt8 {
    fileprivate var isLowercaseAlphanumeric: Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }
}
