import NIOCore
import NIOHTTP1

/// Asks for the body where a client waits to be asked, and ends connections on which a request does not come to its end.
///
/// .NET and curl send `Expect: 100-continue` and wait up to a second for an answer that Hummingbird never gives.
///
/// Hummingbird reads what is left of a body after it has answered, however long that takes. So a client that was told
/// 401 or 413 could send on for ever. This handler limits the time from a request's head to its end, and where the
/// answer comes before that end it says `Connection: close`, stops sending, listens a moment longer, since bytes
/// that arrive at a closed socket would take the answer away from the client, and closes.
final class ConnectionGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let requestDeadline: TimeAmount
    private let lingerTimeout: TimeAmount
    private let maximumBodyBytes: Int
    private var state = RequestProgress()
    private var timer: Scheduled<Void>?

    /// - Parameters:
    ///   - requestDeadline: How long a request may take from its head to its end.
    ///   - lingerTimeout: How long an answered client may go on sending.
    ///   - maximumBodyBytes: No larger body is asked for.
    init(requestDeadline: TimeAmount, lingerTimeout: TimeAmount, maximumBodyBytes: Int) {
        self.requestDeadline = requestDeadline
        self.lingerTimeout = lingerTimeout
        self.maximumBodyBytes = maximumBodyBytes
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if state.isLingering {
            if case .end = unwrapInboundIn(data) { context.close(promise: nil) }
            return
        }
        switch unwrapInboundIn(data) {
        case .head(let head):
            if state.isIdle, isAwaitingContinue(head) {
                context.writeAndFlush(wrapOutboundOut(.head(.init(version: head.version, status: .continue))), promise: nil)
            }
            state.requestStarted()
        case .body: break
        case .end:
            state.requestEnded()
            timer?.cancel()
            timer = nil
        }
        context.fireChannelRead(data)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if state.isLingering {
            context.read()
        } else if state.isReadingRequest, timer == nil {
            // Most requests arrive whole: only the others cost a timer.
            schedule(in: requestDeadline, context)
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(var head) where !(100..<200).contains(head.status.code):
            if state.responseStarted() == .beforeRequestEnd {
                head.headers.replaceOrAdd(name: "Connection", value: "close")
            }
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end:
            guard state.responseEnded() == .beforeRequestEnd else { return context.write(data, promise: promise) }
            let written = promise ?? context.eventLoop.makePromise()
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            written.futureResult.whenComplete { _ in
                let (handler, context) = bound.value
                handler.linger(context)
            }
            context.writeAndFlush(data, promise: written)
        case .head, .body: context.write(data, promise: promise)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        timer?.cancel()
        timer = nil
    }

    /// Whether the client holds a body back that we would read (RFC 9110 §10.1.1).
    private func isAwaitingContinue(_ head: HTTPRequestHead) -> Bool {
        guard let expectation = head.headers.first(name: "Expect"), expectation.lowercased() == "100-continue" else { return false }
        let length = head.headers.first(name: "Content-Length").flatMap { Int($0) }
        return head.version == .http1_1 && (length ?? 0) <= maximumBodyBytes
    }

    private func linger(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        context.close(mode: .output, promise: nil)
        timer?.cancel()
        schedule(in: lingerTimeout, context)
        context.read()
    }

    private func schedule(in time: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            handler.timer = nil
            context.close(promise: nil)
        }
    }
}

/// Follows requests and responses on one connection, which may be pipelined: the second request can be on its way while
/// the first is answered.
struct RequestProgress: Sendable {
    /// When a response comes.
    enum Moment: Sendable, Hashable {
        case afterRequestEnd, beforeRequestEnd
    }

    private var requestsStarted = 0
    private var requestsEnded = 0
    private var responsesStarted = 0
    private var responsesEnded = 0
    /// Whether the last answer of the connection has been written, before the end of its request.
    private(set) var isLingering = false

    /// Whether a request has begun and not ended.
    var isReadingRequest: Bool { requestsStarted > requestsEnded }

    /// Whether every request so far has been answered.
    var isIdle: Bool { responsesEnded == requestsStarted }

    mutating func requestStarted() { requestsStarted += 1 }

    mutating func requestEnded() { requestsEnded += 1 }

    /// Notes the head of a final response.
    mutating func responseStarted() -> Moment {
        responsesStarted += 1
        return moment
    }

    /// Notes the end of the response.
    mutating func responseEnded() -> Moment {
        responsesEnded += 1
        if moment == .beforeRequestEnd { isLingering = true }
        return moment
    }

    private var moment: Moment { requestsEnded < responsesStarted ? .beforeRequestEnd : .afterRequestEnd }
}
