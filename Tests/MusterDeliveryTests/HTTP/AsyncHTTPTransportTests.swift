import MusterCore
import MusterDelivery
import MusterTesting
import NIOHTTP1
import Synchronization
import Testing

@Suite("The way out over HTTP", .timeLimit(.minutes(10)))
struct AsyncHTTPTransportTests {
    @Test("a request arrives as it was given, and its answer comes back whole")
    func exchange() async throws {
        try await serving({ _ in .response(201, [("X-One", "1"), ("Set-Cookie", "a"), ("Set-Cookie", "b")], Array("größe".utf8)) }) {
            server, transport in
            let response = try await transport.send(
                OutboundRequest(
                    method: "PATCH", url: "http://127.0.0.1:\(server.port)/a%20b/c?x=1&y=%C3%A4#fragment",
                    headers: [HTTPHeader("Authorization", "Bearer t"), HTTPHeader("X-Two", "1"), HTTPHeader("X-Two", "2")],
                    body: Array("{}".utf8), allowsPrivateAddress: true))
            #expect(response.status == 201)
            #expect(response.body == Array("größe".utf8))
            #expect(response.headers.filter { $0.name.lowercased() == "set-cookie" }.map(\.value) == ["a", "b"])
            let request = try #require(server.requests.first)
            #expect(request.method == "PATCH")
            #expect(request.target == "/a%20b/c?x=1&y=%C3%A4")
            #expect(request.body == Array("{}".utf8))
            #expect(request.headers["authorization"] == ["Bearer t"])
            #expect(request.headers["x-two"] == ["1", "2"])
            #expect(request.headers["user-agent"] == ["muster/test"])
            #expect(request.headers["host"] == ["127.0.0.1:\(server.port)"])
            #expect(request.headers["content-length"] == ["2"])
        }
    }

    @Test("a User-Agent of the request's own is kept")
    func userAgent() async throws {
        try await serving({ _ in .response(204) }) { server, transport in
            var request = server.get("/")
            request.headers = [HTTPHeader("user-agent", "mine")]
            _ = try await transport.send(request)
            #expect(server.requests.first?.headers["user-agent"] == ["mine"])
        }
    }

    @Test("a redirect is an answer like any other", arguments: [301, 302, 303, 307, 308])
    func redirect(status: Int) async throws {
        try await serving({ _ in .response(status, [("Location", "/elsewhere")]) }) { server, transport in
            let response = try await transport.send(server.get("/"))
            #expect(response.status == status)
            #expect(server.requests.count == 1)
        }
    }

    @Test("a name is looked up once, and connected to at the address that was checked, under its own name")
    func resolvedName() async throws {
        let lookups = Mutex<[String]>([])
        let lookup: @Sendable (String) -> [IPAddress] = { host in
            lookups.withLock { $0.append(host) }
            return [IPAddress("127.0.0.1")].compactMap(\.self)
        }
        try await serving({ _ in .response(200) }, lookup: lookup) { server, transport in
            for _ in 0..<3 {
                _ = try await transport.send(
                    OutboundRequest(method: "GET", url: "http://Example.COM:\(server.port)/", allowsPrivateAddress: true))
            }
            #expect(server.requests.map { $0.headers["host"] } == Array(repeating: ["example.com:\(server.port)"], count: 3))
        }
        #expect(lookups.withLock { $0 } == ["example.com"])
    }

    @Test("where a host's first address cannot be connected to, the next one is tried")
    func nextAddress() async throws {
        let lookup: @Sendable (String) -> [IPAddress] = { _ in ["127.0.0.77", "127.0.0.1"].compactMap { IPAddress($0) } }
        try await serving({ _ in .response(200) }, lookup: lookup) { server, transport in
            let response = try await transport.send(
                OutboundRequest(method: "GET", url: "http://example.com:\(server.port)/", allowsPrivateAddress: true))
            #expect(response.status == 200)
        }
    }

