import MusterCore
import Synchronization

/// Answers requests by a function and remembers them.
final class FakeTransport: HTTPTransport {
    private let sent = Mutex<[OutboundRequest]>([])
    private let answer: @Sendable (OutboundRequest) async throws -> OutboundResponse

    init(_ answer: @escaping @Sendable (OutboundRequest) async throws -> OutboundResponse = { _ in .init(status: 200) }) {
        self.answer = answer
    }

    /// What was sent, in order.
    var requests: [OutboundRequest] { sent.withLock { $0 } }

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        sent.withLock { $0.append(request) }
        return try await answer(request)
    }
}

extension OutboundRequest {
    /// The value of a header, by its lower-case name.
    subscript(header name: String) -> String? { headers.first { $0.name == name }?.value }
}
