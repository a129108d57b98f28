import Crypto
import Logging
import MusterCore
import SCIM

/// Knows clients by the store's access tokens.
struct TokenAuthenticator: Sendable {
    private let store: any Store
    private let cacheLifetime: Duration
    private let clock: WallClock
    private let uses: TokenUses

    init(store: any Store, cacheLifetime: Duration, clock: WallClock, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.store = store
        self.cacheLifetime = cacheLifetime
        self.clock = clock
        uses = TokenUses(store: store, now: now)
    }

    /// The client that has this token.
    /// - Throws: ``AuthenticationFailure``; a store's error.
    func verify(_ token: TokenText, digest: SHA256Digest, logger: Logger) async throws -> Verified {
        let stored = try await store.read { try $0.accessToken(id: token.id) }
        // An id that does not exist is compared too, with a hash that nothing has, so that time tells nothing.
        let isSame = ConstantTime.isEqual(Array(digest), stored?.hash ?? [UInt8](repeating: 0, count: SHA256Digest.byteCount))
        guard isSame, let stored else { throw AuthenticationFailure(reason: "no such token", tokenID: token.id) }
        guard stored.revoked == nil else { throw AuthenticationFailure(reason: "revoked", isGuess: false, tokenID: token.id) }
        let now = clock.now()
        guard stored.isLive(at: now) else { throw AuthenticationFailure(reason: "expired", isGuess: false, tokenID: token.id) }
        uses.note(stored, at: now, logger: logger)
        let principal = Principal(
            tokenID: stored.id, name: stored.name, tenant: stored.tenant, scopes: stored.scopes, dialect: stored.dialect)
        guard let expires = stored.expires else { return Verified(principal: principal, lifetime: cacheLifetime) }
        let left = Duration.milliseconds(expires.milliseconds - now.milliseconds)
        return Verified(principal: principal, lifetime: min(cacheLifetime, left))
    }
}
