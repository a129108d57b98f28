import NIOCore
import NIOSSL

/// Notes the certificate that a client has shown, once the handshake is over, and leaves.
///
/// It stands behind the TLS handler. The first byte that it sees is behind the handshake too.
final class ClientCertificateHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionInfo

    init(connection: ConnectionInfo) { self.connection = connection }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // A certificate that cannot be read stands for nobody.
        if let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate(), let der = try? certificate.toDERBytes() {
            connection.certificate = try? ClientCertificate(der: der)
        }
        context.fireChannelRead(data)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }
}
