import MusterCore
import NIOSSL

/// The authorities whose certificates are trusted for what is sent: the system's, and those of a site.
package struct TrustedAuthorities: Sendable {
    private let own: [NIOSSLCertificate]

    /// The system's alone.
    package static let system = TrustedAuthorities(own: [])

    private init(own: [NIOSSLCertificate]) { self.own = own }

    /// The system's, and those in a PEM file.
    /// - Throws: ``TransportError`` `invalidCertificate` when the file holds none.
    package init(file: String) throws {
        let found = (try? NIOSSLCertificate.fromPEMFile(file)) ?? []
        guard !found.isEmpty else { throw TransportError(.invalidCertificate, "\(file) holds no certificate in PEM") }
        own = found
    }

    /// The TLS configuration of a client that trusts them.
    var configuration: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        if !own.isEmpty { configuration.additionalTrustRoots = [.certificates(own)] }
        return configuration
    }
}
