import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import MusterCore
import MusterPlugins
import MusterServer
import NIOCore

/// The server's routes without a socket.
struct SpecRoutes: Sendable {
    /// What stands in `meta.location`.
    static let baseURL = "https://scim.example.com/scim/v2"
    private static let path = "/scim/v2"

    private let responder: RouterResponder<SpecRequestContext>
    private let tokens: [String: String]
    private let logger: Logger

    /// - Parameter tokens: The access token of each client.
    init(_ routes: SCIMRoutes<SpecRequestContext>, tokens: [String: String], logger: Logger) {
        let router = Router(context: SpecRequestContext.self)
        routes.add(to: router.group("scim/v2"))
        responder = router.buildResponder()
        self.tokens = tokens
        self.logger = logger
    }

    /// Answers a request whose target is below the base URL.
    func respond(to request: WireRequest) async throws -> OutboundResponse {
        var fields = HTTPFields()
        for header in request.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        if fields[.authorization] == nil, let token = tokens[request.client] { fields[.authorization] = "Bearer \(token)" }
        if !request.body.isEmpty { fields[.contentLength] = String(request.body.count) }
        let head = HTTPRequest(
            method: HTTPRequest.Method(request.method) ?? .get, scheme: "https", authority: "scim.example.com",
            path: Self.path + request.target, headerFields: fields)
        let response = try await responder.respond(
            to: Request(head: head, body: RequestBody(buffer: ByteBuffer(bytes: request.body))),
            context: SpecRequestContext(source: SpecRequestContext.Source(logger: logger)))
        let body = CollectedBody()
        try await response.body.write(BodyCollector(body: body))
        return OutboundResponse(
            status: response.status.code, headers: response.headers.map { HTTPHeader($0.name.rawName, $0.value) },
            body: Array(body.buffer.readableBytesView))
    }
}

/// The context of a request that came through no channel.
struct SpecRequestContext: RequestContext {
    struct Source: RequestContextSource {
        let logger: Logger
    }

    var coreContext: CoreRequestContextStorage

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}

private final class CollectedBody {
    var buffer = ByteBuffer()
}

private struct BodyCollector: ResponseBodyWriter {
    let body: CollectedBody

    mutating func write(_ buffer: ByteBuffer) async throws { body.buffer.writeImmutableBuffer(buffer) }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
