import Foundation
import MusterCore
import MusterLua
import SCIM

extension HostAPI {
    static let redirectLimit = 5
    static let requestBodyLimit = 1 << 20
    static let responseBodyLimit = 1 << 20
    static let headerLimit = 50

    /// `http_request{method, url, headers, body, timeout}`: one request with its redirects, each hop of which needs the
    /// permission.
    mutating func addHTTP() {
        let environment = environment
        async("http_request") { run, arguments in
            let run = try run.required(for: "muster.http")
            let call = try HTTPCall(arguments.object(0), run: run, environment: environment)
            return .object(try await call.send())
        }
    }
}

/// One `muster.http` call.
private struct HTTPCall {
    let environment: PluginEnvironment
    let run: RunContext
    let deadline: ContinuousClock.Instant
    var request: OutboundRequest
    var address: WebAddress

    static let methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
    /// Headers that the transport sets, or that would change how the message is read.
    static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "expect", "te", "trailer", "keep-alive",
        "proxy-authorization", "proxy-connection",
    ]
    /// Headers that must not follow a redirect to another host.
    static let confidential: Set<String> = ["authorization", "cookie"]

    init(_ object: LuaObject, run: RunContext, environment: PluginEnvironment) throws(HostCallError) {
        self.environment = environment
        self.run = run
        let method = object["method"]?.string ?? "GET"
        guard Self.methods.contains(method) else { throw HostCallError("http.request: the method '\(method)' is not allowed") }
        address = try WebAddress(object["url"]?.string ?? "")
        let body = Array((object["body"]?.string ?? "").utf8)
        guard body.count <= HostAPI.requestBodyLimit else { throw HostCallError("http.request: the body is larger than 1 MiB") }
        // Before the commit somebody waits for the answer.
        let longest: Double = run.hook.phase.isQueued ? 30 : 2
        let seconds = object["timeout"]?.number ?? min(10, longest)
        guard seconds > 0 else { throw HostCallError("http.request: 'timeout' must be more than 0") }
        let timeout = Duration.seconds(min(seconds, longest))
        deadline = .now + timeout
        request = OutboundRequest(
            method: method, url: address.text, headers: try Self.headers(object["headers"]), body: body, timeout: timeout,
            responseLimitBytes: HostAPI.responseBodyLimit)
        if let key = run.nextIdempotencyKey(of: environment.name), !request.headers.contains(where: { $0.name == "idempotency-key" }) {
            request.headers.append(HTTPHeader("idempotency-key", key))
        }
    }

    private static func headers(_ value: LuaValue?) throws(HostCallError) -> [HTTPHeader] {
        guard let object = value?.object else { return [] }
        guard object.members.count <= HostAPI.headerLimit else { throw HostCallError("http.request: there are more than 50 headers") }
        var headers: [HTTPHeader] = []
        for member in object.members {
            let (name, text) = (member.key, member.value.string ?? "")
            let isToken = !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"()<>@,;:\\\"/[]?={}".utf8.contains($0) }
            guard isToken else { throw HostCallError("http.request: '\(name.prefix(64))' is not a header name") }
            guard !reserved.contains(name) else { throw HostCallError("http.request: the header '\(name)' cannot be set") }
            guard text.utf8.count <= 8192, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HostCallError("http.request: the header '\(name)' holds a line break or is longer than 8 KiB")
            }
            headers.append(HTTPHeader(name, text))
        }
        return headers.sorted { $0.name < $1.name }
    }

    func send() async throws -> LuaObject {
        var (request, address) = (request, address)
        for _ in 0...HostAPI.redirectLimit {
            request.allowsPrivateAddress = try permission(for: address)
            request.url = address.text
            request.timeout = max(.zero, deadline - .now)
            guard request.timeout > .zero else { throw HostCallError("http.request: no answer from \(address.host) in time") }
            let response = try await answer(request, address)
            guard [301, 302, 303, 307, 308].contains(response.status), let location = response.header("location") else {
                return Self.reply(response, now: environment.world.clock.now())
            }
            let next = try address.following(location)
            redirect(&request, status: response.status, crossesHosts: next.origin != address.origin)
            address = next
        }
        throw HostCallError("http.request: more than \(HostAPI.redirectLimit) redirects")
    }

    /// Whether the host may have a private address.
    private func permission(for address: WebAddress) throws(HostCallError) -> Bool {
        guard let pattern = environment.patterns().first(where: { $0.matches(address) }) else {
            throw HostCallError(
                "http.request: \(address.origin)\(address.path) is not among the addresses of this plugin; "
                    + "add it to permissions.http in plugin.json")
        }
        return pattern.namesAddressLiterally || environment.privateHosts.contains { $0.lowercased() == address.host }
    }

    private func answer(_ request: OutboundRequest, _ address: WebAddress) async throws -> OutboundResponse {
        do { return try await guarded(request, address) } catch let error as TransportError {
            throw HostCallError("http.request: \(error.message)")
        } catch let error as HostCallError { throw error } catch {
            throw HostCallError("http.request: \(address.host) cannot be reached: \(error)")
        }
    }

    /// Sends a request, unless its destination is to be left alone for now.
    private func guarded(_ request: OutboundRequest, _ address: WebAddress) async throws -> OutboundResponse {
        guard let breakers = environment.world.breakers else { return try await environment.world.transport.send(request) }
        if let refusal = breakers.refusal(plugin: environment.name, destination: address.origin) {
            let error = HostCallError("http.request: \(refusal.message)")
            run.holdBack(for: refusal.wait, saying: error.message)
            throw error
        }
        // A breaker has a clock of its own: what it reads is no part of what a run is told.
        func record(_ finding: DestinationBreaker.Finding) {
            breakers.record(finding, plugin: environment.name, destination: address.origin)
        }
        do {
            let response = try await environment.world.transport.send(request)
            record(.init(response, now: breakers.now))
            return response
        } catch {
            record(.init(error))
            throw error
        }
    }

    /// Makes of a request what follows a redirect (RFC 9110 §15.4).
    private func redirect(_ request: inout OutboundRequest, status: Int, crossesHosts: Bool) {
        if status == 303 && request.method != "HEAD" || [301, 302].contains(status) && request.method == "POST" {
            request.method = "GET"
            request.body = []
            request.headers.removeAll { $0.name.hasPrefix("content-") }
        }
        if crossesHosts { request.headers.removeAll { Self.confidential.contains($0.name) } }
    }

    private static func reply(_ response: OutboundResponse, now: @autoclosure () -> Timestamp) -> LuaObject {
        var headers: [(name: String, value: String)] = []
        for header in response.headers {
            let name = header.name.lowercased()
            if let index = headers.firstIndex(where: { $0.name == name }) {
                headers[index].value += ", " + header.value
            } else {
                headers.append((name, header.value))
            }
        }
        var reply: LuaObject = [
            "status": .integer(Int64(response.status)),
            "headers": .object(LuaObject(headers.map { .init(key: $0.name, value: .string($0.value)) })),
            "body": .string(String(decoding: response.body, as: UTF8.self)),
        ]
        if headers.contains(where: { $0.name == "retry-after" }), let wait = response.retryAfter(now: now()) {
            reply["retryAfter"] = .integer(Int64((wait / .seconds(1)).rounded(.up)))
        }
        return reply
    }
}

extension OutboundResponse {
    fileprivate func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name }?.value
    }
}
