import Foundation
package import NIOSSL

/// TLS on the server's own socket.
package struct ServerTLS: Sendable, Hashable {
    /// Whether clients show certificates.
    package enum ClientCertificates: String, Sendable, CaseIterable {
        /// They are not asked.
        case none
        /// They are asked; one that is shown must be good.
        case optional
        /// Without a good one there is no connection.
        case required
    }

    /// What is wrong with the files.
    package struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
        /// Which file, and what is wanted.
        package let description: String
    }

    /// A PEM file with the server's certificate, followed by those of the authorities between.
    package var certificateFile: String
    /// A PEM file with its private key.
    package var privateKeyFile: String
    /// A PEM file with the authorities that clients' certificates may come from.
    package var clientAuthorityFile: String?
    package var clientCertificates: ClientCertificates

    package init(
        certificateFile: String, privateKeyFile: String, clientAuthorityFile: String? = nil,
        clientCertificates: ClientCertificates = .none
    ) {
        self.certificateFile = certificateFile
        self.privateKeyFile = privateKeyFile
        self.clientAuthorityFile = clientAuthorityFile
        self.clientCertificates = clientCertificates
    }

    /// Reads the files: TLS 1.2 and later.
    /// - Throws: ``Invalid``.
    package func configuration() throws -> TLSConfiguration {
        let chain = try certificates(certificateFile)
        guard let key = try? NIOSSLPrivateKey(file: privateKeyFile, format: .pem) else {
            throw Invalid(description: "\(privateKeyFile): a private key in PEM is wanted, without a password")
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        guard clientCertificates != .none else { return try checked(configuration) }
        guard let clientAuthorityFile else {
            throw Invalid(description: "client certificates are asked for, but no file says which authorities are trusted with them")
        }
        configuration.trustRoots = .certificates(try certificates(clientAuthorityFile))
        configuration.certificateVerification = clientCertificates == .required ? .noHostnameVerification : .optionalVerification
        configuration.sendCANameList = true
        return try checked(configuration)
    }

    private func certificates(_ path: String) throws -> [NIOSSLCertificate] {
        guard let certificates = try? NIOSSLCertificate.fromPEMFile(path), !certificates.isEmpty else {
            throw Invalid(description: "\(path): certificates in PEM are wanted")
        }
        return certificates
    }

    /// Finds out now whether key and certificate belong together.
    private func checked(_ configuration: TLSConfiguration) throws -> TLSConfiguration {
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw Invalid(description: "\(certificateFile) and \(privateKeyFile) do not go together: \(error)")
        }
        return configuration
    }
}
