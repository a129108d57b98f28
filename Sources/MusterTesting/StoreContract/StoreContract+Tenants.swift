import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runTenants() async throws {
        try await tenants()
        try await unknownTenants()
        try await deletedTenants()
        try await secrets()
    }

    /// Tenants are listed in the order of creation behind the default one, and their names are used once.
    public func tenants() async throws {
        let store = try await make()
        let (beta, alpha) = (Tenant(name: "beta"), Tenant(name: "alpha"))
        #expect(try await store.read { try $0.tenants() } == [.default])
        #expect(try await store.read { try $0.hasTenant(.default) && !$0.hasTenant(beta) })
        for tenant in [beta, alpha] { try await store.write { try $0.createTenant(tenant) } }
        #expect(try await store.read { try $0.tenants() } == [.default, beta, alpha])
        #expect(try await store.read { try $0.hasTenant(beta) && !$0.hasTenant(Tenant(name: "Beta")) })
        for tenant in [beta, .default] {
            await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.createTenant(tenant) } }
        }
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.deleteTenant(.default) } }
        try await store.write { try $0.deleteTenant(beta) }
        #expect(try await store.read { try $0.tenants() } == [.default, alpha])
        await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.deleteTenant(beta) } }
    }

    /// Nothing is written for a tenant that does not exist, nor for one whose creation was undone; reads find nothing.
    public func unknownTenants() async throws {
        struct Refusal: Error {}
        let store = try await make()
        let nobody = Tenant(name: "nobody")
        let user = Samples.stored("User", "u", ["userName": "u"], tenant: nobody)
        let token = AccessToken(id: "t", name: "t", tenant: nobody, hash: [1], created: Samples.time)
        let writes: [@Sendable (any WriteTransaction) throws -> Void] = [
            { try $0.insert(user) }, { try $0.append(Samples.event(of: "u", change: "1", tenant: nobody), to: "plugin:a") },
            { try $0.insert(token) }, { try $0.setPluginValue("k", [1], plugin: "p", tenant: nobody, expires: nil) },
            { try $0.setSecret("password", of: user.key, to: [1]) }, { try $0.update(user, expected: 1, index: []) },
        ]
        for write in writes {
            await #expect(throws: StoreError(.notFound, "")) { try await store.write(write) }
            await #expect(throws: Refusal.self) {
                try await store.write { transaction in
                    try transaction.createTenant(nobody)
                    try transaction.insert(user)
                    throw Refusal()
                }
            }
            await #expect(throws: StoreError(.notFound, "")) { try await store.write(write) }
        }
        try await store.read(.scan) { transaction throws in
            #expect(try transaction.resource(user.key) == nil)
            let page = try transaction.resources(ResourceQuery(tenant: nobody, type: "User", index: Samples.index))
            #expect(page.totalResults == 0 && page.resources.isEmpty)
            #expect(try transaction.changes(in: nobody, after: 0, limit: 9).isEmpty && transaction.changeBounds(in: nobody) == nil)
            #expect(try transaction.secret("password", of: user.key) == nil)
            #expect(try transaction.pluginValue("k", plugin: "p", tenant: nobody, now: Samples.time) == nil)
            #expect(try transaction.deliveries(DeliveryQuery()).isEmpty && transaction.accessTokens().isEmpty)
        }
    }

    /// A deleted tenant leaves nothing behind for a new one of its name, and takes nothing of the others.
    public func deletedTenants() async throws {
        let store = try await make()
        let (gone, other) = (Tenant(name: "gone"), Tenant(name: "also:gone"))
        let tenants = [gone, other, .default]
        func fill(_ tenant: Tenant) async throws {
            try await store.write { transaction in
                if tenant != .default { try transaction.createTenant(tenant) }
                let group = Samples.stored("Group", "g", ["displayName": "g"], tenant: tenant)
                try transaction.insert(group)
                for number in 0..<40 {
                    let user = Samples.stored("User", "u\(number)", ["userName": .string("u\(number)")], tenant: tenant)
                    try transaction.insert(user)
                    _ = try transaction.addMembers([user.key], to: group.key)
                    try transaction.setSecret("password", of: user.key, to: Array(tenant.name.utf8))
                    let event = Samples.event(of: "u\(number % 7)", change: "\(tenant.name)\(number)", tenant: tenant)
                    try transaction.append(event, to: "plugin:a")
                }
                try transaction.insert(
                    AccessToken(id: "t-\(tenant.name)", name: "t", tenant: tenant, hash: [1], created: Samples.time))
                try transaction.setPluginValue("k", [1], plugin: "p", tenant: tenant, expires: nil)
                try transaction.setSetting("index:\(tenant.name)", "set")
            }
        }
        for tenant in tenants { try await fill(tenant) }
        let held = try await store.write {
            try $0.claimDeliveries(for: ["plugin:a"], limit: 99, now: Samples.time, leasedUntil: Samples.time + .seconds(9))
        }
        try await store.write { try $0.deleteTenant(gone) }
        try await check(store, gone, isFilled: false)
        let lost = try #require(held.first { $0.event.subject.tenant == gone })
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.settle(lost, .delivered) } }
        try await store.write { try $0.createTenant(gone) }
        try await check(store, gone, isFilled: false)
        for tenant in [other, .default] { try await check(store, tenant, isFilled: true) }
        // One closure may remove it and make it anew.
        let user = Samples.stored("User", "u1", ["userName": "u2"], tenant: gone)
        try await store.write { transaction in
            try transaction.insert(user)
            try transaction.deleteTenant(gone)
            #expect(throws: StoreError(.notFound, "")) { try transaction.insert(user) }
            try transaction.createTenant(gone)
            try transaction.insert(user)
        }
        #expect(try await store.read { try $0.resource(user.key) } == user)
        let query = ResourceQuery(tenant: gone, type: "User", index: Samples.index)
        #expect(try await store.read(.scan) { try $0.resources(query).totalResults } == 1)
    }

    private func check(_ store: any Store, _ tenant: Tenant, isFilled: Bool) async throws {
        try await store.read(.scan) { transaction throws in
            let (user, group) = (ResourceKey(tenant: tenant, type: "User", id: "u1"), ResourceKey(tenant: tenant, type: "Group", id: "g"))
            #expect(try (transaction.resource(user) != nil) == isFilled)
            #expect(try transaction.memberCount(of: group) == (isFilled ? 40 : 0))
            #expect(try transaction.groups(of: user).count == (isFilled ? 1 : 0))
            #expect(try transaction.secret("password", of: user) == (isFilled ? Array(tenant.name.utf8) : nil))
            let page = try transaction.resources(ResourceQuery(tenant: tenant, type: "User", index: Samples.index, limit: 100))
            #expect(page.totalResults == (isFilled ? 40 : 0) && page.resources.count == page.totalResults)
            let found = try transaction.resources(of: "User", in: tenant, where: "userName", equals: .text("u1"))
            #expect(found.count == (isFilled ? 1 : 0))
            #expect(try transaction.changes(in: tenant, after: 0, limit: 100).count == (isFilled ? 40 : 0))
            let deliveries = try transaction.deliveries(DeliveryQuery(limit: 1000)).filter { $0.event.subject.tenant == tenant }
            #expect(deliveries.count == (isFilled ? 40 : 0))
            #expect(try (transaction.accessToken(id: "t-\(tenant.name)") != nil) == isFilled)
            #expect(try (transaction.pluginValue("k", plugin: "p", tenant: tenant, now: Samples.time) != nil) == isFilled)
            #expect(try (transaction.setting("index:\(tenant.name)") != nil) == isFilled)
        }
    }

    /// Secrets belong to one resource, are replaced and removed, survive its changes, and go with it.
    public func secrets() async throws {
        let store = try await make()
        let (ada, bob) = (Samples.stored("User", "a", ["userName": "ada"]), Samples.stored("User", "b", ["userName": "bob"]))
        func secret(_ key: ResourceKey, _ name: String = "password") async throws -> [UInt8]? {
            try await store.read { try $0.secret(name, of: key) }
        }
        try await store.write { transaction in
            try transaction.insert(ada)
            try transaction.insert(bob)
            try transaction.setSecret("password", of: ada.key, to: [0, 255, 1])
            try transaction.setSecret("password", of: bob.key, to: [])
            try transaction.setSecret("urn:example:Site:pin", of: ada.key, to: [4])
        }
        #expect(try await secret(ada.key) == [0, 255, 1])
        #expect(try await secret(bob.key) == [])
        #expect(try await secret(bob.key, "urn:example:Site:pin") == nil)
        try await store.write { transaction in
            try transaction.setSecret("password", of: ada.key, to: [2])
            try transaction.update(ada, expected: 1, index: [])
        }
        #expect(try await secret(ada.key) == [2])
        try await store.write { try $0.setSecret("urn:example:Site:pin", of: ada.key, to: nil) }
        try await store.write { try $0.setSecret("never", of: ada.key, to: nil) }
        #expect(try await secret(ada.key, "urn:example:Site:pin") == nil)
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { try $0.setSecret("password", of: ResourceKey(type: "Group", id: "a"), to: [1]) }
        }
        try await store.write { try $0.delete(ada.key, expected: 1) }
        #expect(try await secret(ada.key) == nil)
        try await store.write { try $0.insert(ada) }
        #expect(try await secret(ada.key) == nil)
        #expect(try await secret(bob.key) == [])
    }
}
