import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1

/// HTTP/1.1 with a ``ConnectionGuard`` on each connection.
struct GuardedChannel: ServerChildChannel {
    let base: HTTP1Channel
    let limits: ServerLimits

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        // Whoever serves the request has limits of its own and says what was exceeded; this one is for when nobody does.
        let (deadline, linger) = (TimeAmount(limits.bodyTimeout + limits.requestTimeout), TimeAmount(limits.lingerTimeout))
        return base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            try pipeline.addHandler(
                ConnectionGuard(
                    requestDeadline: deadline, lingerTimeout: linger, maximumBodyBytes: limits.maximumBodyBytes), position: .after(decoder))
            return value
        }
    }

    func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await base.handle(value: value, logger: logger)
    }
}
