import Foundation
import HTTPTypes
import Logging
import MusterCore
import SCIM
import Testing

@testable import MusterServer

@Suite("Authentication")
struct AuthenticationTests {
    private static let acme = Tenant(name: "acme")
    private static let wrong = "Bearer mst_aaaaaaaaaaaa_" + String(repeating: "A", count: 43)

    private static func basic(_ name: String, _ password: String) -> String {
        "Basic " + Data("\(name):\(password)".utf8).base64EncodedString()
    }

    /// A user whose hash is cheap.
    private static func user(_ name: String, _ password: String, scopes: AccessScopes = .full) async throws -> BasicUser {
        let hash = try await PasswordHash.make(password, cost: PasswordHashTests.cheap)
        return BasicUser(name: name, passwordHash: String(decoding: hash, as: UTF8.self), scopes: scopes, dialect: "ping")
    }

    private static func range(_ text: String) throws -> AddressRange { try #require(AddressRange(text)) }

    // MARK: Tokens

    @Test("A token brings its scopes and its dialect along")
    func tokens() async throws {
        let rig = try AuthenticationRig()
        let token = try await rig.token("okta", tenant: Self.acme, scopes: .of("read write:User"), dialect: "okta")
        for _ in 0..<2 {
            let principal = try await rig.principal(token)
            #expect(principal.name == "okta" && principal.tenant == Self.acme && principal.dialect == "okta")
            #expect(principal.scopes == .of("read write:User"))
        }
    }

    @Test("A token works until it expires, to the moment, in the cache or not")
    func expiry() async throws {
        let rig = try AuthenticationRig()
        let token = try await rig.token(lifetime: .seconds(100))
        rig.advance(.milliseconds(99_900))
        #expect(try await rig.refusal(token) == nil)
        rig.advance(.milliseconds(99))
        #expect(try await rig.refusal(token) == nil)
        rig.advance(.milliseconds(1))
        #expect(try await rig.refusal(token) == .unauthorized(""))
        #expect(rig.failures.map { $0.metadata["auth.reason"] } == ["expired"])
    }

    @Test("Two tokens of a name work side by side until the older one ends")
    func rotation() async throws {
        let rig = try AuthenticationRig()
        let administration = TokenAdministration(store: rig.store, clock: rig.clock)
        let old = "Bearer " + (try await administration.create(name: "okta").text)
        let new = "Bearer " + (try await administration.rotate(name: "okta", overlap: .seconds(3600)).text)
        for token in [old, new] { #expect(try await rig.refusal(token) == nil) }
        rig.advance(.seconds(3601))
        #expect(try await rig.refusal(old) == .unauthorized(""))
        #expect(try await rig.refusal(new) == nil)
    }

    @Test("The last use is noted beside the request, at most once a minute")
    func lastUse() async throws {
        let rig = try AuthenticationRig()
        let token = try await rig.token()
        let first = rig.now
        #expect(try await rig.refusal(token) == nil)
        try await expectLastUse(first, in: rig)
        for _ in 0..<29 {
            rig.advance(.seconds(2))
            #expect(try await rig.refusal(token) == nil)
        }
        #expect(try await rig.store.read { try $0.accessTokens().map(\.lastUsed) } == [first])
        rig.advance(.seconds(2))
        #expect(try await rig.refusal(token) == nil)
        try await expectLastUse(rig.now, in: rig)
    }

    /// Waits for the note, which is written in the background.
    private func expectLastUse(_ time: Timestamp, in rig: AuthenticationRig) async throws {
        for _ in 0..<100_000 {
            if try await rig.store.read({ try $0.accessTokens().first?.lastUsed }) == time { return }
            await Task.yield()
        }
        Issue.record("the last use was not noted")
    }

    @Test("A store that cannot note the last use keeps nobody out")
    func lastUseFails() async throws {
        let rig = try AuthenticationRig()
        let token = try await rig.token()
        let authentication = Authentication(store: ReadOnlyStore(base: rig.store), clock: rig.clock)
        let request = AuthenticationRequest(headers: [.authorization: token], logger: rig.logs.logger)
        #expect(try await authentication.principal(for: request).name == "okta")
        while rig.logs.lines.isEmpty { await Task.yield() }
        #expect(rig.logs.lines.map(\.message) == ["the last use of a token could not be noted"])
    }

    // MARK: Name and password

    @Test("A user is known by name and password, and by nothing less")
    func passwords() async throws {
        let user = try await Self.user("ada", "correct: horse", scopes: .of("read"))
        let rig = try AuthenticationRig(AuthenticationSettings(users: [user], failureLimits: FailureLimits(burst: 100)))
        let principal = Principal(tokenID: "basic:ada", name: "ada", tenant: .default, scopes: .of("read"), dialect: "ping")
        for scheme in ["Basic", "basic", "BASIC"] {
            let authorization = Self.basic("ada", "correct: horse").replacing("Basic", with: scheme)
            #expect(try await rig.principal(authorization) == principal)
        }
        for (name, password) in [("ada", "correct: horsf"), ("ada", ""), ("Ada", "correct: horse"), ("", ""), ("bob", "correct: horse")] {
            #expect(try await rig.refusal(Self.basic(name, password)) == .unauthorized(""), "\(name)")
        }
        for text in ["Basic", "Basic !!!!", "Basic YWRh", "Basic \(Data([0xFF, 0x3A]).base64EncodedString())"] {
            #expect(try await rig.refusal(text) == .unauthorized(""), "\(text)")
        }
        #expect(rig.authentication.challenges == [#"Bearer realm="muster""#, #"Basic realm="muster", charset="UTF-8""#])
        let token = try await rig.token()
        #expect(try await rig.refusal(token) == nil)
    }

    @Test("Without users no password is good, and nobody is asked for one")
    func noUsers() async throws {
        let rig = try AuthenticationRig()
        #expect(try await rig.refusal(Self.basic("ada", "secret")) == .unauthorized(""))
        #expect(rig.authentication.challenges == [#"Bearer realm="muster""#])
    }

    // MARK: Certificates

    @Test("A certificate stands for whom the site says; a token beside it comes first")
    func certificates() async throws {
        let authority = try TestAuthority()
        let certificate = try authority.clientCertificate(commonName: "okta", dns: ["client.example.com"])
        let stranger = try authority.clientCertificate(commonName: "stranger")
        let rig = try AuthenticationRig(
            AuthenticationSettings(certificates: [
                CertificateMapping(identity: .commonName("okta"), name: "wide"),
                CertificateMapping(identity: .dns("client.example.com"), name: "narrow", tenant: Self.acme, scopes: .of("read")),
            ]))
        let principal = try await rig.principal(nil, certificate: certificate)
        #expect(principal.name == "narrow" && principal.tenant == Self.acme && principal.scopes == .of("read"))
        #expect(principal.tokenID == "certificate:" + certificate.fingerprint.prefix(16))
        #expect(try await rig.refusal(nil, tenant: .default, certificate: certificate) == .unauthorized(""))
        #expect(try await rig.refusal(nil, certificate: stranger) == .unauthorized(""))
        let token = try await rig.token("entra")
        #expect(try await rig.principal(token, certificate: certificate).name == "entra")
        #expect(try await rig.refusal(Self.wrong, certificate: certificate) == .unauthorized(""))
        let without = try AuthenticationRig()
        #expect(try await without.refusal(nil, certificate: certificate) == .unauthorized(""))
    }

    // MARK: Tenants

    @Test("Another tenant's token is refused in the words in which an unknown one is")
    func tenants() async throws {
        let rig = try AuthenticationRig()
        let token = try await rig.token(tenant: Self.acme)
        #expect(try await rig.refusal(token, tenant: Self.acme) == nil)
        let unknown = try #require(try await rig.refusal(Self.wrong, tenant: Self.acme))
        for tenant in [Tenant.default, Tenant(name: "nobody")] {
            let error = try #require(try await rig.refusal(token, tenant: tenant))
            #expect(error.status == 401)
            #expect(error.detail == unknown.detail)
        }
        #expect(try await rig.refusal(token) == nil, "where the URL names none")
    }

    // MARK: Addresses

    @Test("Only addresses that may come are listened to, whatever they send")
    func addresses() async throws {
        let rig = try AuthenticationRig(
            AuthenticationSettings(trustedProxies: [Self.range("10.0.0.0/8")], allowedAddresses: [Self.range("203.0.113.0/24")]))
        let token = try await rig.token()
        #expect(try await rig.refusal(token, from: "203.0.113.7") == nil)
        #expect(try await rig.refusal(token, from: "10.0.0.1", forwardedFor: ["203.0.113.7"]) == nil)
        for authorization in [token, Self.wrong, nil] {
            #expect(try await rig.refusal(authorization, from: "198.51.100.7") == .forbidden(""))
            #expect(try await rig.refusal(authorization, from: "10.0.0.1", forwardedFor: ["198.51.100.7"]) == .forbidden(""))
            #expect(try await rig.refusal(authorization, from: "198.51.100.7", forwardedFor: ["203.0.113.7"]) == .forbidden(""))
            #expect(try await rig.refusal(authorization, from: nil) == .forbidden(""))
        }
        let lines = rig.logs.lines.filter { $0.message == "address refused" }
        #expect(lines.count == 12)
        #expect(Set(lines.map { $0.metadata["client.address"] ?? "" }) == ["198.51.100.7", "-"])
    }

    @Test("A tenant's own list is looked at once the client is known, so that nobody learns that there is one")
    func tenantAddresses() async throws {
        let rig = try AuthenticationRig(
            AuthenticationSettings(tenantAllowedAddresses: ["acme": [Self.range("203.0.113.0/24")]]))
        let (token, other) = (try await rig.token(tenant: Self.acme), try await rig.token("other"))
        #expect(try await rig.refusal(token, from: "203.0.113.7", tenant: Self.acme) == nil)
        #expect(try await rig.refusal(token, from: "198.51.100.7", tenant: Self.acme) == .forbidden(""))
        #expect(try await rig.refusal(Self.wrong, from: "198.51.100.7", tenant: Self.acme) == .unauthorized(""))
        #expect(try await rig.refusal(other, from: "198.51.100.7") == nil)
    }

    // MARK: Limits

    @Test("Whoever guesses is held up before anything is looked at; those who were good before are not")
    func limits() async throws {
        let user = try await Self.user("ada", "correct horse")
        let rig = try AuthenticationRig(
            AuthenticationSettings(users: [user], failureLimits: FailureLimits(burst: 3, interval: .seconds(10))))
        let (known, fresh) = (try await rig.token("known"), try await rig.token("fresh"))
        let good = Self.basic("ada", "correct horse")
        #expect(try await rig.refusal(known) == nil)
        for number in 0..<3 { #expect(try await rig.refusal(Self.basic("ada", "guess \(number)")) == .unauthorized("")) }
        for authorization in [Self.basic("ada", "guess"), good, fresh, Self.wrong] {
            let error = try await rig.refusal(authorization)
            #expect(error?.status == 429 && error?.retryAfter == 10)
        }
        rig.advance(.seconds(2))
        #expect(try await rig.refusal(known) == nil, "though it is looked at again")
        #expect(try await rig.refusal(good, from: "192.0.2.9") == nil)
        #expect(try await rig.refusal(nil) == .unauthorized(""), "whoever sends nothing guesses nothing")
        rig.advance(.seconds(8))
        #expect(try await rig.refusal(fresh) == nil)
        #expect(try await rig.refusal(good) == nil)
        #expect(rig.logs.lines.filter { $0.message == "too many failed authentications" }.count == 1)
    }

    @Test("Who is behind a trusted proxy is limited apart from the others there")
    func limitsBehindProxies() async throws {
        let rig = try AuthenticationRig(
            AuthenticationSettings(trustedProxies: [Self.range("10.0.0.0/8")], failureLimits: FailureLimits(burst: 1)))
        let token = try await rig.token()
        #expect(try await rig.refusal(Self.wrong, from: "10.0.0.1", forwardedFor: ["198.51.100.7"]) == .unauthorized(""))
        #expect(try await rig.refusal(token, from: "10.0.0.1", forwardedFor: ["198.51.100.7"])?.status == 429)
        #expect(try await rig.refusal(token, from: "10.0.0.1", forwardedFor: ["198.51.100.8"]) == nil)
    }

    @Test("A token that was revoked is no longer one that was good before")
    func revokedThenLimited() async throws {
        let rig = try AuthenticationRig(AuthenticationSettings(failureLimits: FailureLimits(burst: 1)))
        let token = try await rig.token()
        #expect(try await rig.refusal(token) == nil)
        _ = try await TokenAdministration(store: rig.store, clock: rig.clock).revoke("okta")
        rig.advance(.seconds(2))
        #expect(try await rig.refusal(token) == .unauthorized(""))
        #expect(try await rig.refusal(Self.wrong) == .unauthorized(""))
        #expect(try await rig.refusal(token)?.status == 429)
    }

    // MARK: The log

    @Test("A failure is logged with address, scheme, reason and the token's public id, and never with a secret")
    func log() async throws {
        let user = try await Self.user("ada", "secret-password")
        let rig = try AuthenticationRig(
            AuthenticationSettings(users: [user], failureLimits: FailureLimits(burst: 100)))
        let secret = String(repeating: "S", count: 43)
        let attempts = [
            "Bearer mst_abcdefghijkl_\(secret)", "Bearer \(secret)", secret, "\(secret) \(secret)", "Basic \(secret)",
            Self.basic("ada", secret), Self.basic(secret, secret), "Bearer \(secret).\(secret).\(secret)", "Token \(secret)",
        ]
        for attempt in attempts { #expect(try await rig.refusal(attempt)?.status == 401) }
        #expect(rig.failures.count == attempts.count)
        let encoded = Data(secret.utf8).base64EncodedString().prefix(20)
        for line in rig.logs.lines {
            #expect(!line.text.lowercased().contains(secret.lowercased()) && !line.text.contains(encoded), "\(line.text)")
            #expect(line.metadata["client.address"] == "192.0.2.1")
        }
        #expect(
            rig.failures.map { $0.metadata["auth.scheme"] ?? "" }
                == ["bearer", "bearer", "unknown", "unknown", "basic", "basic", "basic", "jwt", "token"])
        #expect(rig.failures[0].metadata["token.id"] == "abcdefghijkl")
        #expect(rig.failures[5].metadata["token.id"] == "basic:ada")
        #expect(rig.failures.count { $0.metadata["token.id"] != nil } == 2)
    }

    // MARK: Settings

    @Test("Settings with which nobody or anybody could get in are refused, all at once")
    func settings() throws {
        let issuer = JWTSettings(issuer: "a", audiences: [], keys: .url("http://idp.example.com/keys"), algorithms: ["none", "RS256"])
        let user = BasicUser(name: "a:b", passwordHash: "secret")
        let certificate = CertificateMapping(identity: .commonName("a"), name: "")
        let error = try #require(throws: InvalidAuthenticationSettings.self) {
            try AuthenticationRig(
                AuthenticationSettings(
                    issuers: [issuer, issuer], users: [user, user], certificates: [certificate, certificate]),
                transport: FakeTransport(json: ""))
        }
        let places = error.findings.map { String($0.prefix { $0 != ":" }) }
        let jwt = ["audience", "algorithms", "jwks"]
        #expect(
            places
                == jwt.map { "authentication.jwt[0].\($0)" } + ["authentication.jwt[1].issuer"] + jwt.map { "authentication.jwt[1].\($0)" }
                + ["basic[0].name", "basic[0].passwordHash", "basic[1].name", "basic[1].name", "basic[1].passwordHash"].map {
                    "authentication.\($0)"
                }
                + ["certificates[0].name", "certificates[1].name", "certificates[1].subject"].map { "authentication.\($0)" })
        #expect(!error.description.contains("secret"))
    }

    @Test(
        "Keys come by https, or by http from this machine",
        arguments: [
            ("https://idp.example.com/keys", true), ("http://localhost:8080/keys", true), ("http://127.0.0.1/keys", true),
            ("http://[::1]:80/keys", true), ("http://idp.example.com/keys", false), ("http://localhost.example.com/", false),
            ("http://10.0.0.1/keys", false), ("ftp://idp.example.com/", false), ("file:///etc/passwd", false), ("keys.json", false),
            ("https://", false), ("https://user:secret@idp.example.com/", false), ("", false),
        ])
    func keyURLs(url: String, isAllowed: Bool) {
        #expect(JSONWebKeySource.isAllowed(url) == isAllowed)
    }

    @Test(
        "What a certificate must say is written in the usual ways",
        arguments: [
            ("CN=okta", CertificateIdentity.commonName("okta")), ("DNS:Client.Example.com", .dns("client.example.com")),
            ("URI:spiffe://example.com/hr", .uri("spiffe://example.com/hr")),
            (
                "SHA256:" + Array(repeating: "AB", count: 32).joined(separator: ":"),
                .sha256(String(repeating: "ab", count: 32))
            ), ("okta", nil), ("CN=", nil), ("SHA256:abcd", nil), ("DNS:", nil), ("URI:", nil), ("O=okta", nil), ("", nil),
        ] as [(String, CertificateIdentity?)])
    func identities(text: String, identity: CertificateIdentity?) {
        #expect(CertificateIdentity(text) == identity)
    }
}

/// A store in which nothing can be written.
private struct ReadOnlyStore: Store {
    let base: any Store

    func read<T: Sendable>(
        _ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T { try await base.read(extent, body) }

    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T {
        throw StoreError(.unavailable, "the disk is full")
    }
}
