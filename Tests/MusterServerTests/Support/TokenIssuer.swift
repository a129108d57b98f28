import Crypto
import JWTKit
import MusterCore
import SCIM
import Testing

@testable import MusterServer

/// Signs JSON Web Tokens, well or badly, as a test likes.
struct TokenIssuer: Sendable {
    static let name = "https://idp.example.com/"

    let id: String?
    private let key = P256.Signing.PrivateKey()

    init(id: String? = "key-1") { self.id = id }

    /// The public key as a member of a JSON Web Key Set.
    func jwk(_ more: String = #","use":"sig","alg":"ES256""#) -> String {
        let point = Array(key.publicKey.rawRepresentation)
        let (x, y) = (Base64URL.encode(Array(point[..<32])), Base64URL.encode(Array(point[32...])))
        return #"{"kty":"EC","crv":"P-256","x":"\#(x)","y":"\#(y)"\#(id.map { #","kid":"\#($0)""# } ?? "")\#(more)}"#
    }

    /// A token with this header and these claims, as JSON.
    func token(header: String, claims: String) throws -> String {
        let signed = Self.part(header) + "." + Self.part(claims)
        let signature = try key.signature(for: Array(signed.utf8)).rawRepresentation
        return "Bearer " + signed + "." + Base64URL.encode(Array(signature))
    }

