import MusterCore
import MusterLua
import SCIM
import Synchronization

/// How requests of one kind are answered in a spec.
struct SpecStub: Sendable {
    /// One answer.
    struct Reply: Sendable {
        enum Result: Sendable {
            case response(OutboundResponse)
            /// The connection fails, with this message.
            case failure(String)
            /// No answer comes before the request's time is up.
            case silence
        }
        var result: Result
        /// How far the clock goes on before it comes.
        var latency: Duration
    }

    /// The method in upper case; `*` for any.
    var method: String
    /// The whole address, or its beginning and `*`.
    var url: String
    /// The answers in their order; the last one is repeated.
    var replies: [Reply]
    /// A part that the body, as JSON, must hold.
    var json: AttributeValue?
    /// A text that the body must hold.
    var body: String?
    /// Headers that must be there, by their names in lower case.
    var headers: [HTTPHeader] = []
    /// How many requests it answers; nil for all.
    var limit: Int?
    /// How many requests it has answered.
    var used = 0

    /// Whether it is meant for this method and address.
    func fits(_ request: OutboundRequest) -> Bool {
        let urlFits = url.hasSuffix("*") ? request.url.hasPrefix(url.dropLast()) : request.url == url
        return urlFits && (method == "*" || method == request.method)
    }

    /// Why it does not answer a request that it fits; nil where it does.
    func objection(to request: OutboundRequest) -> String? {
        if let limit, used >= limit { return "it is used up after \(limit == 1 ? "one request" : "\(limit) requests")" }
        if let json {
            guard let sent = try? AttributeValue(json: request.body) else { return "the body is not JSON" }
            if let difference = sent.difference(from: json, at: "json") { return difference }
        }
        if let body, !String(decoding: request.body, as: UTF8.self).contains(body) { return "the body does not hold '\(body)'" }
        for header in headers {
            let sent = request.headers.first { $0.name.lowercased() == header.name }?.value
            if sent != header.value { return "the header \(header.name) is \(sent.map { "'\($0)'" } ?? "missing"), not '\(header.value)'" }
        }
        return nil
    }

    /// The next answer.
    mutating func next() -> Reply {
        defer { used += 1 }
        return replies[min(used, replies.count - 1)]
    }
}

extension AttributeValue {
    /// Where this value does not hold what `part` names; lists are compared element by element. Nil where it holds all.
    fileprivate func difference(from part: AttributeValue, at path: String) -> String? {
        switch (self, part) {
        case (.complex(let map), .complex(let wanted)):
            for member in wanted.members {
                let inner = "\(path).\(member.name)"
                guard let value = map.members.first(where: { $0.name == member.name })?.value else { return "\(inner) is missing" }
                if let difference = value.difference(from: member.value, at: inner) { return difference }
            }
            return nil
        case (.array(let values), .array(let wanted)):
            guard values.count == wanted.count else { return "\(path) has \(values.count) elements, not \(wanted.count)" }
            return zip(values, wanted).enumerated().lazy
                .compactMap { $0.element.0.difference(from: $0.element.1, at: "\(path)[\($0.offset + 1)]") }.first
        case (.array(let values), .complex(let wanted)) where values.isEmpty && wanted.isEmpty: return nil
        default: return self == part ? nil : "\(path) is \(jsonText), not \(part.jsonText)"
        }
    }
}

/// Answers with what a spec has stubbed, the newest stub first.
struct StubTransport: HTTPTransport {
    let world: SpecWorld

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let reply: SpecStub.Reply? = world.state.withLock { state in
            state.calls.append(request)
            guard let index = state.stubs.lastIndex(where: { $0.fits(request) && $0.objection(to: request) == nil }) else { return nil }
            let reply = state.stubs[index].next()
            let isLate = if case .silence = reply.result { true } else { reply.latency >= request.timeout }
            return isLate ? SpecStub.Reply(result: .silence, latency: request.timeout) : reply
        }
        if let reply { try world.pass(reply.latency) }
        switch reply?.result {
        case .response(let response): return response
        case .failure(let message): throw TransportError(.connectionFailed, message)
        case .silence: throw TransportError(.timeout, "\(request.url) did not answer in time")
        case nil:
            let problem = world.state.withLock { $0.unanswered(request) }
            throw HostCallError(problem)
        }
    }
}

