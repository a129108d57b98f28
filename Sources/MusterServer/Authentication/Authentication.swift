import Crypto
import HTTPTypes
package import Logging
package import MusterCore
import SCIM

/// Finds out whom a request comes from, by whatever the site allows: access tokens (RFC 6750), JSON Web Tokens (RFC 9068),
/// name and password (RFC 7617), client certificates; and refuses addresses that may not come, and those that guess.
package struct Authentication: Sendable {
    /// The values of `WWW-Authenticate` that go with every 401 (RFC 9110 §11.6.1).
    package let challenges: [String]

    private let settings: AuthenticationSettings
    private let tokens: TokenAuthenticator
    private let issuers: JWTAuthenticator?
    private let users: BasicAuthenticator?
    private let certificates: CertificateAuthenticator?
    private let cache: CredentialCache
    private let limiter: FailureLimiter

    /// Creates an authentication that knows access tokens and nothing else.
    package init(
        store: any Store, cacheLifetime: Duration = .seconds(1), cacheCapacity: Int = 4096, clock: WallClock = .system,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        settings = AuthenticationSettings()
        tokens = TokenAuthenticator(store: store, cacheLifetime: cacheLifetime, clock: clock, now: now)
        (issuers, users, certificates) = (nil, nil, nil)
        cache = CredentialCache(capacity: cacheCapacity, now: now)
        limiter = FailureLimiter(settings.failureLimits, now: now)
        challenges = [Self.bearerChallenge]
    }

    /// Creates an authentication.
    /// - Parameters:
    ///   - store: Keeps the access tokens.
    ///   - transport: Fetches the keys of issuers; needed where one has them behind an URL.
    ///   - cacheLifetime: How long a token that was found good counts as good without another look at the store; also
    ///     the longest time for which a token works that another process has revoked.
    ///   - cacheCapacity: How many credentials are remembered.
    ///   - clock: What expiry is measured by.
    ///   - now: What lifetimes and waits are measured by.
    ///   - logger: Used for what no request is the cause of.
    /// - Throws: ``InvalidAuthenticationSettings``.
    package init(
        store: any Store, settings: AuthenticationSettings, transport: (any HTTPTransport)?,
        cacheLifetime: Duration = .seconds(1), cacheCapacity: Int = 4096, clock: WallClock = .system,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }, logger: Logger = Logger(label: "muster")
    ) throws {
        try settings.check()
        self.settings = settings
        tokens = TokenAuthenticator(store: store, cacheLifetime: cacheLifetime, clock: clock, now: now)
        issuers =
            settings.issuers.isEmpty
            ? nil : try JWTAuthenticator(issuers: settings.issuers, transport: transport, clock: clock, now: now, logger: logger)
        users = settings.users.isEmpty ? nil : BasicAuthenticator(users: settings.users)
        certificates = settings.certificates.isEmpty ? nil : CertificateAuthenticator(mappings: settings.certificates)
        cache = CredentialCache(capacity: cacheCapacity, now: now)
        limiter = FailureLimiter(settings.failureLimits, now: now)
        challenges = [Self.bearerChallenge] + (users == nil ? [] : [#"Basic realm="muster", charset="UTF-8""#])
    }

    static let bearerChallenge = #"Bearer realm="muster""#

    /// What is understood, for `/ServiceProviderConfig`; the access tokens are the preferred way.
    var schemes: [ServiceProviderConfig.AuthenticationScheme] {
        var schemes = [ServiceProviderConfig.AuthenticationScheme.bearerToken]
        if issuers != nil { schemes.append(.oauth2) }
        if users != nil { schemes.append(.httpBasic) }
        if certificates != nil { schemes.append(.mutualTLS) }
        return schemes
    }

    /// Reads what is needed from elsewhere, so that the log tells early what is wrong. Nobody has to wait for it.
    package func prepare() async { await issuers?.prepare() }

    /// The client that sent a request.
    /// - Throws: `SCIMError` 401, which tells neither an unknown credential from one that has ended nor a tenant that is
    ///   another's from one that does not exist; 403 for an address that may not come; 429 for one that guesses; 503
    ///   when an issuer's keys cannot be had; a store's error.
    package func principal(for request: AuthenticationRequest) async throws -> Principal {
        let isOpen = settings.allowedAddresses.isEmpty
        if !isOpen { try checkAddress(of: request, against: settings.allowedAddresses) }
        guard let authorization = request.headers[.authorization] else {
            return try admit(try certificateHolder(request), request)
        }
        let credential = Credential(authorization)
        let digest = credential.digest
        let finding = cache[digest]
        if case .good(let principal) = finding { return try admit(principal, request) }
        if case .unknown = finding { try checkLimit(of: request, credential) }
        do {
            let verified = try await verify(credential, digest, request)
            cache.insert(verified.principal, for: digest, lifetime: verified.lifetime)
            return try admit(verified.principal, request)
        } catch let failure as AuthenticationFailure {
            cache.remove(digest)
            throw refusal(of: credential, failure, request)
        }
    }

    private func verify(_ credential: Credential, _ digest: SHA256Digest, _ request: AuthenticationRequest) async throws -> Verified {
        switch credential {
        case .token(let token): return try await tokens.verify(token, digest: digest, logger: request.logger)
        case .jwt(let text):
            guard let issuers else { throw AuthenticationFailure(reason: "no issuer is configured") }
            return try await issuers.verify(text)
        case .basic(let name, let password):
            guard let users else { throw AuthenticationFailure(reason: "no users are configured") }
            return try await users.verify(name: name, password: password, digest: digest)
        case .malformed: throw AuthenticationFailure(reason: "not in the form of a credential")
        }
    }

    // MARK: Whoever sends no credential

    private func certificateHolder(_ request: AuthenticationRequest) throws -> Principal {
        guard let certificates, let certificate = request.certificate else {
            throw SCIMError.unauthorized("send an access token: Authorization: Bearer <token>")
        }
        do { return try certificates.verify(certificate) } catch let failure as AuthenticationFailure {
            log(failure, scheme: "certificate", request)
            throw SCIMError.unauthorized("the client certificate is not known here; an administrator can enter it")
        }
    }

    // MARK: Addresses and tenants

    /// Lets a client in whose credential is good.
    private func admit(_ principal: Principal, _ request: AuthenticationRequest) throws -> Principal {
        if let tenant = request.tenant, tenant != principal.tenant {
            let failure = AuthenticationFailure(reason: "of another tenant", isGuess: false, tokenID: principal.tokenID)
            log(failure, scheme: "any", request)
            throw Self.refusal
        }
        if !settings.tenantAllowedAddresses.isEmpty, let ranges = settings.tenantAllowedAddresses[principal.tenant.name] {
            try checkAddress(of: request, against: ranges)
        }
        return principal
    }

    private func address(of request: AuthenticationRequest) -> IPAddress? {
        guard !settings.trustedProxies.isEmpty else { return request.peer }
        return ClientAddress.find(peer: request.peer, forwardedFor: request.forwardedFor, trusting: settings.trustedProxies)
    }

    /// - Throws: `SCIMError` 403; an address that nobody knows is none that may come.
    private func checkAddress(of request: AuthenticationRequest, against ranges: [AddressRange]) throws {
        let address = address(of: request)
        if let address, ranges.contains(where: { $0.contains(address) }) { return }
        request.logger.notice("address refused", metadata: ["client.address": .string(address?.description ?? "-")])
        throw SCIMError.forbidden("the directory may not be used from this address; an administrator can allow it")
    }

    // MARK: Failures

    /// What everybody is told whose credential is not good here: what is wrong with it is the operator's business alone.
    static let refusal = SCIMError.unauthorized("the credential is not valid; an administrator can make a new one")

    /// - Throws: `SCIMError` 429.
    private func checkLimit(of request: AuthenticationRequest, _ credential: Credential) throws {
        let address = address(of: request)
        guard let refusal = limiter.refusal(for: address) else { return }
        let seconds = max(1, Int((refusal.wait / .seconds(1)).rounded(.up)))
        if refusal.isFirst {
            request.logger.notice(
                "too many failed authentications",
                metadata: ["client.address": .string(address?.description ?? "-"), "auth.scheme": .string(credential.scheme)])
        }
        throw SCIMError(
            status: 429, detail: "too many requests with wrong credentials came from this address; try again later", retryAfter: seconds)
    }

    private func refusal(of credential: Credential, _ failure: AuthenticationFailure, _ request: AuthenticationRequest) -> SCIMError {
        if failure.isGuess { limiter.noteFailure(of: address(of: request)) }
        log(failure, scheme: credential.scheme, request)
        return Self.refusal
    }

    /// One line for each failure, without the credential.
    private func log(_ failure: AuthenticationFailure, scheme: String, _ request: AuthenticationRequest) {
        var metadata: Logger.Metadata = [
            "client.address": .string(address(of: request)?.description ?? "-"), "auth.scheme": .string(scheme),
            "auth.reason": .string(failure.reason),
        ]
        metadata["token.id"] = failure.tokenID.map { .string($0) }
        request.logger.notice("authentication failed", metadata: metadata)
    }
}
