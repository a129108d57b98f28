package import Hummingbird
import HummingbirdCore
import HummingbirdTLS
package import Logging
package import NIOCore
package import NIOSSL
package import ServiceLifecycle

/// Puts a router on a socket, with every limit set.
package enum HTTPServer {
    /// A router on which everything that no route serves is answered as a SCIM error.
    package static func makeRouter() -> Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self)
        router.add(middleware: FallbackMiddleware())
        return router
    }

    /// The application to run: HTTP/1.1. On graceful shutdown it finishes the requests that it has begun,
    /// takes no new ones and closes idle connections.
    /// - Parameters:
    ///   - tls: Encrypts the connections; see ``ServerTLS/configuration()``. Nil for plain text.
    ///   - services: Run together with the server and stopped after it.
    ///   - onServerRunning: Called with the listening channel once connections are accepted; its `localAddress` tells
    ///     the port where `port` is 0.
    package static func makeApplication<Builder: HTTPResponderBuilder>(
        router: Builder, host: String = "127.0.0.1", port: Int = 8080, limits: ServerLimits = .init(),
        tls: TLSConfiguration? = nil, services: [any Service] = [],
        onServerRunning: @escaping @Sendable (any Channel) async -> Void = { _ in },
        logger: Logger
    ) -> Application<Builder.Responder>
    where Builder.Responder.Context: InitializableFromSource<ApplicationRequestContextSource> {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: TimeAmount(limits.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: limits.maximumHeaderBytes, maxHeaderListSize: 2 * limits.maximumHeaderBytes,
                maxHeaderFieldCount: limits.maximumHeaderCount))
        return Application(
            router: router,
            server: HTTPServerBuilder { responder in
                let base = HTTP1Channel(responder: responder, configuration: configuration)
                guard let tls else { return GuardedChannel(base: base, limits: limits) }
                return try TLSChannel(GuardedChannel(base: base, limits: limits, isSecure: true), tlsConfiguration: tls)
            },
            configuration: .init(
                address: .hostname(host, port: port), backlog: limits.backlog, reuseAddress: true,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.maximumConnections, logger: logger)),
            services: services, onServerRunning: onServerRunning, logger: logger)
    }
}
