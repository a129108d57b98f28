import Foundation
import MusterCore
import NIOSSL

/// A client certificate in its present version: when the files change, connections are made with the new ones.
struct ClientIdentity: Sendable, Hashable {
    let files: ClientCertificateFiles
    /// When the files were written, in seconds.
    private let written: [TimeInterval]

    /// - Throws: ``TransportError`` `invalidCertificate` when there are no such files.
    init(_ files: ClientCertificateFiles) throws {
        self.files = files
        written = try [files.chain, files.key].map { path in
            guard let attributes = try? FileManager.default.attributesOfItem(atPath: path),
                let date = attributes[.modificationDate] as? Date
            else { throw TransportError(.invalidCertificate, "the file \(path) of the client certificate cannot be read") }
            return date.timeIntervalSince1970
        }
    }

    /// A TLS configuration with the certificate.
    /// - Throws: ``TransportError`` `invalidCertificate` when the files hold none.
    func configuration(trusting authorities: TrustedAuthorities) throws -> TLSConfiguration {
        var configuration = authorities.configuration
        do {
            configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(files.chain).map { .certificate($0) }
        } catch { throw TransportError(.invalidCertificate, "\(files.chain) holds no certificate in PEM") }
        do {
            configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem))
        } catch { throw TransportError(.invalidCertificate, "\(files.key) holds no private key in PEM") }
        return configuration
    }
}
