package import HTTPTypes
package import Logging
package import MusterCore
package import NIOCore

/// What a request says of its client.
package struct AuthenticationRequest: Sendable {
    /// The headers; `Authorization` and `X-Forwarded-For` are read.
    package var headers: HTTPFields
    /// The tenant that the URL names; nil where it names none, so that the client's own is meant.
    package var tenant: Tenant?
    /// Carries the request's id.
    package var logger: Logger
    private let connection: ConnectionInfo?
    private let remoteAddress: SocketAddress?

    /// Creates a request.
    /// - Parameters:
    ///   - connection: Where it came from.
    ///   - remoteAddress: Who opened the connection, where `connection` is nil but somebody knows.
    package init(
        headers: HTTPFields, tenant: Tenant? = nil, connection: ConnectionInfo? = .current, remoteAddress: SocketAddress? = nil,
        logger: Logger
    ) {
        self.headers = headers
        self.tenant = tenant
        self.connection = connection
        self.remoteAddress = remoteAddress
        self.logger = logger
    }

    /// Who opened the connection; nil where nobody knows.
    var peer: IPAddress? { connection?.peer ?? remoteAddress.flatMap { IPAddress($0) } }

    /// The values of `X-Forwarded-For` in their order.
    var forwardedFor: [String] { headers[values: .forwardedFor] }

    /// The verified certificate of the client.
    var certificate: ClientCertificate? { connection?.certificate }
}