extension SpecWorld.State {
    /// Remembers a request that no stub answers, for the spec's end.
    /// - Returns: What to do about it.
    fileprivate mutating func unanswered(_ request: OutboundRequest) -> String {
        var problem = "no stub for \(request.method) \(request.url)"
        if let stub = stubs.last(where: { $0.fits(request) }), let objection = stub.objection(to: request) {
            problem += "; the newest one for this address does not fit: \(objection)"
        } else {
            problem += "; add test.http.stub(\"\(request.method)\", \"\(request.url)\", {...})"
        }
        unanswered = unanswered ?? problem
        return problem
    }
}

extension SpecStub {
    private static let replyFields = ["status", "headers", "body", "json", "latency", "failure", "silent"]
    private static let matchingFields = ["json", "body", "headers", "once", "times"]

    /// Reads what a spec wrote: `test.http.stub(method, url, reply or replies, matching)`.
    init(_ arguments: Arguments) throws(HostCallError) {
        method = try arguments.string(0, "test.http.stub: the method").uppercased()
        url = try arguments.string(1, "test.http.stub: the URL")
        var replies: [Reply] = []
        let given: [LuaValue] = if case .array(let list)? = arguments[2] { list } else { [arguments[2] ?? .empty] }
        for reply in given { replies.append(try Self.reply(reply)) }
        self.replies = replies
        let matching = arguments.object(3)
        try Self.check(matching, "a stub's match", Self.matchingFields)
        json = matching["json"]?.attributeValue
        if let value = matching["body"] {
            guard let text = value.string else { throw HostCallError("test.http.stub: 'body' is a text that the body holds") }
            body = text
        }
        headers = Self.headers(matching["headers"]).map { HTTPHeader($0.name.lowercased(), $0.value) }
        if matching["once"] == .boolean(true) { limit = 1 }
        if let times = matching["times"] {
            guard let count = times.integer, count > 0 else { throw HostCallError("test.http.stub: 'times' is a whole number above 0") }
            limit = Int(clamping: count)
        }
    }

    private static func reply(_ value: LuaValue) throws(HostCallError) -> Reply {
        let reply = value.object ?? LuaObject()
        guard value == .empty || value.object != nil else { throw HostCallError("test.http.stub: a reply is a table") }
        try check(reply, "a reply", replyFields)
        let seconds = reply["latency"]?.number ?? 0
        guard seconds >= 0, seconds <= 86_400 else {
            throw HostCallError("test.http.stub: 'latency' is a number of seconds, at most a day")
        }
        let latency = Duration.milliseconds(Int64(seconds * 1000))
        if reply["silent"] == .boolean(true) { return Reply(result: .silence, latency: .zero) }
        if let failure = reply["failure"] {
            guard let message = failure.string else {
                throw HostCallError("test.http.stub: 'failure' is a text, such as \"connection refused\"")
            }
            return Reply(result: .failure(message), latency: latency)
        }
        guard let status = Int(exactly: reply["status"]?.number ?? 200), 100...599 ~= status else {
            throw HostCallError("test.http.stub: 'status' is a whole number from 100 to 599")
        }
        let body = reply["json"].map { $0.attributeValue.jsonBytes } ?? Array((reply["body"]?.string ?? "").utf8)
        return Reply(result: .response(OutboundResponse(status: status, headers: headers(reply["headers"]), body: body)), latency: latency)
    }

    private static func check(_ object: LuaObject, _ what: String, _ known: [String]) throws(HostCallError) {
        for member in object.members where !known.contains(member.key) {
            throw HostCallError("test.http.stub: \(what) has no '\(member.key)'; \(NearestName.hint(member.key, among: known))")
        }
    }

    private static func headers(_ value: LuaValue?) -> [HTTPHeader] {
        value?.object?.members.map { HTTPHeader($0.key, $0.value.string ?? $0.value.attributeValue.jsonText) } ?? []
    }
}
