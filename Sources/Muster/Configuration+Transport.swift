import MusterCore
import MusterDelivery

extension Configuration {
    /// The way out over HTTP for plugins and the provisioner.
    /// - Throws: ``ConfigurationError`` where the trusted authorities cannot be read.
    func transport(connectionsPerHost: Int = 32) throws -> AsyncHTTPTransport {
        do {
            let authorities = try trustedAuthorities.map { try TrustedAuthorities(file: $0) } ?? .system
            return AsyncHTTPTransport(authorities: authorities, connectionsPerHost: connectionsPerHost)
        } catch let error as TransportError { throw ConfigurationError(["trustedAuthorities: \(error.message)"]) }
    }
}
