import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import MusterCore
import MusterTesting
import NIOCore

/// A ``FakeTarget`` on loopback, for servers that are processes of their own.
struct ListeningTarget: Sendable {
    /// A request, and how it was answered.
    struct Exchange: Sendable {
        let method: String
        let path: String
        let status: Int
    }

    let target: FakeTarget
    /// What was answered, in order.
    let exchanges: Record<Exchange>
    let baseURL: String

    /// Listens for as long as `body` runs.
    static func run<Value: Sendable>(
        _ target: FakeTarget, _ body: @escaping @Sendable (ListeningTarget) async throws -> Value
    ) async throws -> Value {
        let (ports, exchanges) = (Record<Int>(), Record<Exchange>())
        let router = Router()
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            router.on("**", method: method) { request, _ in
                let bytes = try await request.body.collect(upTo: 1 << 20)
                let answer = target.answer(
                    OutboundRequest(
                        method: method.rawValue, url: "http://target" + request.uri.string,
                        headers: request.headers.map { HTTPHeader($0.name.rawName, $0.value) }, body: Array(bytes.readableBytesView)))
                exchanges.append(Exchange(method: method.rawValue, path: request.uri.string, status: answer.status))
                var headers = HTTPFields()
                for header in answer.headers { if let name = HTTPField.Name(header.name) { headers[name] = header.value } }
                return Response(
                    status: HTTPResponse.Status(code: answer.status), headers: headers,
                    body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { ports.append($0.localAddress?.port ?? 0) }, logger: .quiet)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask {
                let port = await ports.wait { !$0.isEmpty }[0]
                return try await body(
                    ListeningTarget(target: target, exchanges: exchanges, baseURL: "http://127.0.0.1:\(port)/scim/v2"))
            }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
