import HTTPTypes
import Hummingbird
import HummingbirdTesting
import SCIM
import Testing

@Suite("Endpoints and methods")
struct EndpointTests {
    @Test("Paths that name nothing are 404 with a SCIM error", arguments: ["/Userz", "/users", "/Users/1/2", "/x/y/z", "/Users/%ff"])
    func unknown(path: String) async throws {
        try await TestServer().run { client in
            for method in [HTTPRequest.Method.get, .post, .put, .patch, .delete, .options] {
                let answer = try await client.send(method, path)
                #expect(answer.isError(404), "\(method) \(path)")
            }
        }
    }

    @Test(
        "A method that an endpoint does not take is 405 with Allow",
        arguments: [
            ("/Users", "GET, HEAD, POST", ["PUT", "PATCH", "DELETE"]), ("/Users/", "GET, HEAD, POST", ["PUT"]),
            ("/Groups/42", "GET, HEAD, PUT, PATCH, DELETE", ["POST", "OPTIONS"]),
            ("/ServiceProviderConfig", "GET, HEAD", ["POST", "PUT", "PATCH", "DELETE"]),
            ("/Schemas/urn:x", "GET, HEAD", ["DELETE"]), ("/ResourceTypes", "GET, HEAD", ["POST"]),
        ])
    func methods(path: String, allowed: String, refused: [String]) async throws {
        try await TestServer().run { client in
            for name in refused {
                let answer = try await client.send(try #require(HTTPRequest.Method(name)), path, ["userName": "x"])
                #expect(answer.isError(405), "\(name) \(path)")
                #expect(answer.headers[.allow] == allowed)
            }
        }
    }

    @Test("Endpoints of the RFC that are not offered say so with 501", arguments: ["/Bulk", "/Me", "/.search", "/Users/.search"])
    func unsupported(path: String) async throws {
        let answer = try await TestServer().run { try await $0.send(.post, path, ["schemas": []]) }
        #expect(answer.isError(501))
    }

    @Test("An id that nobody can have is 404, however long it is", arguments: ["0", String(repeating: "a", count: 3500), "a%20b"])
    func unknownID(id: String) async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.get, "/Users/\(id)")
            #expect(answer.isError(404))
            #expect(answer.text.utf8.count < 500)
        }
    }

    @Test("What is outside the base URL is a SCIM error too, with an id and without a token", arguments: ["", "/scim", "/scim/v3/Users"])
    func outside(path: String) async throws {
        let server = try await TestServer()
        try await server.application().test(.router) { client in
            let answer = try TestServer.Answer(try await client.executeRequest(uri: path, method: .get, headers: [:], body: nil))
            #expect(answer.isError(404))
            #expect(answer.headers[try .named("X-Request-Id")]?.isEmpty == false)
        }
    }
}
