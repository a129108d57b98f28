import Logging
import MusterCore
import SCIM

/// Knows clients by JSON Web Tokens that an issuer signed for us (RFC 9068 §4).
struct JWTAuthenticator: Sendable {
    /// How long a token that was verified counts as good without another look.
    private static let lifetime = Duration.seconds(60)
    private static let scopeClaims = ["scope", "scp"]

    private struct Issuer: Sendable {
        let settings: JWTSettings
        let keys: IssuerKeys
    }

    private let issuers: [String: Issuer]
    private let clock: WallClock

    /// - Throws: ``InvalidAuthenticationSettings`` when an issuer's keys are behind an URL and there is no way there.
    init(
        issuers: [JWTSettings], transport: (any HTTPTransport)?, clock: WallClock,
        now: @escaping @Sendable () -> ContinuousClock.Instant, logger: Logger
    ) throws {
        var known: [String: Issuer] = [:]
        for settings in issuers {
            if case .url = settings.keys, transport == nil {
                throw InvalidAuthenticationSettings(findings: ["authentication.jwt.jwks: there is no way out over HTTP; name a file"])
            }
            let source = JSONWebKeySource(source: settings.keys, transport: transport)
            known[settings.issuer] = Issuer(
                settings: settings, keys: IssuerKeys(settings: settings, source: source, now: now, logger: logger))
        }
        self.issuers = known
        self.clock = clock
    }

    /// Reads the issuers' keys, so that the log tells early what is wrong.
    func prepare() async {
        await withDiscardingTaskGroup { group in
            for issuer in issuers.values { group.addTask { await issuer.keys.prepare() } }
        }
    }

    /// The client that has this token.
    /// - Throws: ``AuthenticationFailure``; `SCIMError` 503 when the issuer's keys cannot be had.
    func verify(_ text: String) async throws -> Verified {
        let token = try JSONWebToken(text)
        guard let name = token.claims.exact("iss")?.string, let issuer = issuers[name] else {
            throw AuthenticationFailure(reason: "unknown issuer")
        }
        let settings = issuer.settings
        guard settings.algorithms.contains(token.algorithm) else {
            throw AuthenticationFailure(reason: "the algorithm is not allowed")
        }
        let verifiers = try await issuer.keys.verifiers(id: token.keyID, algorithm: token.algorithm)
        guard !verifiers.isEmpty else { throw AuthenticationFailure(reason: "unknown key") }
        guard verifiers.contains(where: { token.isSigned(by: $0) }) else { throw AuthenticationFailure(reason: "wrong signature") }
        // From here on the issuer speaks: whatever is wrong is no guess.
        let lifetime = try lifetime(of: token, settings)
        return Verified(principal: try principal(of: token, settings), lifetime: lifetime)
    }

    /// Checks audience and times (RFC 9068 §4).
    /// - Returns: How long the token may be remembered.
    private func lifetime(of token: JSONWebToken, _ settings: JWTSettings) throws -> Duration {
        guard token.texts("aud").contains(where: settings.audiences.contains) else { throw Self.failure("for another audience") }
        let now = clock.now()
        guard let expires = try token.time("exp") else { throw Self.failure("it never expires") }
        guard now < expires + settings.leeway else { throw Self.failure("expired") }
        if let start = try token.time("nbf"), now + settings.leeway < start { throw Self.failure("not valid yet") }
        return min(Self.lifetime, max(.zero, .milliseconds(expires.milliseconds - now.milliseconds)))
    }

    private func principal(of token: JSONWebToken, _ settings: JWTSettings) throws -> Principal {
        let subject = ["sub", "client_id", "azp"].lazy.compactMap { token.claims.exact($0)?.string }.first { !$0.isEmpty }
        guard let subject, (try? TokenMinter.check(name: subject)) != nil else { throw Self.failure("it names nobody") }
        var tenant = settings.tenant
        if let claim = settings.tenantClaim {
            guard let name = token.claims.exact(claim)?.string, !name.isEmpty else { throw Self.failure("it names no tenant") }
            tenant = Tenant(name: name)
        }
        return Principal(
            tokenID: "jwt:" + subject, name: "jwt:" + subject, tenant: tenant, scopes: scopes(of: token, settings),
            dialect: settings.dialect)
    }

    /// What the token's scopes mean here; where none means anything, the site's default.
    private func scopes(of token: JSONWebToken, _ settings: JWTSettings) -> AccessScopes {
        let texts: [String] = Self.scopeClaims.flatMap { token.texts($0) }
        let names: [String] = texts.flatMap { $0.split(separator: " ").map { String($0) } }
        let known = names.compactMap { settings.scopes[$0] }
        return known.isEmpty ? settings.defaultScopes : known.reduce(AccessScopes.none) { $0.union($1) }
    }

    private static func failure(_ reason: String) -> AuthenticationFailure { AuthenticationFailure(reason: reason, isGuess: false) }
}
