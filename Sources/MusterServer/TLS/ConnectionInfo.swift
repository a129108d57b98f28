import Synchronization

/// What is known of the connection on which a request came.
///
/// ``HTTPServer`` sets ``current`` for every request that it serves. An application with a server of its own has none.
package final class ConnectionInfo: Sendable {
    /// The connection of the request that the current task serves.
    @TaskLocal package static var current: ConnectionInfo?

    /// The address of the other end, which may be a proxy's.
    package let peer: IPAddress?
    /// Whether it is encrypted.
    package let isSecure: Bool
    private let storedCertificate: Mutex<ClientCertificate?>

    package init(peer: IPAddress?, isSecure: Bool = false, certificate: ClientCertificate? = nil) {
        self.peer = peer
        self.isSecure = isSecure
        storedCertificate = Mutex(certificate)
    }

    /// The verified certificate of the client, if it sent one.
    package internal(set) var certificate: ClientCertificate? {
        get { storedCertificate.withLock { $0 } }
        set { storedCertificate.withLock { $0 = newValue } }
    }
}
