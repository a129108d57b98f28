import Crypto
import SwiftASN1
import X509

/// One thing that a certificate says of its subject.
package enum CertificateIdentity: Sendable, Hashable {
    /// The common name of its subject; only where it has exactly one.
    case commonName(String)
    /// A DNS name of `subjectAltName`, without case.
    case dns(String)
    /// A URI of `subjectAltName`, such as `spiffe://example.com/hr`.
    case uri(String)
    /// SHA-256 of the whole certificate in DER, as hexadecimal digits in lower case.
    case sha256(String)

    /// Reads `CN=NAME`, `DNS:NAME`, `URI:URI` or `SHA256:DIGITS`; the digits may have colons between them.
    package init?(_ text: String) {
        if let name = text.removingPrefix("CN="), !name.isEmpty {
            self = .commonName(String(name))
        } else if let name = text.removingPrefix("DNS:"), !name.isEmpty {
            self = .dns(name.lowercased())
        } else if let uri = text.removingPrefix("URI:"), !uri.isEmpty {
            self = .uri(String(uri))
        } else if let digits = text.removingPrefix("SHA256:")?.lowercased().filter({ $0 != ":" }),
            digits.utf8.count == 2 * SHA256.byteCount, digits.allSatisfy({ $0.isASCII && $0.isHexDigit })
        {
            self = .sha256(digits)
        } else {
            return nil
        }
    }
}

/// A client's certificate, after the TLS handshake has verified it.
package struct ClientCertificate: Sendable, Hashable {
    /// What it says of its subject, from the narrowest to the widest.
    package let identities: [CertificateIdentity]
    /// SHA-256 of it, as hexadecimal digits in lower case.
    package let fingerprint: String

    /// Reads a certificate in DER.
    /// - Throws: What reading it throws.
    package init(der: [UInt8]) throws {
        fingerprint = SHA256.hash(data: der).map { byte in
            let digits = String(byte, radix: 16)
            return digits.count == 1 ? "0" + digits : digits
        }.joined()
        let certificate = try Certificate(derEncoded: der)
        var identities = [CertificateIdentity.sha256(fingerprint)]
        for name in try certificate.extensions.subjectAlternativeNames ?? .init() {
            switch name {
            case .uniformResourceIdentifier(let uri): identities.append(.uri(uri))
            case .dnsName(let name): identities.append(.dns(name.lowercased()))
            default: break
            }
        }
        let names = certificate.subject.flatMap { $0 }.filter { $0.type == .RDNAttributeType.commonName }
        if names.count == 1, let name = names.first.flatMap({ String($0.value) }) { identities.append(.commonName(name)) }
        self.identities = identities
    }
}

extension String {
    fileprivate func removingPrefix(_ prefix: String) -> Substring? { hasPrefix(prefix) ? dropFirst(prefix.count) : nil }
}
