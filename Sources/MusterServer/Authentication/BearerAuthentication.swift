package import MusterCore
import HTTPTypes
import Logging

/// Knows a client by the token in `Authorization: Bearer` (RFC 6750 §2.1), and by nothing else.
package struct BearerAuthentication: Sendable {
    /// What `WWW-Authenticate` says with every 401.
    static let challenge = #"Bearer realm="muster""#

    private let authentication: Authentication

    /// Creates an authentication over the tokens of a store.
    package init(
        store: any Store, cacheLifetime: Duration = .seconds(1), cacheCapacity: Int = 1024,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        authentication = Authentication(
            store: store, cacheLifetime: cacheLifetime, cacheCapacity: cacheCapacity, now: now)
    }

    /// The client that sent this `Authorization` header.
    /// - Throws: `SCIMError` 401, which does not tell an unknown token from a revoked one; a store's error.
    package func principal(authorization: String?) async throws -> Principal {
        var headers = HTTPFields()
        headers[.authorization] = authorization
        return try await authentication.principal(for: AuthenticationRequest(headers: headers, logger: .current))
    }
}
