import Crypto
import Foundation

/// What an `Authorization` header holds.
enum Credential: Sendable {
    /// An access token of ours.
    case token(TokenText)
    /// A JSON Web Token.
    case jwt(String)
    /// A user's name and password (RFC 7617 §2).
    case basic(name: String, password: String)
    /// Nothing that could be good.
    case malformed(scheme: String)

    /// Longer headers hold no token of ours and no sane password.
    private static let maximumBytes = 2048
    /// Longer headers hold no JSON Web Token that is looked at.
    private static let maximumJWTBytes = 16 << 10

    /// Reads a header.
    init(_ authorization: String) {
        let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
        let scheme = parts.first?.lowercased() ?? ""
        guard parts.count == 2, authorization.utf8.count <= Self.maximumJWTBytes else {
            self = .malformed(scheme: Self.known(scheme))
            return
        }
        let isShort = authorization.utf8.count <= Self.maximumBytes
        let text = String(parts[1])
        switch scheme {
        case "bearer":
            if isShort, let token = TokenText(text) {
                self = .token(token)
            } else if text.utf8.count(where: { $0 == UInt8(ascii: ".") }) == 2, !text.hasPrefix(TokenText.prefix) {
                self = .jwt(text)
            } else {
                self = .malformed(scheme: scheme)
            }
        case "basic":
            guard isShort, let pair = Self.pair(text) else { self = .malformed(scheme: scheme); return }
            self = .basic(name: pair.name, password: pair.password)
        default: self = .malformed(scheme: Self.known(scheme))
        }
    }

    /// A scheme for the log: whatever is not a scheme's name could be a secret that stands in the wrong place.
    private static func known(_ scheme: String) -> String {
        ["bearer", "basic", "digest", "negotiate", "token", "apikey"].contains(scheme) ? scheme : "unknown"
    }

    private static func pair(_ text: String) -> (name: String, password: String)? {
        guard let data = Data(base64Encoded: text), let pair = String(validating: data, as: UTF8.self), let colon = pair.firstIndex(of: ":")
        else { return nil }
        return (String(pair[..<colon]), String(pair[pair.index(after: colon)...]))
    }

    /// The scheme as the log names it.
    var scheme: String {
        switch self {
        case .token: "bearer"
        case .jwt: "jwt"
        case .basic: "basic"
        case .malformed(let scheme): scheme
        }
    }

    /// What it is remembered by: SHA-256 of it, for a token of ours the one that the store keeps.
    var digest: SHA256Digest {
        switch self {
        case .token(let token): token.digest
        case .jwt(let text): SHA256.hash(data: Array(text.utf8))
        case .basic(let name, let password): SHA256.hash(data: Array("basic \(name):\(password)".utf8))
        case .malformed(let scheme): SHA256.hash(data: Array("malformed \(scheme)".utf8))
        }
    }
}

/// Why a credential is refused.
struct AuthenticationFailure: Error, Sendable, Hashable {
    /// For the log: what is wrong, without any secret.
    let reason: String
    /// Whether it was a guess, rather than something that was good once: guesses are limited.
    var isGuess = true
    /// The public id of the token, where there is one of ours.
    var tokenID: String?
}

/// What is known of a good credential.
struct Verified: Sendable {
    let principal: Principal
    /// For how long it counts as good without another look.
    let lifetime: Duration
}
