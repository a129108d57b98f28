import Crypto
import Foundation
import NIOSSL
import SwiftASN1
import X509

@testable import MusterServer

/// Makes certificates for a test.
struct TestAuthority {
    private let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
    private let name: DistinguishedName
    let certificate: Certificate

    init(_ name: String = "Test Authority") throws {
        self.name = try DistinguishedName { CommonName(name) }
        certificate = try Self.make(
            subject: self.name, key: key.publicKey, issuer: self.name, issuerKey: key,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.isCertificateAuthority(maxPathLength: nil))
                Critical(KeyUsage(keyCertSign: true))
            })
    }

    /// A certificate with its key.
    struct Identity {
        let certificate: Certificate
        let key: Certificate.PrivateKey

        func sslCertificate() throws -> NIOSSLCertificate { try NIOSSLCertificate(bytes: der(), format: .der) }

        func sslKey() throws -> NIOSSLPrivateKey {
            try NIOSSLPrivateKey(bytes: Array(key.serializeAsPEM().pemString.utf8), format: .pem)
        }

        func der() throws -> [UInt8] { try TestAuthority.der(certificate) }
    }

    /// A certificate that the authority signs.
    func identity(
        commonNames: [String], names: [GeneralName] = [], isServer: Bool = false, validity: ClosedRange<Double> = -3600...3600
    ) throws -> Identity {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let certificate = try Self.make(
            subject: DistinguishedName { for name in commonNames { CommonName(name) } }, key: key.publicKey, issuer: name,
            issuerKey: self.key, validity: validity,
            extensions: Certificate.Extensions {
                Critical(BasicConstraints.notCertificateAuthority)
                Critical(KeyUsage(digitalSignature: true))
                try ExtendedKeyUsage([isServer ? .serverAuth : .clientAuth])
                if !names.isEmpty { SubjectAlternativeNames(names) }
            })
        return Identity(certificate: certificate, key: key)
    }

    /// A client's certificate as the server sees it.
    func clientCertificate(commonName: String, dns: [String] = [], uris: [String] = []) throws -> ClientCertificate {
        let names = dns.map { GeneralName.dnsName($0) } + uris.map { .uniformResourceIdentifier($0) }
        return try ClientCertificate(der: identity(commonNames: [commonName], names: names).der())
    }

    func pem() throws -> String { try certificate.serializeAsPEM().pemString }

    static func der(_ certificate: Certificate) throws -> [UInt8] {
        var serializer = DER.Serializer()
        try serializer.serialize(certificate)
        return serializer.serializedBytes
    }

    private static func make(
        subject: DistinguishedName, key: Certificate.PublicKey, issuer: DistinguishedName, issuerKey: Certificate.PrivateKey,
        validity: ClosedRange<Double> = -3600...3600, extensions: Certificate.Extensions
    ) throws -> Certificate {
        try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key, notValidBefore: Date(timeIntervalSinceNow: validity.lowerBound),
            notValidAfter: Date(timeIntervalSinceNow: validity.upperBound), issuer: issuer, subject: subject,
            signatureAlgorithm: .ecdsaWithSHA256, extensions: extensions, issuerPrivateKey: issuerKey)
    }
}
