package import MusterCore
import SCIM

/// Makes access tokens.
package struct TokenMinter: Sendable {
    /// A new token: its text, which is shown once and kept nowhere, and what the store keeps.
    package struct Minted: Sendable {
        /// What the client sends: `mst_<id>_<secret>`.
        package let text: String
        /// What the store keeps.
        package let token: AccessToken
    }

    /// A name that no token can have.
    package struct InvalidName: Error, Sendable, CustomStringConvertible {
        /// What a name must be.
        package var description: String { "a token's name is 1 to 128 characters without line breaks or other control characters" }
    }

    private static let idAlphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
    private static let idLength = 12

    private let clock: WallClock

    /// Creates a minter whose randomness is the operating system's.
    package init(clock: WallClock = .system) { self.clock = clock }

    /// Refuses a name that could not be read in a log.
    /// - Throws: ``InvalidName``.
    static func check(name: String) throws {
        guard (1...128).contains(name.count), !name.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
        else { throw InvalidName() }
    }

    /// Makes a token.
    /// - Parameters:
    ///   - name: Becomes the actor of what is done with it.
    ///   - lifetime: How long it is good; nil for ever.
    /// - Throws: ``InvalidName``.
    package func mint(
        name: String, tenant: Tenant = .default, scopes: AccessScopes = .full, lifetime: Duration? = nil, dialect: String? = nil
    ) throws -> Minted {
        try Self.check(name: name)
        var random = SystemRandomNumberGenerator()
        let id = String((0..<Self.idLength).map { _ in Self.idAlphabet[Int(random.next() & 31)] })
        let secret = (0..<4).flatMap { _ in
            let word = random.next()
            return stride(from: 0, to: 64, by: 8).map { UInt8(truncatingIfNeeded: word >> UInt64($0)) }
        }
        let text = TokenText(id: id, secret: Base64URL.encode(secret))
        let created = clock.now()
        let token = AccessToken(
            id: id, name: name, tenant: tenant, hash: Array(text.digest), scopes: scopes, dialect: dialect, created: created,
            expires: lifetime.map { created + $0 })
        return Minted(text: text.text, token: token)
    }
}
