import HTTPTypes
import Logging
import MusterCore
import SCIM
import Testing

@Suite("The log")
struct LogTests {
    @Test("Each request is one line with what an operator looks for")
    func line() async throws {
        let server = try await TestServer()
        try await server.run { client in
            let answer = try await client.send(
                .get, "/Users?filter=userName%20eq%20%22ada%22", headers: [try .named("X-Request-Id"): "call-7"])
            let line = try #require(server.logs.requests.first)
            #expect(server.logs.lines.count == 1)
            #expect(line.level == .info)
            #expect(line.metadata["http.method"] == "GET")
            #expect(line.metadata["http.path"] == "/scim/v2/Users")
            #expect(line.metadata["http.status"] == "200")
            #expect(line.metadata["http.bytes"] == String(answer.text.utf8.count))
            #expect(line.metadata["http.milliseconds"].flatMap { Double($0) } != nil)
            #expect(line.metadata["client"] == "onelogin")
            #expect(line.metadata["request.id"] == "call-7")
        }
    }

    @Test("Neither tokens nor queries nor bodies are logged, whether a request succeeds or fails")
    func secrets() async throws {
        let server = try await TestServer()
        try await server.run { client in
            _ = try await client.send(.get, "/Users?filter=userName%20eq%20%22hidden-name%22")
            _ = try await client.send(.post, "/Users", ["userName": "hidden-name", "password": "hidden-password"])
            _ = try await client.send(.post, "/Users", ["userName": "hidden-name"])
            _ = try await client.send(.post, "/Users", raw: #"{"userName":"hidden-name""#)
            _ = try await client.send(.get, "/Users?filter=hidden-name%20xx")
            _ = try await client.send(.get, "/Users", authorization: "Bearer hidden-token")
        }
        #expect(server.logs.requests.count == 6)
        for line in server.logs.lines {
            #expect(!line.text.contains("hidden"), "\(line.text)")
            #expect(!line.text.contains(server.token))
        }
    }

    @Test("An unexpected error is 500 without its text, which stands in the log under the request's id")
    func unexpected() async throws {
        struct Secret: Error {}
        let faulty = ChangeInterceptor(check: { _ in throw Secret() })
        let server = try await TestServer(interceptors: [faulty])
        try await server.run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"], headers: [try .named("X-Request-Id"): "call-8"])
            #expect(answer.isError(500))
            #expect(!answer.text.contains("Secret"))
            #expect(answer["detail"]?.string?.contains("call-8") == true)
        }
        let line = try #require(server.logs.lines.first { $0.level == .error })
        #expect(line.text.contains("Secret"))
        #expect(line.metadata["request.id"] == "call-8")
        #expect(server.logs.requests.first?.metadata["http.status"] == "500")
    }

    @Test("An error whose status is none becomes 500, not an answer that no client understands", arguments: [200, 0, -1, 600, 5000])
    func nonsenseStatus(status: Int) async throws {
        let faulty = ChangeInterceptor(check: { _ in throw SCIMError(status: status, detail: "from a hook") })
        let answer = try await TestServer(interceptors: [faulty]).run { try await $0.send(.post, "/Users", ["userName": "ada"]) }
        #expect(answer.isError(500))
    }

    @Test("A store that cannot be reached is 503 with Retry-After")
    func unavailable() async throws {
        let faulty = ChangeInterceptor(check: { _ in throw StoreError(.unavailable, "disk full at /var/lib") })
        try await TestServer(interceptors: [faulty]).run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"])
            #expect(answer.isError(503))
            #expect(answer.headers[.retryAfter] == "5")
            #expect(!answer.text.contains("/var/lib"))
        }
    }

    @Test("What a hook logs within a request bears the request's id")
    func inherited() async throws {
        let chatty = ChangeInterceptor(check: { _ in Logger.current.info("from a hook") })
        let server = try await TestServer(interceptors: [chatty])
        try await server.run { client in
            _ = try await client.send(.post, "/Users", ["userName": "ada"], headers: [try .named("X-Request-Id"): "call-9"])
        }
        #expect(server.logs.lines.first { $0.message == "from a hook" }?.metadata["request.id"] == "call-9")
    }

    @Test("A long path is cut in the log")
    func longPath() async throws {
        let server = try await TestServer()
        try await server.run { _ = try await $0.send(.get, "/Users/" + String(repeating: "a", count: 5000)) }
        #expect(try #require(server.logs.requests.first?.metadata["http.path"]).utf8.count < 300)
    }
}