    /// A good token with changes.
    /// - Parameter claims: Members that take the place of others, or come on top; "" leaves one out.
    func token(_ claims: [String: String] = [:], now: Timestamp, type: String? = "at+jwt") throws -> String {
        let seconds = now.milliseconds / 1000
        var all = [
            "iss": #""\#(Self.name)""#, "aud": #""scim""#, "sub": #""hr-sync""#, "exp": "\(seconds + 300)", "iat": "\(seconds)",
            "scope": #""scim.read""#,
        ]
        for (name, value) in claims { all[name] = value.isEmpty ? nil : value }
        let members = all.map { #""\#($0)":\#($1)"# }.joined(separator: ",")
        let header = #"{"alg":"ES256"\#(id.map { #","kid":"\#($0)""# } ?? "")\#(type.map { #","typ":"\#($0)""# } ?? "")}"#
        return try token(header: header, claims: "{\(members)}")
    }

    static func part(_ json: String) -> String { Base64URL.encode(Array(json.utf8)) }

    /// A JSON Web Key Set.
    static func set(_ keys: String...) -> String { #"{"keys":[\#(keys.joined(separator: ","))]}"# }
}

/// An issuer's key of 2048 bits that is used nowhere else.
enum RSATestKey {
    static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQD4fQ/8lmC34ssN
        Gci9lov1LiIerdi3VTwp+r7KAOzDtP+T7DEYZa9hp/bLo5tg3anUr5d+d2fpRXRN
        CWftJuvYhdI67ER9pEZuZen+cpXf4Jvmlq7QDUkX/xsafOMKcGajBw/UV59Mwejp
        EO8ilpmGUAIPz33ARwokHf8rA52OWqUvXXRf7x872eowTFYxygObxZKFCyWjJs5Q
        rMRGW+qIULNKj030r2+36F2TgZeZbEd7hCVMX2QTdIWshHYRmKHdXKCDZ7nC4VOq
        6o4XZkczpYem5ZyXOhWTp/IW8VaKrmEDErjm1RWHwjWEXoSnLesuEafYOQuTwWRO
        nOoc9QGdAgMBAAECggEAQt7BARvkzkeRliZ0r5SGeIYgN3pYQkoFRVTNqCXkkWwx
        hTjAI40ly9V8JGQUadZtICfa0HVIuO1wdVTNK3RYbq3gm+u+KMOfEpGJjWh/rb5P
        phex1ppkq7kCrbejD8mczU2WtHGaFHlweNwORpQZn5wDWgbgE/DqKTsLUqOH8Gkr
        nwrmfHfnxYShtEDGvP2H2Uy2e5jP6SUBeITBcMR18KEsngUIMZ50uQy8jriMD+8f
        WemrvGVlOIEBze/sXT9e23Y3MfqAB1FJEurY3c/I7eD0aFuzjJkUAjCsXVZJUyvK
        Se3iEXmJO0dDYWiFd2PrOg1PdVhwc21d5FmYmdYbfwKBgQD+Rfq3x8tGLpIgIU3g
        KTtiV4tCo3h2xJZOOZ583u5nnn0E8+25iE0gpbowcV+DTPGNjDyOyD9s+KccoBK3
        Vc/XlPPi1ijHrELpGXelQcr+XO5Dtl1ErDLyxRLfWgaFY+G7nikYThYxDDd+4Qij
        gWz1ET9yW9yg5YnSvkFQ3uIrFwKBgQD6LQbj8Kf9/L+0Y4n33o9x9MjMQjn3E56I
        90GxYVjnYU0Tmhiq+mDWfe2s/+s+UiqvPIIcl+wBf8hKCZElByqZsBk3XuHFgdFA
        KJsKU4ZqS1Oe36vit38cbkrGi/ZIIm+U26cngSCvy2fHqXvwyCN/RMCYKog91H1L
        tKOcJ15ZawKBgCUkSbQwrgOpZ9TjqIF25GLAEOqCAGWw35e7mOf6lG50WySvEOmJ
        /GIpcyICXYZLZflcI7hjjcg4JgjrZPB8y2hdLKbUy44nHnr4Kl7sVl+DaZZgfA08
        7hBCMziG6O7xIRcLykrvlRRDCZQyANYJYMYHZ/IncvnZraEoA1hxxi2vAoGBAIWt
        x6/G6U07YAh448EyCH5A6YbToHuY3S6cyFqLBOFmSbQ+tA2wikwyr+ywNzhu2WYX
        tAKpXy+R4ylEoW0ivi2vPloq9gL+khxxVh8XcIydwYn0RLl5iY9ck9Ix+aCj3fGx
        yUi/pAKrcsHqm1KW7vjTeQIWQASh5W2tkXsgQjcPAoGAQqVwRm85wX5V0Gwve4n7
        oQ1DJhDOCiHbxen+BcPu2vaG7trl3IHYjmWLCR6u3AlfhBFNI32lf8Loqjwd0LvQ
        YF4drT7j9JEx2x+9250eSUFyYyvTrVirXdF6hOzSO7b31MR9ujkCv+3x5XqIG5UZ
        cwiwE/rsdaul8PVMCPVFndo=
        -----END PRIVATE KEY-----
        """

    static func jwk() throws -> String {
        let primitives = try Insecure.RSA.PrivateKey(pem: pem).publicKey.getKeyPrimitives()
        let (modulus, exponent) = (Array(primitives.modulus), Array(primitives.publicExponent))
        return #"{"kty":"RSA","kid":"rsa","n":"\#(Base64URL.encode(modulus))","e":"\#(Base64URL.encode(exponent))"}"#
    }

    /// A token that is signed with RS256 or, with `isPSS`, PS256.
    static func token(claims: String, isPSS: Bool = false) async throws -> String {
        let key = try Insecure.RSA.PrivateKey(pem: pem)
        let collection = JWTKeyCollection()
        if isPSS {
            await collection.add(pss: key, digestAlgorithm: .sha256)
        } else {
            await collection.add(rsa: key, digestAlgorithm: .sha256)
        }
        let signed = TokenIssuer.part(#"{"alg":"\#(isPSS ? "PS256" : "RS256")","kid":"rsa"}"#) + "." + TokenIssuer.part(claims)
        let signature = try await collection.getKey().sign(Array(signed.utf8))
        return "Bearer " + signed + "." + Base64URL.encode(signature)
    }
}

/// Answers requests as a test says, and counts them.
final class FakeTransport: HTTPTransport {
    typealias Answer = @Sendable (OutboundRequest) async throws -> OutboundResponse

    private let answer: LockedBox<Answer>
    private let sent = LockedBox<[OutboundRequest]>([])

    init(_ answer: @escaping Answer) { self.answer = LockedBox(answer) }

    /// Answers with a document.
    convenience init(json: String) { self.init { _ in OutboundResponse(status: 200, body: Array(json.utf8)) } }

    var requests: [OutboundRequest] { sent.value }

    func change(_ answer: @escaping Answer) { self.answer.value = answer }

    func change(json: String) { change { _ in OutboundResponse(status: 200, body: Array(json.utf8)) } }

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        sent.change { $0.append(request) }
        return try await answer.value(request)
    }
}
