import HTTPTypes
import MusterCore
import MusterDirectory
import MusterServer
import SCIM
import Testing

@Suite("Routes of resources")
struct ResourceRouteTests {
    @Test("POST answers 201 with the resource, Location and ETag (RFC 7644 §3.3)")
    func create() async throws {
        try await TestServer().run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada@example.com"])
            let id = try #require(answer["id"]?.string)
            #expect(answer.status == 201)
            #expect(answer.headers[.contentType] == "application/scim+json; charset=utf-8")
            #expect(answer.headers[.location] == "http://localhost/scim/v2/Users/\(id)")
            #expect(answer["meta"]?["location"]?.string == answer.headers[.location])
            #expect(answer.headers[.eTag] == answer["meta"]?["version"]?.string)
            #expect(answer.headers[.eTag] == #"W/"1""#)
        }
    }

    @Test("GET answers what POST answered, with its ETag")
    func get() async throws {
        try await TestServer().run { client in
            let created = try await client.send(.post, "/Users", ["userName": "ada@example.com", "title": "Countess"])
            let answer = try await client.send(.get, "/Users/\(try #require(created["id"]?.string))")
            #expect(answer.status == 200)
            #expect(answer.body == created.body)
            #expect(answer.headers[.eTag] == created.headers[.eTag])
            #expect(answer.headers[.location] == nil)
        }
    }

    @Test("PUT answers 200 with the new resource, also with a bare question mark behind the path (authentik)")
    func replace() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            let answer = try await client.send(.put, "/Users/\(id)?", ["userName": "ada@example.com", "title": "Countess"])
            #expect(answer.status == 200)
            #expect(answer["title"] == "Countess")
            #expect(answer.headers[.eTag] == #"W/"2""#)
        }
    }

    @Test("PATCH answers 200 with the resource")
    func patch() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            let answer = try await client.send(.patch, "/Users/\(id)", Self.patch(["op": "replace", "path": "active", "value": false]))
            #expect(answer.status == 200)
            #expect(answer["active"] == false)
        }
    }

    @Test("PATCH of a group above the limit answers 204 with ETag, and 200 where attributes are asked for")
    func patchLargeGroup() async throws {
        let server = try await TestServer(directorySettings: DirectorySettings(patchBodyMemberLimit: 1))
        try await server.run { client in
            let (ada, bob) = (try await client.user("ada"), try await client.user("bob"))
            let group = try #require(try await client.send(.post, "/Groups", ["displayName": "Staff"])["id"]?.string)
            let members: AttributeValue = [["value": .string(ada)], ["value": .string(bob)]]
            let message = Self.patch(["op": "add", "path": "members", "value": members])
            let brief = try await client.send(.patch, "/Groups/\(group)", message)
            #expect(brief.status == 204)
            #expect(brief.text.isEmpty)
            #expect(brief.headers[.eTag] == #"W/"2""#)
            #expect(brief.headers[.contentType] == nil)
            let full = try await client.send(.patch, "/Groups/\(group)?attributes=members", message)
            #expect(full.status == 200)
            #expect(full["members"]?.array?.count == 2)
        }
    }

    @Test("DELETE answers 204 without a body, and 404 the second time")
    func delete() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            let answer = try await client.send(.delete, "/Users/\(id)")
            #expect(answer.status == 204)
            #expect(answer.text.isEmpty)
            #expect(try await client.send(.delete, "/Users/\(id)").isError(404))
            #expect(try await client.send(.get, "/Users/\(id)").isError(404))
        }
    }

    @Test("HEAD answers the headers of GET without its body")
    func head() async throws {
        try await TestServer().run { client in
            let id = try await client.user()
            let (get, head) = (try await client.send(.get, "/Users/\(id)"), try await client.send(.head, "/Users/\(id)"))
            #expect(head.status == 200)
            #expect(head.text.isEmpty)
            for name in [HTTPField.Name.contentLength, .contentType, .eTag] { #expect(head.headers[name] == get.headers[name]) }
            #expect(try await client.send(.head, "/Users/nobody").status == 404)
        }
    }

    @Test(
        "A filter is understood as clients write it",
        arguments: [
            "?filter=userName%20eq%20%22ada%22", "?filter=userName+eq+%22ada%22&", "/?filter=userName+eq+%22ada%22",
            "?aadOptscim062020&filter=userName%20eq%20%22ada%22", "?FILTER=userName%20eq%20%22ada%22",
            "?filter=userName%20eq%20%22bob%22&filter=userName%20eq%20%22ada%22",
        ])
    func filter(query: String) async throws {
        try await TestServer().run { client in
            let id = try await client.user("ada")
            _ = try await client.user("eve")
            let answer = try await client.send(.get, "/Users" + query)
            #expect(answer.status == 200)
            #expect(answer["totalResults"] == 1)
            #expect(answer["Resources"]?.array?.first?["id"]?.string == id)
        }
    }

    @Test(
        "A query that is malformed is refused, never ignored",
        arguments: [
            ("?filter=userName%2", "invalidValue"), ("?filter=userName%zzeq", "invalidValue"), ("?filter=%ff%fe", "invalidValue"),
            ("?count=many", "invalidValue"), ("?filter=userName%20xx%20%22a%22", "invalidFilter"),
        ])
    func malformedQuery(query: String, scimType: String) async throws {
        let answer = try await TestServer().run { try await $0.send(.get, "/Users" + query) }
        #expect(answer.isError(400, scimType))
    }

    @Test("attributes and excludedAttributes shape every answer with a body")
    func selection() async throws {
        try await TestServer().run { client in
            let body: AttributeValue = ["userName": "ada", "title": "Countess", "nickName": "Ada"]
            let created = try await client.send(.post, "/Users?attributes=title", body)
            #expect(created["title"] == "Countess")
            #expect(created["nickName"] == nil)
            let id = try #require(created["id"]?.string)
            let got = try await client.send(.get, "/Users/\(id)?excludedAttributes=title%2CnickName")
            #expect(got["userName"] == "ada")
            #expect(got["title"] == nil)
            let found = try await client.send(.get, "/Users?attributes=title&count=1")
            #expect(found["Resources"]?.array?.first?["userName"] == nil)
        }
    }

    @Test("A taken userName is 409 uniqueness, a bad body 400, and neither leaves anything behind")
    func refusals() async throws {
        try await TestServer().run { client in
            _ = try await client.user("ada")
            #expect(try await client.send(.post, "/Users", ["userName": "ADA"]).isError(409, "uniqueness"))
            #expect(try await client.send(.post, "/Users", ["displayName": "nobody"]).isError(400, "invalidValue"))
            #expect(try await client.send(.post, "/Users", raw: #"{"userName":"x""#).isError(400, "invalidSyntax"))
            #expect(try await client.send(.post, "/Users", raw: "").isError(400, "invalidSyntax"))
            #expect(try await client.send(.get, "/Users")["totalResults"] == 1)
        }
    }

    @Test("What an interceptor throws is the client's answer: its status, scimType and detail")
    func veto() async throws {
        let veto = ChangeInterceptor(check: { _ in throw SCIMError(status: 400, scimType: "houseRule", detail: "no contractors") })
        try await TestServer(interceptors: [veto]).run { client in
            let answer = try await client.send(.post, "/Users", ["userName": "ada"])
            #expect(answer.isError(400, "houseRule"))
            #expect(answer["detail"] == "no contractors")
        }
    }

    @Test("The directory hears who asked, by which request, for what")
    func context() async throws {
        let heard = LockedBox<RequestOrigin?>(nil)
        let listener = ChangeInterceptor(check: { change in heard.value = change.request })
        try await TestServer(interceptors: [listener]).run { client in
            _ = try await client.send(.post, "/Users", ["userName": "ada"], headers: [try .named("X-Request-Id"): "call-7"])
        }
        #expect(heard.value == RequestOrigin(id: "call-7", client: "onelogin", method: "POST", path: "/Users"))
    }

    static func patch(_ operation: AttributeValue) -> AttributeValue {
        ["schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [operation]]
    }
}
