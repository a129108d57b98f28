import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runRecords() async throws {
        try await accessTokens()
        try await accessTokenUse()
        try await pluginValues()
        try await settings()
    }

    /// Tokens are found by id, listed by age, and revoked by id or name, once.
    public func accessTokens() async throws {
        let store = try await make()
        func token(_ id: String, _ name: String, at seconds: Int, tenant: Tenant = .default) -> AccessToken {
            AccessToken(
                id: id, name: name, tenant: tenant, hash: [UInt8](repeating: 7, count: 32), created: Samples.time + .seconds(seconds))
        }
        let tokens = [token("a", "onelogin", at: 1), token("b", "okta", at: 2, tenant: Tenant(name: "acme")), token("c", "entra", at: 3)]
        try await store.write { try $0.createTenant(tokens[1].tenant) }
        try await store.write { transaction in for token in tokens.reversed() { try transaction.insert(token) } }
        #expect(try await store.read { try $0.accessToken(id: "b") } == tokens[1])
        #expect(try await store.read { try $0.accessToken(id: "z") } == nil)
        #expect(try await store.read { try $0.accessTokens() } == tokens)
        #expect(try await store.read { try $0.tenants() } == [.default, Tenant(name: "acme")])
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.insert(tokens[0]) } }
        let now = Samples.time + .seconds(9)
        func revoke(_ idOrName: String) async throws -> Bool {
            try await store.write { try $0.revokeAccessToken(idOrName, at: now) }
        }
        #expect(try await revoke("onelogin"))
        #expect(try await !revoke("a"))
        #expect(try await revoke("c"))
        #expect(try await !revoke("nobody"))
        #expect(try await store.read { try $0.accessTokens().map(\.revoked) } == [now, nil, now])
    }

    /// Scopes, dialect, expiry and last use are kept; expiry can be moved while a token is not revoked, and the last use
    /// only moves on.
    public func accessTokenUse() async throws {
        let store = try await make()
        let (time, hash) = (Samples.time, [UInt8](repeating: 7, count: 32))
        var token = AccessToken(
            id: "a", name: "okta", tenant: .default, hash: hash, scopes: try AccessScopes("read write:User"), dialect: "okta",
            created: time, expires: time + .seconds(60), lastUsed: time + .seconds(1))
        let plain = AccessToken(id: "b", name: "okta", tenant: .default, hash: hash, created: time + .seconds(1))
        try await store.write { [token] transaction in for token in [token, plain] { try transaction.insert(token) } }
        #expect(try await store.read { try $0.accessTokens() } == [token, plain])
        func use(_ id: String, at seconds: Int) async throws {
            try await store.write { try $0.noteUse(ofAccessToken: id, at: time + .seconds(seconds)) }
        }
        func setExpiry(_ id: String, to end: Timestamp?) async throws -> Bool {
            try await store.write { try $0.setExpiry(ofAccessToken: id, to: end) }
        }
        try await use("a", at: 5)
        try await use("a", at: 3)
        try await use("nobody", at: 3)
        #expect(try await setExpiry("a", to: nil))
        #expect(try await !setExpiry("nobody", to: nil))
        (token.lastUsed, token.expires) = (time + .seconds(5), nil)
        #expect(try await store.read { try $0.accessTokens() } == [token, plain])
        try await use("b", at: 9)
        _ = try await store.write { try $0.revokeAccessToken("b", at: time + .seconds(9)) }
        #expect(try await !setExpiry("b", to: time + .seconds(99)))
        let revoked = try await store.read { try $0.accessToken(id: "b") }
        #expect(revoked?.lastUsed == time + .seconds(9))
        #expect(revoked?.expires == nil)
    }

    /// Values are kept for each plugin and tenant apart, until they expire.
    public func pluginValues() async throws {
        let store = try await make()
        let (now, acme) = (Samples.time, Tenant(name: "acme"))
        func value(_ key: String, _ plugin: String = "p", _ tenant: Tenant = .default, at time: Timestamp = now) async throws -> [UInt8]? {
            try await store.read { try $0.pluginValue(key, plugin: plugin, tenant: tenant, now: time) }
        }
        func set(_ key: String, _ value: [UInt8]?, plugin: String = "p", tenant: Tenant = .default, expires: Timestamp? = nil) async throws
        {
            try await store.write { try $0.setPluginValue(key, value, plugin: plugin, tenant: tenant, expires: expires) }
        }
        try await store.write { try $0.createTenant(acme) }
        #expect(try await value("k") == nil)
        try await set("k", [1, 0, 255])
        try await set("k", [], plugin: "q")
        try await set("k", [3], tenant: acme)
        #expect(try await value("k") == [1, 0, 255])
        #expect(try await value("k", "q") == [])
        #expect(try await value("k", "p", acme) == [3])
        try await set("k", [9], expires: now + .seconds(5))
        #expect(try await value("k", at: now + .seconds(4)) == [9])
        #expect(try await value("k", at: now + .seconds(5)) == nil)
        try await set("k", [8])
        #expect(try await value("k", at: now + .seconds(99)) == [8])
        try await set("k", nil)
        try await set("never", nil, tenant: Tenant(name: "none"))
        #expect(try await value("k") == nil)
        #expect(try await value("k", "q") == [])
        // Forgetting what is past takes expired values along and no others.
        try await set("old", [1], expires: now)
        _ = try await store.write { try $0.pruneDeliveries(before: now + .seconds(1), limit: 10) }
        #expect(try await value("old", at: now + .seconds(-1)) == nil)
        #expect(try await value("k", "q") == [])
    }

    /// A setting is what it was last set to.
    public func settings() async throws {
        let store = try await make()
        #expect(try await store.read { try $0.setting("index") } == nil)
        for value in ["one", "", "two"] {
            try await store.write { try $0.setSetting("index", value) }
            #expect(try await store.read { try $0.setting("index") } == value)
        }
        #expect(try await store.read { try $0.setting("Index") } == nil)
    }
}
