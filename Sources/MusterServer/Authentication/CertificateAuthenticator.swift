import MusterCore

/// Knows clients by the certificate with which they opened the connection (mutual TLS).
struct CertificateAuthenticator: Sendable {
    private let mappings: [CertificateIdentity: CertificateMapping]

    init(mappings: [CertificateMapping]) {
        self.mappings = Dictionary(mappings.map { ($0.identity, $0) }) { first, _ in first }
    }

    /// The client that has this certificate; the narrowest identity counts.
    /// - Throws: ``AuthenticationFailure``.
    func verify(_ certificate: ClientCertificate) throws -> Principal {
        let id = "certificate:" + certificate.fingerprint.prefix(16)
        guard let mapping = certificate.identities.lazy.compactMap({ mappings[$0] }).first else {
            throw AuthenticationFailure(reason: "the certificate stands for nobody", isGuess: false, tokenID: id)
        }
        return Principal(
            tokenID: id, name: mapping.name, tenant: mapping.tenant, scopes: mapping.scopes, dialect: mapping.dialect)
    }
}
