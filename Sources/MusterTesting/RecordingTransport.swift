public import MusterCore
import Synchronization

/// A way out that sends nothing: it keeps every request and answers from what the test laid out.
public final class RecordingTransport: HTTPTransport {
    /// Answers a request.
    public typealias Answer = @Sendable (OutboundRequest) async throws -> OutboundResponse

    private struct Stub {
        var method: String
        var url: String
        /// In the order of their use; the last one stays.
        var answers: [Answer]

        func matches(_ request: OutboundRequest) -> Bool {
            guard method == "*" || method == request.method else { return false }
            return url.hasSuffix("*") ? request.url.hasPrefix(url.dropLast()) : request.url == url
        }
    }

    private struct State {
        var stubs: [Stub] = []
        var requests: [OutboundRequest] = []
    }

    private let state = Mutex(State())

    /// Creates a transport that knows no answer yet.
    public init() {}

    /// All requests, in the order in which they came.
    public var requests: [OutboundRequest] { state.withLock { $0.requests } }

    /// Lays out answers: one for each request that fits, the last one for all further ones.
    /// - Parameters:
    ///   - method: In upper case, or `*` for any.
    ///   - url: The whole URL; with `*` at the end, its beginning. Where several fit, the latest stub answers.
    public func stub(_ method: String, _ url: String, _ responses: OutboundResponse...) {
        stub(method, url, answers: responses.map { response in { _ in response } })
    }

    /// Lays out a failure.
    public func stub(_ method: String, _ url: String, failure: TransportError) {
        stub(method, url, answers: [{ _ in throw failure }])
    }

    /// Lays out an answer that depends on the request.
    public func stub(_ method: String, _ url: String, _ answer: @escaping Answer) {
        stub(method, url, answers: [answer])
    }

    private func stub(_ method: String, _ url: String, answers: [Answer]) {
        precondition(!answers.isEmpty, "a stub needs an answer")
        state.withLock { $0.stubs.insert(Stub(method: method, url: url, answers: answers), at: 0) }
    }

    /// Forgets the requests, but not the answers.
    public func forgetRequests() { state.withLock { $0.requests = [] } }

    /// Keeps the request and answers it.
    /// - Throws: ``TransportError`` `connectionFailed` where no answer was laid out.
    public func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let answer = state.withLock { state -> Answer? in
            state.requests.append(request)
            guard let index = state.stubs.firstIndex(where: { $0.matches(request) }) else { return nil }
            let answer = state.stubs[index].answers[0]
            if state.stubs[index].answers.count > 1 { state.stubs[index].answers.removeFirst() }
            return answer
        }
        guard let answer else {
            throw TransportError(.connectionFailed, "the test has no answer for \(request.method) \(request.url)")
        }
        return try await answer(request)
    }
}
