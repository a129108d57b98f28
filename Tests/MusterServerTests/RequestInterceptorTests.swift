import HTTPTypes
import MusterCore
import MusterDirectory
import SCIM
import Synchronization
import Testing

@testable import MusterServer

@Suite("Requests that are repaired before they are understood")
struct RequestInterceptorTests {
    private static func rewriting(_ change: @escaping @Sendable (inout RawRequest) throws -> Void) -> RequestInterceptor {
        RequestInterceptor { request, _ in
            var request = request
            try change(&request)
            return request
        }
    }

    @Test("A rewritten request is routed and answered as if it had been sent, whatever its body was declared to be")
    func rewriting() async throws {
        let seen = LockedBox<RawRequest?>(nil)
        let server = try await TestServer(requestInterceptors: [
            Self.rewriting { request in
                seen.value = request
                if request.path == "/people" { request.path = "/Users" }
                if request.method == "POST", request.query == "login=ada" {
                    request.query = nil
                    request.body = Array(#"{"userName":"ada"}"#.utf8)
                }
                request.query = request.query?.replacing("search=", with: "filter=")
            }
        ])
        try await server.run { client in
            let created = try await client.send(.post, "/people?login=ada", raw: "login=ada", headers: [.contentType: "text/plain"])
            #expect(created.status == 201 && created["userName"] == "ada")
            let request = try #require(seen.value)
            #expect(request.method == "POST" && request.path == "/people" && String(decoding: request.body, as: UTF8.self) == "login=ada")
            #expect(!request.headers.contains { $0.name == "authorization" } && request.headers.contains { $0.name == "content-type" })
            let found = try await client.send(.get, "/people?search=userName%20eq%20%22ada%22")
            #expect(found.status == 200 && found["totalResults"] == 1)
            #expect(created.headers[.location]?.hasSuffix("/scim/v2/Users/\(created["id"]?.string ?? "")") == true)
        }
    }

    @Test("The client's scopes count for what the request has become")
    func scopes() async throws {
        let server = try await TestServer(
            requestInterceptors: [
                Self.rewriting { request in
                    if request.query == "make" {
                        request.method = "POST"
                        request.query = nil
                        request.body = Array(#"{"userName":"ada"}"#.utf8)
                    }
                }
            ], scopes: "read")
        try await server.run { client in
            let (read, made) = (try await client.send(.get, "/Users"), try await client.send(.get, "/Users?make"))
            #expect(read.status == 200 && made.status == 403)
            #expect(try await client.send(.get, "/Users")["totalResults"] == 0)
        }
    }

    @Test("Only authenticated requests are shown; a refusal is the answer, and what grows too large is refused")
    func bounds() async throws {
        let count = LockedBox(0)
        let limits = ServerLimits(maximumBodyBytes: 1000, maximumTargetBytes: 500)
        let server = try await TestServer(
            requestInterceptors: [
                Self.rewriting { request in
                    count.value += 1
                    switch request.query {
                    case "refuse": throw SCIMError.forbidden("not here")
                    case "long": request.path = "/Users/" + String(repeating: "x", count: 600)
                    case "large": request.body = Array(repeating: 0x20, count: 1001)
                    case "none": request.path = ""
                    default: break
                    }
                }
            ], settings: ServerSettings(limits: limits))
        try await server.run { client in
            #expect(try await client.send(.get, "/Users", authorization: "").status == 401)
            #expect(count.value == 0)
            for (query, status) in [("refuse", 403), ("long", 414), ("large", 413), ("none", 500), ("", 201)] {
                let answer = try await client.send(.post, "/Users?\(query)", ["userName": "ada"])
                #expect(answer.status == status, "\(query)")
            }
            #expect(try await client.send(.post, "/Users", raw: String(repeating: " ", count: 1001)).status == 413)
            #expect(try await client.send(.post, "/Users", raw: "").isError(400, "invalidSyntax"))
        }
    }

    @Test("Where nobody is needed, nobody is asked")
    func idle() async throws {
        let server = try await TestServer(requestInterceptors: [
            RequestInterceptor(
                isNeeded: { false },
                rewrite: { _, _ in throw SCIMError.forbidden("asked") })
        ])
        try await server.run { client in _ = try await client.user() }
    }
}
