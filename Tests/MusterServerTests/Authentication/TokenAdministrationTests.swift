import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterServer

@Suite("Administration of tokens")
struct TokenAdministrationTests {
    private let store: SQLiteStore
    private let date = LockedBox(Timestamp(milliseconds: 1_800_000_000_000))
    private let administration: TokenAdministration

    init() throws {
        store = try SQLiteStore.inMemory()
        administration = TokenAdministration(store: store, clock: WallClock { [date] in date.value })
    }

    private func tokens() async throws -> [AccessToken] { try await store.read { try $0.accessTokens() } }

    @Test("A token is kept with all that was asked for")
    func create() async throws {
        let minted = try await administration.create(
            name: "okta", scopes: .of("read"), lifetime: .seconds(86_400), dialect: "okta")
        #expect(try await tokens() == [minted.token])
        #expect(minted.token.expires == Timestamp(milliseconds: 1_800_086_400_000))
        #expect(minted.token.scopes == .of("read") && minted.token.dialect == "okta")
    }

    @Test("A name is taken while a token of it is live, in its tenant")
    func names() async throws {
        let acme = Tenant(name: "acme")
        try await store.write { try $0.createTenant(acme) }
        _ = try await administration.create(name: "okta", lifetime: .seconds(60))
        _ = try await administration.create(name: "okta", tenant: acme)
        await #expect(throws: TokenAdministration.Refusal.self) { try await administration.create(name: "okta") }
        date.value = date.value + .seconds(60)
        _ = try await administration.create(name: "okta")
        #expect(try await tokens().count == 3)
        await #expect(throws: TokenMinter.InvalidName.self) { try await administration.create(name: "a\nb") }
    }

    @Test("The next token is like the present one, which ends after the overlap")
    func rotate() async throws {
        let present = try await administration.create(
            name: "okta", scopes: .of("write:User"), lifetime: .seconds(90 * 86_400), dialect: "okta")
        date.value = date.value + .seconds(80 * 86_400)
        let next = try await administration.rotate(name: "okta", overlap: .seconds(3600)).token
        #expect(next.scopes == .of("write:User") && next.dialect == "okta" && next.name == "okta")
        #expect(next.expires == date.value + .seconds(90 * 86_400))
        #expect(next.id != present.token.id && next.hash != present.token.hash)
        #expect(try await tokens().map(\.expires) == [date.value + .seconds(3600), next.expires])
        let error = await #expect(throws: TokenAdministration.Refusal.self) {
            try await administration.rotate(name: "okta", overlap: .seconds(3600))
        }
        #expect(error?.description.contains(present.token.id) == true && error?.description.contains(next.id) == true)
        date.value = date.value + .seconds(3600)
        let third = try await administration.rotate(name: "okta", overlap: .zero, lifetime: .seconds(10)).token
        #expect(third.expires == date.value + .seconds(10))
        #expect(try await tokens().filter { $0.isLive(at: date.value) }.map(\.id) == [third.id], "no overlap, no second token")
    }

    @Test("The overlap gives no token a longer life, and one without end stays so")
    func ends() async throws {
        let present = try await administration.create(name: "short", lifetime: .seconds(60))
        _ = try await administration.rotate(name: "short", overlap: .seconds(3600))
        #expect(try await tokens().first?.expires == present.token.expires)
        _ = try await administration.create(name: "long")
        #expect(try await administration.rotate(name: "long", overlap: .seconds(1)).token.expires == nil)
    }

    @Test("Nothing is made of a token that is not there")
    func absent() async throws {
        await #expect(throws: TokenAdministration.Refusal.self) { try await administration.rotate(name: "okta", overlap: .zero) }
        await #expect(throws: TokenAdministration.Refusal.self) { try await administration.revoke("okta") }
        #expect(try await tokens().isEmpty)
    }

    @Test("A name revokes all its tokens in its tenant, an id that one token")
    func revoke() async throws {
        let acme = Tenant(name: "acme")
        try await store.write { try $0.createTenant(acme) }
        let one = try await administration.create(name: "okta").token
        let two = try await administration.rotate(name: "okta", overlap: .seconds(60)).token
        let other = try await administration.create(name: "okta", tenant: acme).token
        #expect(try await administration.revoke("okta") == [one.id, two.id])
        await #expect(throws: TokenAdministration.Refusal.self) { try await administration.revoke("okta") }
        await #expect(throws: TokenAdministration.Refusal.self) { try await administration.revoke(one.id) }
        #expect(try await administration.revoke(other.id) == [other.id])
    }
}
