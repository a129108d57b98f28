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
            ("/Users", "GET, HEAD, POST", ["PUT", "PATCH", "DELETE"]), ("/Users/", "GET, HEAD, POST", ["PUT", "QUERY"]),
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

    @Test("Endpoints of messages refuse what is no such message", arguments: ["/Bulk", "/.search", "/Users/.search"])
    func messages(path: String) async throws {
        let answer = try await TestServer().run { try await $0.send(.post, path, ["schemas": []]) }
        #expect(answer.isError(400, "invalidSyntax"))
    }

    @Test("A client finds itself as the user of its name, and cannot create itself (RFC 7644 §3.11)")
    func me() async throws {
        try await TestServer().run { client in
            #expect(try await client.send(.get, "/Me").isError(404))
            let id = try await client.user("OneLogin")
            let own = try await client.send(.get, "/Me")
            #expect(own.status == 200 && own["id"]?.string == id)
            #expect(own.headers[.location]?.hasSuffix("/scim/v2/Users/\(id)") == true)
            let message: AttributeValue = ["Operations": [["op": "replace", "path": "title", "value": "Dr"]]]
            #expect(try await client.send(.patch, "/Me", message)["title"] == "Dr")
            #expect(try await client.send(.post, "/Me", ["userName": "x"]).isError(405))
            #expect(try await client.send(.delete, "/Me").status == 204)
            #expect(try await client.send(.get, "/Users/\(id)").isError(404))
        }
    }

    @Test("A read says whether the client has the resource already, and a change which version it means (RFC 7644 §3.14)")
    func preconditions() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            let etag = try #require(try await client.send(.get, "/Users/\(id)").headers[.eTag])
            let again = try await client.send(.get, "/Users/\(id)", headers: [.ifNoneMatch: etag])
            #expect(again.status == 304 && again.text.isEmpty && again.headers[.eTag] == etag)
            let body: AttributeValue = ["userName": "bob"]
            #expect(try await client.send(.put, "/Users/\(id)", body, headers: [.ifMatch: #"W/"99""#]).isError(412))
            #expect(try await client.send(.put, "/Users/\(id)", body, headers: [.ifMatch: etag]).status == 200)
            #expect(try await client.send(.delete, "/Users/\(id)", headers: [.ifMatch: etag]).isError(412))
            #expect(try await client.send(.get, "/Users/\(id)", headers: [.ifMatch: "nonsense tag"]).isError(400, "invalidValue"))
        }
    }

    @Test("The answer names the quirks that a message needed, and the log line does; a plain one has none")
    func quirks() async throws {
        let server = try await TestServer()
        try await server.run { client in
            let quirky = try await client.send(.post, "/Users", ["userName": "ada", "active": "True"])
            #expect(quirky.headers[try .named("Muster-Quirks")]?.contains("boolean-as-string") == true)
            let plain = try await client.send(.post, "/Users", ["schemas": [.string(Schema.user.id)], "userName": "bob"])
            #expect(plain.headers[try .named("Muster-Quirks")] == nil)
        }
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
