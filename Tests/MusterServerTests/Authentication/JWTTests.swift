import Foundation
import Logging
import MusterCore
import SCIM
import Testing

@testable import MusterServer

@Suite("JSON Web Tokens")
struct JWTTests {
    static let keysURL = "https://idp.example.com/keys"

    static func settings(_ change: (inout JWTSettings) -> Void = { _ in }) -> AuthenticationSettings {
        var issuer = JWTSettings(issuer: TokenIssuer.name, audiences: ["scim", "https://scim.example.com"], keys: .url(keysURL))
        change(&issuer)
        return AuthenticationSettings(issuers: [issuer], failureLimits: FailureLimits(burst: 1000))
    }

    private let issuer = TokenIssuer()

    private func rig(_ change: (inout JWTSettings) -> Void = { _ in }, keys: String? = nil) throws -> AuthenticationRig {
        try AuthenticationRig(Self.settings(change), transport: FakeTransport(json: keys ?? TokenIssuer.set(issuer.jwk())))
    }

    @Test("A good token stands for its subject, with what its scopes mean here")
    func good() async throws {
        let rig = try rig { issuer in
            issuer.tenant = Tenant(name: "acme")
            issuer.dialect = "okta"
        }
        let principal = try await rig.principal(issuer.token(now: rig.now))
        #expect(
            principal
                == Principal(
                    tokenID: "jwt:hr-sync", name: "jwt:hr-sync", tenant: Tenant(name: "acme"), scopes: .of("read"), dialect: "okta"))
    }

    @Test(
        "What the claims may look like",
        arguments: [
            ["aud": #"["other","https://scim.example.com"]"#], ["nbf": "1799999990"], ["iat": ""], ["jti": #""x""#],
            ["exp": "1800000300.5"], ["sub": "", "client_id": #""hr-sync""#], ["sub": "", "azp": #""hr-sync""#],
            // Within the leeway of a minute.
            ["exp": "1799999941"], ["nbf": "1800000059"],
        ])
    func accepted(claims: [String: String]) async throws {
        let rig = try rig()
        #expect(try await rig.principal(issuer.token(claims, now: rig.now)).name == "jwt:hr-sync")
    }

    @Test(
        "A token that is not for us, not now, or for nobody is 401; the log says why",
        arguments: [
            (["iss": #""https://evil.example.com/""#], "unknown issuer"), (["iss": #""https://idp.example.com""#], "unknown issuer"),
            (["iss": ""], "unknown issuer"), (["aud": #""other""#], "for another audience"), (["aud": ""], "for another audience"),
            (["aud": "[]"], "for another audience"), (["aud": "7"], "for another audience"), (["exp": ""], "it never expires"),
            (["exp": "1799999939"], "expired"), (["exp": #""soon""#], "malformed"), (["exp": "1e300"], "malformed"),
            (["exp": "-1"], "malformed"), (["nbf": "1800000061"], "not valid yet"), (["sub": ""], "it names nobody"),
            (["sub": #""a\nb""#], "it names nobody"), (["sub": #""""#], "it names nobody"),
        ])
    func refused(claims: [String: String], reason: String) async throws {
        let rig = try rig()
        #expect(try await rig.refusal(issuer.token(claims, now: rig.now)) == .unauthorized(""))
        #expect(rig.failures.map { $0.metadata["auth.reason"] } == [reason])
        #expect(rig.failures.first?.metadata["auth.scheme"] == "jwt")
    }

    @Test("The kind of token is read leniently, but another kind is refused", arguments: ["at+jwt", "JWT", "application/at+jwt", "jwt"])
    func types(type: String) async throws {
        let rig = try rig()
        #expect(try await rig.refusal(issuer.token(now: rig.now, type: type)) == nil)
        #expect(try await rig.refusal(issuer.token(now: rig.now, type: nil)) == nil)
        for other in ["secevent+jwt", "dpop+jwt", "logout+jwt"] {
            #expect(try await rig.refusal(issuer.token(now: rig.now, type: other)) == .unauthorized(""))
        }
    }

    @Test("Tricks with the header do not work")
    func headers() async throws {
        let rig = try rig()
        let good = try issuer.token(now: rig.now)
        let parts = good.dropFirst(7).split(separator: ".").map(String.init)
        let claims = String(decoding: try #require(Base64URL.decode(parts[1])), as: UTF8.self)
        let signature = parts[2]
        func forged(_ header: String, signature: String = signature) -> String {
            "Bearer \(TokenIssuer.part(header)).\(parts[1]).\(signature)"
        }
        #expect(try await rig.refusal(good) == nil)
        for header in [
            #"{"alg":"none","kid":"key-1"}"#, #"{"alg":"HS256","kid":"key-1"}"#, #"{"alg":"RS256","kid":"key-1"}"#,
            #"{"alg":"es256","kid":"key-1"}"#, #"{"kid":"key-1"}"#, #"{"ALG":"ES256","kid":"key-1"}"#, #"{"alg":["ES256"],"kid":"key-1"}"#,
        ] {
            #expect(try await rig.refusal(issuer.token(header: header, claims: claims)) == .unauthorized(""), "\(header)")
            #expect(try await rig.refusal(forged(header, signature: "")) == .unauthorized(""), "\(header)")
        }
        for header in [
            #"{"alg":"ES256","kid":"key-1","crit":["exp"]}"#, #"{"alg":"ES256","kid":"key-1","b64":false,"crit":["b64"]}"#,
            #"{"alg":"ES256","kid":"key-1","kid":"key-2"}"#, #"{"alg":"ES256","alg":"none","kid":"key-1"}"#, "[]", "{", "",
        ] {
            #expect(try await rig.refusal(issuer.token(header: header, claims: claims)) == .unauthorized(""), "\(header)")
        }
        for text in [
            "Bearer \(parts[0]).\(parts[1])", good + ".x", good + "=", "Bearer \(parts[0]).\(parts[1]).", "Bearer ..",
            "Bearer \(parts[0]).\(TokenIssuer.part("[]")).\(signature)", "Bearer " + String(repeating: "a", count: 20_000) + ".a.a",
        ] {
            #expect(try await rig.refusal(text) == .unauthorized(""), "\(text.prefix(40))")
        }
    }

    @Test("A token with another's claims or another's signature is refused")
    func tampering() async throws {
        let rig = try rig()
        let parts = try issuer.token(now: rig.now).split(separator: ".")
        let other = try issuer.token(["sub": #""root""#], now: rig.now).split(separator: ".")
        #expect(try await rig.refusal("\(parts[0]).\(other[1]).\(parts[2])") == .unauthorized(""))
        #expect(try await rig.refusal(TokenIssuer().token(now: rig.now)) == .unauthorized(""), "another key of the same name")
        #expect(rig.failures.allSatisfy { $0.metadata["auth.reason"] == "wrong signature" })
    }

    @Test(
        "Scopes are mapped, from a text or a list; where none means anything, the default holds",
        arguments: [
            (["scope": #""scim.write""#], "*"), (["scope": #""openid scim.read""#], "read"), (["scope": #""openid""#], "read:Group"),
            (["scope": "", "scp": #"["scim.read"]"#], "read"), (["scope": "", "scp": #""scim.read users""#], "read write:User"),
            (["scope": ""], "read:Group"), (["scope": #""SCIM.WRITE""#], "read:Group"),
        ])
    func scopes(claims: [String: String], scopes: String) async throws {
        let rig = try rig { issuer in
            issuer.scopes["users"] = .of("write:User")
            issuer.defaultScopes = .of("read:Group")
        }
        #expect(try await rig.principal(issuer.token(claims, now: rig.now)).scopes == .of(scopes))
    }

    @Test("Without a default, a token without scopes may do nothing")
    func noScopes() async throws {
        let rig = try rig()
        #expect(try await rig.principal(issuer.token(["scope": ""], now: rig.now)).scopes == .none)
    }

    @Test("Where a claim names the tenant, it must be there, and decides")
    func tenants() async throws {
        let rig = try rig { $0.tenantClaim = "org" }
        let token = try issuer.token(["org": #""acme""#], now: rig.now)
        #expect(try await rig.principal(token).tenant == Tenant(name: "acme"))
        #expect(try await rig.refusal(token, tenant: Tenant(name: "acme")) == nil)
        #expect(try await rig.refusal(token, tenant: Tenant(name: "other")) == .unauthorized(""))
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == .unauthorized(""))
        #expect(try await rig.refusal(issuer.token(["org": "7"], now: rig.now)) == .unauthorized(""))
    }

    @Test("RSA keys are understood, PSS only where it is allowed")
    func rsa() async throws {
        let rig = try rig(keys: TokenIssuer.set(try RSATestKey.jwk()))
        let claims = #"{"iss":"\#(TokenIssuer.name)","aud":"scim","sub":"hr-sync","exp":1800000300}"#
        #expect(try await rig.refusal(RSATestKey.token(claims: claims)) == nil)
        #expect(try await rig.refusal(RSATestKey.token(claims: claims, isPSS: true)) == .unauthorized(""))
        let lenient = try self.rig({ $0.algorithms = ["PS256"] }, keys: TokenIssuer.set(try RSATestKey.jwk()))
        #expect(try await lenient.refusal(RSATestKey.token(claims: claims, isPSS: true)) == nil)
        #expect(try await lenient.refusal(RSATestKey.token(claims: claims)) == .unauthorized(""))
    }

    @Test(
        "A key for another purpose is not used, one without purpose is",
        arguments: [
            ("", true), (#","use":"sig""#, true), (#","use":"enc""#, false), (#","key_ops":["verify"]"#, true),
            (#","key_ops":["encrypt"]"#, false), (#","alg":"ES256""#, true), (#","alg":"ES384""#, false), (#","alg":"ECDH-ES""#, false),
        ])
    func purposes(more: String, isUsed: Bool) async throws {
        let other = TokenIssuer(id: "other")
        let rig = try rig(keys: TokenIssuer.set(other.jwk(), issuer.jwk(more)))
        #expect((try await rig.refusal(issuer.token(now: rig.now)) == nil) == isUsed)
        #expect(try await rig.refusal(other.token(now: rig.now)) == nil)
    }

    @Test("Keys of kinds that are not known, or broken, do not spoil the rest")
    func strangers() async throws {
        let strangers = [
            #"{"kty":"oct","k":"AAAA","kid":"key-1"}"#, #"{"kty":"XYZ"}"#, "7", "{}", #"{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"small"}"#,
            #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","kid":"broken"}"#, #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
        ]
        let rig = try rig(keys: #"{"keys":[\#(strangers.joined(separator: ",")),\#(issuer.jwk())]}"#)
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
    }

    @Test("A token that names no key is checked with each")
    func noKeyID() async throws {
        let nameless = TokenIssuer(id: nil)
        let rig = try rig(keys: TokenIssuer.set(issuer.jwk(), nameless.jwk()))
        #expect(try await rig.refusal(nameless.token(now: rig.now)) == nil)
    }

    // MARK: Keys

    @Test("Keys are asked for once, and again for a key that is not there, but not more often than allowed")
    func refresh() async throws {
        let transport = FakeTransport(json: TokenIssuer.set(issuer.jwk()))
        let rig = try AuthenticationRig(Self.settings(), transport: transport)
        for number in 0..<5 { #expect(try await rig.refusal(issuer.token(["jti": "\(number)"], now: rig.now)) == nil) }
        #expect(transport.requests.count == 1)
        #expect(transport.requests.first?.url == Self.keysURL)
        let next = TokenIssuer(id: "key-2")
        transport.change(json: TokenIssuer.set(issuer.jwk(), next.jwk()))
        for _ in 0..<5 { #expect(try await rig.refusal(next.token(now: rig.now)) == .unauthorized("")) }
        #expect(transport.requests.count == 1, "a minute has to pass")
        rig.advance(.seconds(60))
        #expect(try await rig.refusal(next.token(now: rig.now)) == nil)
        #expect(transport.requests.count == 2)
        for number in 0..<20 {
            #expect(try await rig.refusal(TokenIssuer(id: "made up \(number)").token(now: rig.now)) == .unauthorized(""))
        }
        #expect(transport.requests.count == 2)
        #expect(try await rig.refusal(issuer.token(["jti": "9"], now: rig.now)) == nil)
    }

    @Test("A new key that nobody names is found too")
    func refreshWithoutID() async throws {
        let (old, new) = (TokenIssuer(id: nil), TokenIssuer(id: nil))
        let transport = FakeTransport(json: TokenIssuer.set(old.jwk()))
        let rig = try AuthenticationRig(Self.settings(), transport: transport)
        #expect(try await rig.refusal(old.token(now: rig.now)) == nil)
        transport.change(json: TokenIssuer.set(new.jwk()))
        rig.advance(.seconds(61))
        #expect(try await rig.refusal(new.token(now: rig.now)) == nil)
        #expect(try await rig.refusal(old.token(["jti": "2"], now: rig.now)) == .unauthorized(""))
        #expect(transport.requests.count == 2)
    }

    @Test("Old keys stay good while new ones cannot be had, and go when they are withdrawn")
    func staleness() async throws {
        let transport = FakeTransport(json: TokenIssuer.set(issuer.jwk()))
        let rig = try AuthenticationRig(Self.settings { $0.maximumAge = .seconds(600) }, transport: transport)
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
        for answer in [OutboundResponse(status: 500), OutboundResponse(status: 200, body: Array("<html>".utf8))] {
            transport.change { _ in answer }
            rig.advance(.seconds(700))
            #expect(try await rig.refusal(TokenIssuer(id: "new").token(now: rig.now)) == .unauthorized(""))
            #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
        }
        transport.change { _ in throw TransportError(.timeout, "too slow") }
        rig.advance(.seconds(700))
        #expect(try await rig.refusal(TokenIssuer(id: "new").token(now: rig.now)) == .unauthorized(""))
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
        #expect(rig.logs.lines.filter { $0.level == .warning }.count == 3)
        transport.change(json: TokenIssuer.set(TokenIssuer(id: "new").jwk()))
        rig.advance(.seconds(700))
        #expect(try await rig.refusal(TokenIssuer(id: "newer").token(now: rig.now)) == .unauthorized(""))
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == .unauthorized(""))
    }

    @Test("While there are no keys at all it is 503, and they are asked for every few seconds")
    func unavailable() async throws {
        let transport = FakeTransport { _ in throw TransportError(.connectionFailed, "refused") }
        let rig = try AuthenticationRig(Self.settings(), transport: transport)
        for _ in 0..<3 {
            let error = try await rig.refusal(issuer.token(now: rig.now))
            #expect(error?.status == 503 && error?.retryAfter == 5)
        }
        #expect(transport.requests.count == 1)
        #expect(rig.failures.isEmpty, "the client did nothing wrong")
        transport.change(json: TokenIssuer.set(issuer.jwk()))
        rig.advance(.seconds(5))
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
        let token = try await rig.token()
        #expect(try await rig.refusal(token) == nil, "the store's tokens need no issuer")
    }

    @Test("Keys can stand in a file, which is read again")
    func file() async throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).json").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(TokenIssuer.set(issuer.jwk()).utf8).write(to: URL(filePath: path))
        let rig = try AuthenticationRig(Self.settings { $0.keys = .file(path) })
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
        let next = TokenIssuer(id: "key-2")
        try Data(TokenIssuer.set(next.jwk()).utf8).write(to: URL(filePath: path))
        rig.advance(.seconds(60))
        #expect(try await rig.refusal(next.token(now: rig.now)) == nil)
        let missing = try AuthenticationRig(Self.settings { $0.keys = .file(path + "x") })
        #expect(try await missing.refusal(issuer.token(now: rig.now))?.status == 503)
    }

    @Test("What is wrong with the keys stands in the log at the start")
    func prepare() async throws {
        let rig = try AuthenticationRig(Self.settings(), transport: FakeTransport { _ in OutboundResponse(status: 404) })
        await rig.authentication.prepare()
        #expect(rig.logs.lines.map(\.level) == [.warning])
        #expect(rig.logs.lines.first?.text.contains("404") == true)
    }

    // MARK: Memory

    @Test("A verified token is remembered until it ends, and no longer than a minute")
    func memory() async throws {
        let rig = try rig()
        let token = try issuer.token(["exp": "1800000030"], now: rig.now)
        #expect(try await rig.refusal(token) == nil)
        rig.advance(.seconds(89))
        #expect(try await rig.refusal(token) == nil, "the leeway holds for what is looked at again")
        rig.advance(.seconds(1))
        #expect(try await rig.refusal(token) == .unauthorized(""))
    }

    @Test("A token that has ended is no guess: its client is not held up with the next")
    func expiry() async throws {
        var settings = Self.settings()
        settings.failureLimits = FailureLimits(burst: 2)
        let rig = try AuthenticationRig(settings, transport: FakeTransport(json: TokenIssuer.set(issuer.jwk())))
        let old = try issuer.token(now: rig.now)
        rig.advance(.seconds(600))
        for _ in 0..<5 { #expect(try await rig.refusal(old) == .unauthorized("")) }
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == nil)
    }

    @Test("Where no issuer is configured, no token of one is good")
    func unconfigured() async throws {
        let rig = try AuthenticationRig()
        #expect(try await rig.refusal(issuer.token(now: rig.now)) == .unauthorized(""))
    }
}

@Suite("Base64url")
struct Base64URLTests {
    @Test("What is written is read", arguments: [[], [0], [1, 2], [0xFB, 0xFF, 0xFE], Array(0...255)] as [[UInt8]])
    func roundTrip(bytes: [UInt8]) {
        #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
    }

    @Test("It has no padding", arguments: [([UInt8]([0xFB, 0xFF, 0xFE]), "-__-"), ([0], "AA"), ([1, 2], "AQI")])
    func writing(bytes: [UInt8], text: String) {
        #expect(Base64URL.encode(bytes) == text)
    }

    @Test("There is one text for each value", arguments: ["A", "AA==", "AB", "AAB", "A+", "A/", "A A", "ä"])
    func malformed(text: String) {
        #expect(Base64URL.decode(text) == nil)
    }
}
