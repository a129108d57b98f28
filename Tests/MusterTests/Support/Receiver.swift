import Hummingbird
import HummingbirdCore
import HTTPTypes
import Logging
import NIOCore
import SCIM

/// The other end of a hook: a server on loopback that keeps what it is sent.
final class Receiver: Sendable {
    /// A request that came.
    struct Message: Sendable {
        let method: String
        let path: String
        /// By name in lower case.
        let headers: [String: String]
        let text: String

        /// The body as JSON; null where it is none.
        var body: AttributeValue { (try? AttributeValue(json: Array(text.utf8))) ?? .null }
    }

    /// What came, in order.
    let messages: Record<Message>
    /// Where it listens.
    let port: Int

    /// The URL of a path.
    func url(_ path: String) -> String { "http://127.0.0.1:\(port)\(path)" }

    private init(port: Int, messages: Record<Message>) {
        self.port = port
        self.messages = messages
    }

    /// Listens for as long as `body` runs.
    /// - Parameters:
    ///   - port: 0 takes any that is free.
    ///   - status: What a message is answered.
    static func run<Value: Sendable>(
        port: Int = 0, status: @escaping @Sendable (Message) -> Int = { _ in 200 },
        _ body: @escaping @Sendable (Receiver) async throws -> Value
    ) async throws -> Value {
        let ports = Record<Int>()
        let messages = Record<Message>()
        let router = Router()
        for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete] {
            router.on("**", method: method) { request, _ in
                let bytes = try await request.body.collect(upTo: 1 << 20)
                let message = Message(
                    method: method.rawValue, path: request.uri.path,
                    headers: Dictionary(request.headers.map { ($0.name.rawName.lowercased(), $0.value) }) { first, _ in first },
                    text: String(buffer: bytes))
                messages.append(message)
                return HTTPResponse.Status(code: status(message))
            }
        }
        let application = Application(
            router: router, configuration: .init(address: .hostname("127.0.0.1", port: port)),
            onServerRunning: { ports.append($0.localAddress?.port ?? 0) }, logger: .quiet)
        return try await withThrowingTaskGroup(of: Value?.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                try await application.run()
                return nil
            }
            group.addTask { try await body(Receiver(port: await ports.wait { !$0.isEmpty }[0], messages: messages)) }
            while let value = try await group.next() { if let value { return value } }
            throw CancellationError()
        }
    }
}
