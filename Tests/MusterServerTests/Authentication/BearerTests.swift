import HTTPTypes
import Hummingbird
import HummingbirdTesting
import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

@Suite("Bearer tokens")
struct BearerTests {
    @Test("A token has its public id, 32 random bytes, and a hash that is not the token")
    func mint() throws {
        let (one, two) = (try TokenMinter().mint(name: "okta"), try TokenMinter().mint(name: "okta"))
        let parts = one.text.split(separator: "_", maxSplits: 2)
        #expect(one.text.wholeMatch(of: /mst_[a-z2-7]{12}_[A-Za-z0-9_-]{43}/) != nil)
        #expect(String(parts[1]) == one.token.id)
        #expect(one.token.name == "okta")
        #expect(one.token.tenant == .default)
        #expect(one.token.hash.count == 32)
        #expect(one.token.revoked == nil)
        #expect(one.text != two.text)
        #expect(one.token.hash != two.token.hash)
    }

    @Test(
        "A token's name can be read in a log",
        arguments: [("OneLogin (Berlin) ü", true), ("", false), ("a\nb", false), ("\u{1B}[31m", false)])
    func names(name: String, isGood: Bool) {
        #expect(((try? TokenMinter().mint(name: name)) != nil) == isGood)
    }

    @Test(
        "Without a good token every endpoint is 401 with a challenge and a SCIM error, and nothing is done",
        arguments: [
            "", "Bearer", "Bearer ", "non-token", "Basic dXNlcjpwYXNz", "Bearer wrong", "Token {}", "Bearer {} {}", "Bearer {}x",
            "Bearer \(String(repeating: "a", count: 9000))",
        ])
    func refused(header: String) async throws {
        let server = try await TestServer()
        try await server.run { client in
            let authorization = header.replacing("{}", with: server.token)
            for path in ["/Users", "/Userz", "/ServiceProviderConfig"] {
                let answer = try await client.send(.get, path, authorization: authorization)
                #expect(answer.isError(401))
                #expect(answer.headers[.wwwAuthenticate] == #"Bearer realm="muster""#)
                #expect(try await client.send(.post, path, ["userName": "ada"], authorization: authorization).isError(401))
            }
            #expect(try await client.send(.get, "/Users")["totalResults"] == 0)
        }
    }

    @Test("A token with another secret, or another id, is refused like one that does not exist")
    func nearMisses() async throws {
        let server = try await TestServer()
        try await server.run { client in
            let (id, secret) = (server.token.dropFirst(4).prefix(12), server.token.suffix(43))
            let others = ["mst_\(id)_\(String(repeating: "A", count: 43))", "mst_aaaaaaaaaaaa_\(secret)", "mst_\(id)_\(secret.dropLast())"]
            for other in others {
                let answer = try await client.send(.get, "/Users", authorization: "Bearer \(other)")
                #expect(answer.isError(401), "\(other)")
            }
        }
    }

    @Test("The scheme is read without regard to case (RFC 9110 §11.1)", arguments: ["bearer", "BEARER", "Bearer "])
    func scheme(name: String) async throws {
        let server = try await TestServer()
        try await server.run { client in
            let answer = try await client.send(.get, "/Users", authorization: "\(name) \(server.token)")
            #expect(answer.status == 200)
        }
    }

    @Test("A revoked token is refused once its moment in the cache is over, a new one is accepted at once")
    func revocation() async throws {
        let server = try await TestServer()
        let time = LockedBox(ContinuousClock.now)
        let authentication = Authentication(store: server.store, now: { time.value })
        try await server.application(authentication: authentication).test(.router) { raw in
            let client = TestServer.Client(client: raw, token: server.token)
            #expect(try await client.send(.get, "/Users").status == 200)
            try await server.store.write { _ = try $0.revokeAccessToken("onelogin", at: Timestamp(milliseconds: 1)) }
            #expect(try await client.send(.get, "/Users").status == 200)
            time.value = time.value.advanced(by: .milliseconds(1001))
            #expect(try await client.send(.get, "/Users").isError(401))
            let next = try TokenMinter().mint(name: "next")
            try await server.store.write { try $0.insert(next.token) }
            #expect(try await client.send(.get, "/Users", authorization: "Bearer \(next.text)").status == 200)
        }
    }

    @Test("The cache stays bounded and forgets only what it may")
    func cacheBound() async throws {
        let server = try await TestServer()
        let tokens = try (0..<5).map { try TokenMinter().mint(name: "token \($0)") }
        try await server.store.write { transaction in for token in tokens { try transaction.insert(token.token) } }
        let authentication = Authentication(store: server.store, cacheCapacity: 2)
        for _ in 0..<2 {
            for token in tokens {
                let request = AuthenticationRequest(headers: [.authorization: "Bearer \(token.text)"], logger: server.logs.logger)
                let principal = try await authentication.principal(for: request)
                #expect(principal.name == token.token.name)
            }
        }
    }

    @Test("Another tenant's token is refused at this tenant's URL like one that does not exist")
    func tenants() async throws {
        let server = try await TestServer()
        let other = try TokenMinter().mint(name: "acme", tenant: Tenant(name: "acme"))
        try await server.store.write { transaction in
            try transaction.createTenant(other.token.tenant)
            try transaction.insert(other.token)
        }
        try await server.run { client in
            let id = try await client.user("ada")
            let unknown = try await client.send(.get, "/Users/\(id)", authorization: "Bearer unknown")
            let foreign = try await client.send(.get, "/Users/\(id)", authorization: "Bearer \(other.text)")
            #expect(foreign.isError(401))
            #expect(foreign.text == unknown.text)
            #expect(foreign.headers[.wwwAuthenticate] == unknown.headers[.wwwAuthenticate])
            #expect(try await client.send(.post, "/Users", ["userName": "bob"], authorization: "Bearer \(other.text)").isError(401))
        }
    }

    @Test("Hashes compare equal only when they are")
    func comparison() {
        #expect(ConstantTime.isEqual([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.isEqual([1, 2, 3], [1, 2]))
        #expect(!ConstantTime.isEqual([], [0]))
    }
}
