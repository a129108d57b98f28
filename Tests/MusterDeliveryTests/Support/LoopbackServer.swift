import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on 127.0.0.1 that answers as a test says.
final class LoopbackServer: Sendable {
    /// A request as it came over the wire.
    struct Request: Sendable {
        var method: String
        var target: String
        var headers: HTTPHeaders
        var body: [UInt8]
    }

    /// What is answered.
    enum Reply: Sendable {
        case response(Int, [(String, String)] = [], [UInt8] = [])
        /// A body without a length that grows until the client has gone.
        case endless
        /// The head and the beginning of the body, then nothing more.
        case stalled
        /// Nothing at all.
        case silence
        /// Bytes that are no HTTP.
        case garbage
    }

    let port: Int
    private let channel: any Channel
    private let received: Shared

    final class Shared: Sendable {
        let requests = Mutex<[Request]>([])
    }

    private init(_ channel: any Channel, _ received: Shared) throws {
        guard let port = channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        self.channel = channel
        self.port = port
        self.received = received
    }

    /// The requests so far.
    var requests: [Request] { received.requests.withLock { $0 } }

    /// Runs a server for the time of `body`.
    static func with<Result>(
        _ reply: @escaping @Sendable (Request) -> Reply, _ body: (LoopbackServer) async throws -> Result
    ) async throws -> Result {
        let received = Shared()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Handler(reply: reply, received: received))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let server = try LoopbackServer(channel, received)
        do {
            let result = try await body(server)
            try await channel.close()
            return result
        } catch {
            try? await channel.close()
            throw error
        }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let reply: @Sendable (Request) -> Reply
        private let received: Shared
        private var request: Request?

        init(reply: @escaping @Sendable (Request) -> Reply, received: Shared) {
            self.reply = reply
            self.received = received
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                request = Request(method: head.method.rawValue, target: head.uri, headers: head.headers, body: [])
            case .body(let part):
                request?.body.append(contentsOf: part.readableBytesView)
            case .end:
                guard let request else { return }
                received.requests.withLock { $0.append(request) }
                answer(reply(request), context)
            }
        }

        private func answer(_ reply: Reply, _ context: ChannelHandlerContext) {
            switch reply {
            case .response(let status, let headers, let body):
                var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: status))
                for (name, value) in headers { head.headers.add(name: name, value: value) }
                head.headers.replaceOrAdd(name: "content-length", value: String(body.count))
                context.write(wrapOutboundOut(.head(head)), promise: nil)
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            case .endless:
                context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
                writeOn(context)
            case .stalled:
                context.write(wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: .ok))), promise: nil)
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "begin")))), promise: nil)
            case .silence: break
            case .garbage:
                // Below the HTTP encoder.
                let bytes = ByteBuffer(string: "SSH-2.0-OpenSSH_9.2\r\n\r\n")
                let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                encoder?.writeAndFlush(NIOAny(bytes), promise: nil)
            }
        }

        private func writeOn(_ context: ChannelHandlerContext) {
            let part = ByteBuffer(repeating: 0x61, count: 65_536)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(part)))).whenSuccess {
                let (handler, context) = bound.value
                handler.writeOn(context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
