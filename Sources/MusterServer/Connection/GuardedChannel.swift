import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 with a ``ConnectionGuard`` on each connection, and ``ConnectionInfo`` for what is served on it.
struct GuardedChannel: ServerChildChannel {
    /// One connection.
    struct Value: ServerChildChannelValue {
        let stream: HTTP1Channel.Value
        let connection: ConnectionInfo

        var channel: any Channel { stream.channel }
    }

    let base: HTTP1Channel
    let limits: ServerLimits
    /// Whether a TLS handler stands before it.
    var isSecure = false

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        // Whoever serves the request has limits of its own and says what was exceeded; this one is for when nobody does.
        let (deadline, linger) = (TimeAmount(limits.bodyTimeout + limits.requestTimeout), TimeAmount(limits.lingerTimeout))
        let connection = ConnectionInfo(peer: channel.remoteAddress.flatMap { IPAddress($0) }, isSecure: isSecure)
        if isSecure {
            do { try channel.pipeline.syncOperations.addHandler(ClientCertificateHandler(connection: connection)) } catch {
                return channel.eventLoop.makeFailedFuture(error)
            }
        }
        return base.setup(channel: channel, logger: logger).flatMapThrowing { stream in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                ConnectionGuard(
                    requestDeadline: deadline, lingerTimeout: linger, maximumBodyBytes: limits.maximumBodyBytes), position: .after(decoder))
            return Value(stream: stream, connection: connection)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await ConnectionInfo.$current.withValue(value.connection) { await base.handle(value: value.stream, logger: logger) }
    }
}
