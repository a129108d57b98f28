import Crypto
package import MusterCore
import SCIM

/// Knows a client by the token in `Authorization: Bearer` (RFC 6750 §2.1).
package struct BearerAuthentication: Sendable {
    /// What `WWW-Authenticate` says with every 401.
    static let challenge = #"Bearer realm="muster""#
    /// Longer headers hold no token of ours and are not looked at.
    private static let maximumHeaderBytes = 256

    private let store: any Store
    private let cache: PrincipalCache

    /// Creates an authentication over the tokens of a store.
    /// - Parameters:
    ///   - cacheLifetime: How long a token that was found good counts as good without another look at the store; also
    ///     the longest time for which a token works that another process has revoked.
    ///   - cacheCapacity: How many tokens are remembered so.
    ///   - now: What the lifetime is measured by.
    package init(
        store: any Store, cacheLifetime: Duration = .seconds(1), cacheCapacity: Int = 1024,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        self.store = store
        cache = PrincipalCache(lifetime: cacheLifetime, capacity: cacheCapacity, now: now)
    }

    /// The client that sent this `Authorization` header.
    /// - Throws: `SCIMError` 401, which does not tell an unknown token from a revoked one; a store's error.
    package func principal(authorization: String?) async throws -> Principal {
        guard let authorization else { throw SCIMError.unauthorized("send an access token: Authorization: Bearer <token>") }
        guard authorization.utf8.count <= Self.maximumHeaderBytes, let token = Self.token(in: authorization) else { throw Self.refusal }
        let digest = token.digest
        if let principal = cache[digest] { return principal }
        let stored = try await store.read { try $0.accessToken(id: token.id) }
        // An id that does not exist is compared too, with a hash that nothing has, so that time tells nothing.
        let isSame = Self.isEqual(Array(digest), stored?.hash ?? [UInt8](repeating: 0, count: SHA256Digest.byteCount))
        guard isSame, let stored, stored.revoked == nil else { throw Self.refusal }
        let principal = Principal(tokenID: stored.id, name: stored.name, tenant: stored.tenant)
        cache.insert(principal, for: digest)
        return principal
    }

    private static let refusal = SCIMError.unauthorized("the access token is not valid; an administrator can make a new one")

    /// The token that a header holds, if it has the form of one.
    private static func token(in authorization: String) -> TokenText? {
        let parts = authorization.split(separator: " ", omittingEmptySubsequences: true)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        return TokenText(String(parts[1]))
    }

    /// Compares in a time that does not depend on where the first difference is.
    static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
