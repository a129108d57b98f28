import Crypto
import Foundation
import MusterCore
import MusterDirectory
package import SCIM

/// The key that signs security event tokens with ES256 (RFC 7518 §3.4).
package struct EventSigningKey: Sendable {
    private let key: P256.Signing.PrivateKey
    private let publicKey: AttributeMap
    /// The head of every token, encoded.
    private let head: String

    /// Reads a private key on the curve P-256.
    /// - Parameter pem: As `openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256` writes it.
    /// - Throws: What the reading finds wrong.
    package init(pem: String) throws { self.init(try P256.Signing.PrivateKey(pemRepresentation: pem)) }

    /// Makes a new key.
    package init() { self.init(P256.Signing.PrivateKey()) }

    private init(_ key: P256.Signing.PrivateKey) {
        self.key = key
        let point = Array(key.publicKey.rawRepresentation)
        let (x, y) = (Base64URL.encode(point[..<32]), Base64URL.encode(point[32...]))
        // The members that count, in this order (RFC 7638 §3.2).
        let thumbprint = Base64URL.encode(SHA256.hash(data: Data(#"{"crv":"P-256","kty":"EC","x":"\#(x)","y":"\#(y)"}"#.utf8)))
        publicKey = [
            "kty": "EC", "crv": "P-256", "x": .string(x), "y": .string(y), "kid": .string(thumbprint), "alg": "ES256", "use": "sig",
        ]
        let head: AttributeValue = ["alg": "ES256", "kid": .string(thumbprint), "typ": "secevent+jwt"]
        self.head = Base64URL.encode(head.jsonBytes)
    }

    /// The private key, which is a secret.
    var pem: String { key.pemRepresentation }

    /// The public key as a JSON Web Key Set (RFC 7517 §5).
    package var keySet: AttributeValue { ["keys": [.complex(publicKey)]] }

    /// The claims as a signed token (RFC 8417 §2, RFC 7515 §7.1).
    package func token(_ claims: AttributeValue) throws -> String {
        let signed = head + "." + Base64URL.encode(claims.jsonBytes)
        return signed + "." + Base64URL.encode(try key.signature(for: Data(signed.utf8)).rawRepresentation)
    }
}

extension EventSigningKey: CustomStringConvertible {
    /// The id alone, so that no log shows the key.
    package var description: String { "EventSigningKey(\(publicKey["kid"]?.string ?? ""))" }
}