    @Test(
        "a private address is refused, however it is written or found, and nothing is sent",
        arguments: ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST", "127.1", "2130706433", "0x7f000001", "inside.example"])
    func refusedAddress(host: String) async throws {
        try await serving({ _ in .response(200) }) { server, transport in
            let request = OutboundRequest(method: "GET", url: "http://\(host):\(server.port)/")
            await #expect(throws: Failure.refusedAddress) { try await transport.sendNoting(request) }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("of a host with public and private addresses only the public ones are used")
    func mixedAddresses() async throws {
        let lookup: @Sendable (String) -> [IPAddress] = { _ in ["127.0.0.1", "192.0.2.1", "10.0.0.1"].compactMap { IPAddress($0) } }
        try await serving({ _ in .response(200) }, lookup: lookup) { server, transport in
            let request = OutboundRequest(method: "GET", url: "http://example.com:\(server.port)/")
            await #expect(throws: Failure.refusedAddress) { try await transport.sendNoting(request) }
        }
    }

    @Test("an unknown host, and a port that nobody listens to, are told apart")
    func unreachable() async throws {
        let reserved = try ReservedPort()
        let port = reserved.number
        let transport = AsyncHTTPTransport(lookup: { _ in [] })
        await #expect(throws: Failure.unresolvedHost) {
            try await transport.sendNoting(OutboundRequest(method: "GET", url: "http://nowhere.example/"))
        }
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(
                OutboundRequest(
                    method: "GET", url: "http://127.0.0.1:\(port)/secret?token=secret",
                    headers: [HTTPHeader("authorization", "secret")], allowsPrivateAddress: true))
        }
        #expect(error?.code == .connectionFailed)
        #expect(error?.message == "http://127.0.0.1:\(port): Connection refused")
        await transport.shutdown()
        withExtendedLifetime(reserved) {}
    }

    @Test("a host that says nothing, or stops in the middle, is a time-out", arguments: [true, false])
    func timeout(isSilent: Bool) async throws {
        try await serving({ _ in isSilent ? .silence : .stalled }) { server, transport in
            var request = server.get("/")
            request.timeout = .milliseconds(200)
            await #expect(throws: Failure.timeout) { try await transport.sendNoting(request) }
        }
    }

    @Test("a name server that does not answer is a time-out, and holds up nobody else")
    func hangingLookup() async throws {
        let (began, end) = (Gate(), Blocker())
        defer { end.open() }
        let lookup: @Sendable (String) -> [IPAddress] = { host in
            if host == "hangs.example" {
                began.open()
                end.block()
            }
            return [IPAddress("127.0.0.1")].compactMap(\.self)
        }
        try await serving({ _ in .response(200) }, lookup: lookup) { server, transport in
            let slow = OutboundRequest(
                method: "GET", url: "http://hangs.example:\(server.port)/", timeout: .milliseconds(200), allowsPrivateAddress: true)
            let failure = Task { try await transport.sendNoting(slow) }
            await began.pass()
            let response = try await transport.send(
                OutboundRequest(method: "GET", url: "http://answers.example:\(server.port)/", allowsPrivateAddress: true))
            #expect(response.status == 200)
            await #expect(throws: Failure.timeout) { try await failure.value }
        }
    }

    @Test("a body up to the limit is read, a larger one ends the request, whether its length was told or not")
    func responseLimit() async throws {
        try await serving({ $0.target == "/endless" ? .endless : .response(200, [], Array(repeating: 0x61, count: 1000)) }) {
            server, transport in
            var request = server.get("/told")
            request.responseLimitBytes = 1000
            let body = try await transport.send(request).body
            #expect(body.count == 1000)
            request.responseLimitBytes = 999
            await #expect(throws: Failure.responseTooLarge) { try await transport.sendNoting(request) }
            var endless = server.get("/endless")
            endless.responseLimitBytes = 1 << 20
            await #expect(throws: Failure.responseTooLarge) { try await transport.sendNoting(endless) }
        }
    }

    @Test("what answers but not in HTTP is a failed connection")
    func noHTTP() async throws {
        try await serving({ _ in .garbage }) { server, transport in
            await #expect(throws: Failure.connectionFailed) { try await transport.sendNoting(server.get("/")) }
        }
    }

    @Test("what does not speak TLS is a failed connection for https")
    func noTLS() async throws {
        try await serving({ _ in .response(200) }) { server, transport in
            let request = OutboundRequest(
                method: "GET", url: "https://127.0.0.1:\(server.port)/", allowsPrivateAddress: true)
            await #expect(throws: Failure.connectionFailed) { try await transport.sendNoting(request) }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("a cancelled task's request ends at once")
    func cancellation() async throws {
        let arrived = Gate()
        try await serving({ _ in
            arrived.open()
            return .silence
        }) { server, transport in
            let task = Task { try await transport.sendNoting(server.get("/")) }
            await arrived.pass()
            task.cancel()
            await #expect(throws: Failure.cancelled) { try await task.value }
        }
    }

    @Test("after shutdown nothing is sent")
    func shutdown() async throws {
        try await serving({ _ in .response(200) }) { server, transport in
            _ = try await transport.send(server.get("/"))
            await transport.shutdown()
            await #expect(throws: Failure.cancelled) { try await transport.sendNoting(server.get("/")) }
            #expect(server.requests.count == 1)
        }
    }

    @Test("many requests to many hosts share few clients, and all are answered")
    func manyHosts() async throws {
        let lookup: @Sendable (String) -> [IPAddress] = { _ in [IPAddress("127.0.0.1")].compactMap(\.self) }
        try await serving({ _ in .response(200) }, lookup: lookup) { server, transport in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<200 {
                    group.addTask {
                        try await transport.send(
                            OutboundRequest(
                                method: "GET", url: "http://h\(number % 100).example:\(server.port)/", allowsPrivateAddress: true)
                        ).status
                    }
                }
                for try await status in group { #expect(status == 200) }
            }
        }
    }

    static let badURLs = [
        "", "/path", "ftp://example.com/", "file:///etc/passwd", "unix:///run/x", "http+unix://%2Frun%2Fx/", "http://", "http:///x",
        "http://user:secret@example.com/", "http://user@example.com/", "http://example.com:0/", "http://example.com:65536/",
        "http://example.com:/",
        "http://example.com:8o/", "http://exa mple.com/", "http://example.com/a b", "http://example.com/\r\nX: 1",
        "http://example.com/\u{0}",
        "http://exämple.com/", "http://example.com/ä", "http://[::1/", "http://[fe80::1%25lo]/", "http://[127.0.0.1]/", "http://[::1]x/",
        "http://example.com\\@127.0.0.1/", "http://%31%32%37.0.0.1/", "http://a..b/", "http://.a/", "http://a,b/", "http://::1/",
        "http://x/" + String(repeating: "a", count: 8200),
    ]

    @Test("a URL that is no plain absolute one is refused", arguments: badURLs)
    func invalidURL(_ url: String) async throws {
        let transport = AsyncHTTPTransport(lookup: { _ in [] })
        let error = await #expect(throws: TransportError.self) {
            try await transport.send(OutboundRequest(method: "GET", url: url, allowsPrivateAddress: true))
        }
        #expect(error?.code == .invalidURL)
        #expect(error?.message.contains("secret") == false)
    }

    static let badHeaders: [(String, String)] = [
        ("X", "a\r\nY: b"), ("X", "a\nb"), ("X", "a\u{0}b"), ("X", "a\u{7F}"), ("X\r\nY", "a"), ("X Y", "a"), ("", "a"), ("X:", "a"),
        ("Ä", "a"),
        ("Host", "other"), ("content-length", "0"), ("Transfer-Encoding", "chunked"), ("connection", "close"), ("Upgrade", "h2c"),
        ("Proxy-Authorization", "x"), ("TE", "trailers"), ("Expect", "100-continue"),
    ]

    @Test(
        "a header that would break the message, or that is the transport's own, is refused before anything is sent", arguments: badHeaders)
    func invalidHeader(name: String, value: String) async throws {
        try await serving({ _ in .response(200) }) { server, transport in
            var request = server.get("/")
            request.headers = [HTTPHeader(name, value)]
            await #expect(throws: Failure.invalidURL) { try await transport.sendNoting(request) }
            request.headers = [HTTPHeader("X-Fine", "a\tb ü")]
            let response = try await transport.send(request)
            #expect(response.status == 200)
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "a method that is none, or that means more than a request, is refused",
        arguments: ["", "get", "GET /", "CONNECT", "TRACE", "G\r\n"])
    func invalidMethod(_ method: String) async throws {
        let transport = AsyncHTTPTransport(lookup: { _ in [] })
        await #expect(throws: Failure.invalidURL) {
            try await transport.sendNoting(OutboundRequest(method: method, url: "http://example.com/"))
        }
    }

    private func serving(
        _ reply: @escaping @Sendable (LoopbackServer.Request) -> LoopbackServer.Reply,
        lookup: (@Sendable (String) -> [IPAddress])? = nil,
        _ body: (LoopbackServer, AsyncHTTPTransport) async throws -> Void
    ) async throws {
        let inside: @Sendable (String) -> [IPAddress] = { host in
            // Without a network: what the machine says of its own names, and of one that leads inside.
            host == "inside.example" ? [IPAddress("10.1.2.3")].compactMap(\.self) : AsyncHTTPTransport.systemLookup(host)
        }
        let transport = AsyncHTTPTransport(
            userAgent: "muster/test", connectTimeout: .seconds(30), lookupLifetime: .seconds(600), lookup: lookup ?? inside)
        try await LoopbackServer.with(reply) { server in
            do { try await body(server, transport) } catch {
                await transport.shutdown()
                throw error
            }
            await transport.shutdown()
        }
    }
}

/// The kind of a ``TransportError`` as an error of its own, for tests that care for nothing else.
private struct Failure: Error, Equatable {
    var code: TransportError.Code

    static let invalidURL = Failure(code: .invalidURL)
    static let refusedAddress = Failure(code: .refusedAddress)
    static let unresolvedHost = Failure(code: .unresolvedHost)
    static let connectionFailed = Failure(code: .connectionFailed)
    static let timeout = Failure(code: .timeout)
    static let responseTooLarge = Failure(code: .responseTooLarge)
    static let cancelled = Failure(code: .cancelled)
}

extension AsyncHTTPTransport {
    fileprivate func sendNoting(_ request: OutboundRequest) async throws {
        do { _ = try await send(request) } catch let error as TransportError { throw Failure(code: error.code) }
    }
}

extension LoopbackServer {
    fileprivate func get(_ target: String) -> OutboundRequest {
        OutboundRequest(method: "GET", url: "http://127.0.0.1:\(port)\(target)", allowsPrivateAddress: true)
    }
}
