import HTTPTypes
import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

@Suite("Scopes over HTTP")
struct ScopeRouteTests {
    /// Sends a request with a token of these scopes.
    private func status(_ scopes: String, _ method: HTTPRequest.Method, _ path: String, _ body: AttributeValue? = nil) async throws -> Int {
        let server = try await TestServer()
        let minted = try TokenMinter().mint(name: "limited", scopes: .of(scopes))
        try await server.store.write { try $0.insert(minted.token) }
        return try await server.run { client in
            let answer = try await client.send(method, path, body, authorization: "Bearer \(minted.text)")
            #expect(answer.status != 403 || answer.isError(403))
            return answer.status
        }
    }

    private static let user: AttributeValue = ["userName": "ada"]

    @Test(
        "What a token's scopes do not allow is 403",
        arguments: [
            // scopes, GET /Users, POST /Users, GET /Groups, POST /Groups
            ("*", [200, 201, 200, 201]), ("read", [200, 403, 200, 403]), ("read:User", [200, 403, 403, 403]),
            ("write:User", [200, 201, 403, 403]), ("read write:Group", [200, 403, 200, 201]),
        ])
    func collections(scopes: String, statuses: [Int]) async throws {
        #expect(try await status(scopes, .get, "/Users") == statuses[0])
        #expect(try await status(scopes, .post, "/Users", Self.user) == statuses[1])
        #expect(try await status(scopes, .get, "/Groups") == statuses[2])
        #expect(try await status(scopes, .post, "/Groups", ["displayName": "staff"]) == statuses[3])
    }

    @Test("Whoever may do nothing to a resource does not learn whether it exists", arguments: ["read", "read:Group", "write:Group"])
    func resources(scopes: String) async throws {
        for method in [HTTPRequest.Method.put, .patch, .delete] {
            #expect(try await status(scopes, method, "/Users/none", Self.user) == 403)
        }
        #expect(try await status(scopes, .get, "/Users/none") == (scopes == "read" ? 404 : 403))
    }

    @Test(
        "Discovery needs any scope",
        arguments: ["/ServiceProviderConfig", "/ResourceTypes", "/Schemas", "/ResourceTypes/User"])
    func discovery(path: String) async throws {
        #expect(try await status("read:Group", .get, path) == 200)
        #expect(try await status("", .get, path) == 403)
    }

    @Test("Searches read, and bulk writes, what the scopes name")
    func others() async throws {
        let search: AttributeValue = ["schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]]
        #expect(try await status("read:User", .post, "/Users/.search", search) == 200)
        #expect(try await status("read:User", .post, "/Groups/.search", search) == 403)
        #expect(try await status("read:User", .post, "/.search", search) == 200)
        #expect(try await status("", .post, "/.search", search) == 403)
    }

    @Test("A bulk operation that the scopes do not allow is refused, the others are carried out")
    func bulk() async throws {
        func operation(_ path: String, _ data: AttributeValue) -> AttributeValue {
            ["method": "POST", "path": .string(path), "bulkId": .string("b" + path.dropFirst()), "data": data]
        }
        let body: AttributeValue = [
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [operation("/Users", Self.user), operation("/Groups", ["displayName": "staff"])],
        ]
        let server = try await TestServer()
        let minted = try TokenMinter().mint(name: "limited", scopes: .of("write:User"))
        try await server.store.write { try $0.insert(minted.token) }
        try await server.run { client in
            let answer = try await client.send(.post, "/Bulk", body, authorization: "Bearer \(minted.text)")
            #expect(answer["Operations"]?.array?.map { $0["status"]?.string } == ["201", "403"])
        }
    }

    @Test("Events are for those who may read something")
    func events() async throws {
        let poll: AttributeValue = ["returnImmediately": true]
        #expect(try await status("read:User", .post, "/Events", poll) == 200)
        #expect(try await status("", .post, "/Events", poll) == 403)
    }
}
