import NIOCore
import NIOPosix
import NIOSSL
import Testing

/// A TCP connection on which a test says exactly what it likes.
struct RawConnection: Sendable {
    let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer>

    /// Connects, runs `body`, and closes.
    static func with<Value: Sendable>(
        host: String = "localhost", port: Int?, tls: TLSConfiguration? = nil, _ body: @escaping @Sendable (inout Peer) async throws -> Value
    ) async throws -> Value {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: host, port: try #require(port)) { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        let handler = try NIOSSLClientHandler(context: NIOSSLContext(configuration: tls), serverHostname: host)
                        try channel.pipeline.syncOperations.addHandler(handler)
                    }
                    return try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel, configuration: .init(isOutboundHalfClosureEnabled: true))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            var peer = Peer(inbound: inbound.makeAsyncIterator(), outbound: outbound)
            return try await body(&peer)
        }
    }

    struct Peer {
        var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
        let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
        private var received = ""

        init(inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator, outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>) {
            self.inbound = inbound
            self.outbound = outbound
        }

        func send(_ text: String) async throws { try await outbound.write(ByteBuffer(string: text)) }

        /// Everything until the server closes its side.
        mutating func readToEnd() async -> String {
            while let buffer = try? await inbound.next() { received += String(buffer: buffer) }
            return received
        }

        /// Everything until `text` has come, or the end.
        mutating func read(until text: String) async -> String {
            while !received.contains(text), let buffer = try? await inbound.next() { received += String(buffer: buffer) }
            return received
        }
    }
}
