import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MusterCore
import MusterSQLite
import NIOCore
import SCIM
import Testing

@testable import MusterServer

@Suite("Limits")
struct LimitTests {
    private static func settings(_ change: (inout ServerLimits) -> Void) -> ServerSettings {
        var limits = ServerLimits()
        change(&limits)
        return ServerSettings(limits: limits)
    }

    /// A body of exactly `bytes` bytes.
    private static func body(_ bytes: Int, userName: String = "ada") -> String {
        let start = #"{"userName":"\#(userName)","title":""#
        return start + String(repeating: "x", count: bytes - start.utf8.count - 2) + #""}"#
    }

    @Test("A body of the largest size is read, one byte more is 413", arguments: [(1000, 201), (1001, 413)])
    func bodySize(bytes: Int, status: Int) async throws {
        let settings = Self.settings { $0.maximumBodyBytes = 1000 }
        for setup in [true, false] {
            try await TestServer(settings: settings).run(setup ? .router : .live) { client in
                let answer = try await client.send(.post, "/Users", raw: Self.body(bytes))
                #expect(answer.status == status)
                #expect(status == 201 || answer.isError(413))
            }
        }
    }

    @Test("A body without Content-Length is counted as it comes")
    func chunkedBody() async throws {
        let server = try await TestServer(settings: Self.settings { $0.maximumBodyBytes = 1000 })
        try await server.application().test(.live) { client in
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head(server.token, "Transfer-Encoding: chunked"))
                try await peer.send("3e9\r\n" + Self.body(1001) + "\r\n")
                return await peer.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
            #expect(answer.lowercased().contains("connection: close"))
        }
    }

    @Test("A client that is answered before the end of its body cannot send on for ever", arguments: ["", "Bearer wrong"])
    func endlessBody(authorization: String) async throws {
        let settings = Self.settings {
            $0.maximumBodyBytes = 1000
            $0.lingerTimeout = .milliseconds(100)
        }
        let server = try await TestServer(settings: settings)
        try await server.application().test(.live) { client in
            let token = authorization.isEmpty ? "Bearer \(server.token)" : authorization
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head("", "Transfer-Encoding: chunked", authorization: token))
                // The server stops listening; then writing fails, which ends the loop.
                let chunk = "4000\r\n" + String(repeating: " ", count: 0x4000) + "\r\n"
                for _ in 0..<100_000 {
                    do { try await peer.send(chunk) } catch { break }
                }
                return await peer.readToEnd()
            }
            #expect(answer.isEmpty || answer.hasPrefix(authorization.isEmpty ? "HTTP/1.1 413 " : "HTTP/1.1 401 "))
        }
    }

    @Test("A client that waits for 100 Continue is asked for its body (.NET, curl)")
    func expectContinue() async throws {
        let server = try await TestServer()
        try await server.application().test(.live) { client in
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head(server.token, "Content-Length: 18\r\nExpect: 100-continue\r\nConnection: close"))
                let interim = await peer.read(until: "\r\n\r\n")
                #expect(interim == "HTTP/1.1 100 Continue\r\n\r\n")
                try await peer.send(#"{"userName":"ada"}"#)
                return await peer.readToEnd()
            }
            #expect(answer.contains("HTTP/1.1 201 "))
        }
    }

    @Test("A body that is too large is not asked for")
    func expectContinueTooLarge() async throws {
        let server = try await TestServer(settings: Self.settings { $0.maximumBodyBytes = 1000 })
        try await server.application().test(.live) { client in
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head(server.token, "Content-Length: 1001\r\nExpect: 100-continue"))
                return await peer.read(until: "\r\n\r\n")
            }
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test("A body that does not arrive in time is 408 and ends the connection")
    func slowBody() async throws {
        let settings = Self.settings {
            $0.bodyTimeout = .milliseconds(100)
            $0.lingerTimeout = .milliseconds(100)
        }
        let server = try await TestServer(settings: settings)
        try await server.application().test(.live) { client in
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head(server.token, "Content-Length: 100") + #"{"userName":"#)
                return await peer.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 408 "))
            #expect(answer.contains("urn:ietf:params:scim:api:messages:2.0:Error"))
        }
        #expect(server.logs.requests.first?.metadata["http.status"] == "408")
    }

    @Test("A body that nobody reads has a limit of time too")
    func slowUnreadBody() async throws {
        let settings = Self.settings {
            $0.bodyTimeout = .milliseconds(100)
            $0.lingerTimeout = .milliseconds(100)
        }
        let server = try await TestServer(settings: settings)
        try await server.application().test(.live) { client in
            let answer = try await RawConnection.with(port: client.port) { peer in
                try await peer.send("GET /health/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n.")
                return await peer.readToEnd()
            }
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("A connection goes on after an ordinary error whose small body was read")
    func keepAlive() async throws {
        let server = try await TestServer()
        try await server.application().test(.live) { client in
            let answers = try await RawConnection.with(port: client.port) { peer in
                try await peer.send(Self.head("mst_wrong", "Content-Length: 2") + "{}")
                _ = await peer.read(until: "WWW-Authenticate")
                try await peer.send(Self.head(server.token, "Content-Length: 18\r\nConnection: close") + #"{"userName":"ada"}"#)
                return await peer.readToEnd()
            }
            #expect(answers.contains("HTTP/1.1 401 "))
            #expect(answers.contains("HTTP/1.1 201 "))
        }
    }

    @Test("Requests in one packet are answered in order, the later body not taken for the earlier one's")
    func pipelining() async throws {
        let server = try await TestServer()
        try await server.application().test(.live) { client in
            let answers = try await RawConnection.with(port: client.port) { peer in
                let head = Self.head(server.token, "Content-Length: 18")
                try await peer.send(head + #"{"userName":"ada"}"# + head + #"{"userName"#)
                _ = await peer.read(until: "HTTP/1.1 201 ")
                try await peer.send(#"":"bob"}"# + "GET /health/live HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                return await peer.readToEnd()
            }
            #expect(answers.ranges(of: "HTTP/1.1 201 ").count == 2)
            #expect(answers.contains("HTTP/1.1 200 "))
        }
    }

    @Test("A connection that says nothing is closed when its time is over")
    func idle() async throws {
        let server = try await TestServer(settings: Self.settings { $0.idleTimeout = .milliseconds(100) })
        try await server.application().test(.live) { client in
            let (silent, halfway) = (
                try await RawConnection.with(port: client.port) { await $0.readToEnd() },
                try await RawConnection.with(port: client.port) { peer in
                    try await peer.send("GET /health/live HTT")
                    return await peer.readToEnd()
                }
            )
            #expect(silent.isEmpty)
            #expect(halfway.isEmpty)
        }
    }

    @Test("Headers and URLs beyond their size are refused, and the server lives on")
    func headers() async throws {
        let server = try await TestServer()
        try await server.application().test(.live) { client in
            let huge = String(repeating: "a", count: 100_000)
            let requests = [
                "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nX-Huge: \(huge)\r\n\r\n", "GET /\(huge) HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET / HTTP/1.1\r\nHost: x\r\n" + (0..<1000).map { "X-\($0): y\r\n" }.joined() + "\r\n", "\u{0}\u{1}\u{2}\r\n\r\n",
            ]
            for request in requests {
                let answer = try await RawConnection.with(port: client.port) { peer in
                    try? await peer.send(request)
                    return await peer.readToEnd()
                }
                #expect(answer.isEmpty || answer.hasPrefix("HTTP/1.1 4"), "\(answer)")
            }
            #expect(try await client.executeRequest(uri: "/health/live", method: .get, headers: [:], body: nil).status == .ok)
        }
    }

    @Test("A URL that the parser takes may still be too long for us: 414", arguments: [(200, 404), (201, 414)])
    func target(bytes: Int, status: Int) async throws {
        try await TestServer(settings: Self.settings { $0.maximumTargetBytes = 200 }).run { client in
            let path = "/Users/"
            let id = String(repeating: "a", count: bytes - "/scim/v2".utf8.count - path.utf8.count)
            let answer = try await client.send(.get, path + id)
            #expect(answer.isError(status))
        }
    }

    @Test("JSON that nests too deep is 400, whatever is in it", arguments: ["[", #"{"a":"#])
    func depth(opening: String) async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.post, "/Users", raw: String(repeating: opening, count: 20_000))
            #expect(answer.isError(400, "invalidSyntax"))
        }
    }

    @Test("A change that takes too long is 503 with Retry-After, and the connection is free again")
    func requestTimeout() async throws {
        let endless = ChangeInterceptor(check: { _ in try await Task.sleep(for: .seconds(3600)) })
        let server = try await TestServer(interceptors: [endless], settings: Self.settings { $0.requestTimeout = .milliseconds(50) })
        try await server.run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"])
            #expect(answer.isError(503))
            #expect(answer.headers[.retryAfter] == "5")
            #expect(try await client.send(.get, "/Users/0").isError(404))
        }
        let stored = try await server.store.read { try $0.resources(of: "User", in: .default, where: "userName", equals: .text("ada")) }
        #expect(stored.isEmpty)
    }

    private static func head(_ token: String, _ more: String, authorization: String? = nil) -> String {
        "POST /scim/v2/Users HTTP/1.1\r\nHost: localhost\r\nAuthorization: \(authorization ?? "Bearer \(token)")\r\n"
            + "Content-Type: application/scim+json\r\n\(more)\r\n\r\n"
    }
}
