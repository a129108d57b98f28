import Muster
import Testing

@Suite("Hooks in Swift")
struct SwiftHooksTests {
    /// Hooks that keep the deliveries of these kinds.
    private func recording(_ kinds: Set<LifecycleEvent.Kind>, into record: Record<Delivery>) -> LifecycleHooks {
        var hooks = LifecycleHooks(name: "recorder")
        hooks.on(kinds) { record.append($0) }
        return hooks
    }

    @Test("hear of every kind of event that they ask for, in order, with actor, request, before, after and changes")
    func events() async throws {
        let record = Record<Delivery>()
        let all = Set(LifecycleEvent.Kind.allCases)
        let test = try await TestProvider(hooks: [recording(all, into: record)])
        let (boss, ada, group) = try await test.run { client in
            let boss = try await client.createUser("boss")
            let ada = try await client.createUser("ada", ["active": true])
            try await client.set("\(Schema.enterpriseUser.id):manager", of: ada, to: ["value": .string(boss)])
            try await client.set("active", of: ada, to: false)
            try await client.set("active", of: ada, to: true)
            let group = try await client.createGroup("crew")
            try await client.addMember(ada, to: group)
            _ = try await client.patch("/Groups/\(group)", ["op": "replace", "path": "displayName", "value": "team"])
            _ = try await client.send("DELETE", "/Groups/\(group)")
            _ = try await client.send("DELETE", "/Users/\(ada)")
            try await test.provider.drainDeliveries()
            return (boss, ada, group)
        }
        func kinds(of id: String) -> [LifecycleEvent.Kind] { record.elements.filter { $0.event.subject.id == id }.map(\.event.kind) }
        #expect(kinds(of: boss) == [.userCreated])
        #expect(
            kinds(of: ada) == [
                .userCreated, .userUpdated, .managerChanged, .userUpdated, .userDeactivated, .userUpdated, .userActivated, .memberAdded,
                .memberRemoved, .userDeleted,
            ])
        #expect(kinds(of: group) == [.groupCreated, .groupUpdated, .groupDeleted])
        #expect(Set(record.elements.map(\.event.id)).count == record.elements.count, "each event has an id of its own")

        let deactivation = try #require(record.elements.first { $0.event.kind == .userDeactivated })
        #expect(deactivation.subscriber == "swift:recorder")
        #expect(deactivation.attempts == 1)
        let change = deactivation.event.change
        #expect(change.actor == "tests")
        #expect(!change.requestID.isEmpty)
        #expect(change.changes == [AttributeChange(path: "active", from: true, to: false)])
        #expect(try AttributeValue(json: #require(change.before))["active"] == true)
        #expect(try AttributeValue(json: #require(change.after))["active"] == false)
        let promotion = try #require(record.elements.first { $0.event.kind == .managerChanged })
        #expect(promotion.event.newManager == boss)
        #expect(promotion.event.oldManager == nil)
    }

    @Test("hear only of what they ask for")
    func selection() async throws {
        let record = Record<Delivery>()
        let test = try await TestProvider(hooks: [recording([.userDeleted], into: record)])
        try await test.run { client in
            let id = try await client.createUser("ada")
            _ = try await client.send("DELETE", "/Users/\(id)")
            try await test.provider.drainDeliveries()
        }
        #expect(record.elements.map(\.event.kind) == [.userDeleted])
    }

    @Test("shape a user before the commit, and see the shaped one when they agree to it")
    func map() async throws {
        let seen = Record<String?>()
        var hooks = LifecycleHooks(name: "shaper")
        hooks.mapUser = { change in
            var change = change
            let userName = change.after?["userName"]?.string ?? ""
            change.after?["displayName"] = .string("<\(userName)>")
            return change
        }
        hooks.checkUser = { seen.append($0.after?["displayName"]?.string) }
        try await TestProvider(hooks: [hooks]).run { client in
            let created = try await client.send("POST", "/Users", ["userName": "ada"])
            #expect(created.status == 201)
            #expect(created["displayName"] == "<ada>")
            #expect(try await client.send("POST", "/Groups", ["displayName": "crew"])["displayName"] == "crew", "groups are left alone")
        }
        #expect(seen.elements == ["<ada>"])
    }

    @Test("shape and check groups as they do users")
    func groups() async throws {
        var hooks = LifecycleHooks(name: "groups")
        hooks.mapGroup = { change in
            var change = change
            let name = change.after?["displayName"]?.string ?? ""
            change.after?["displayName"] = .string(name.uppercased())
            return change
        }
        hooks.checkGroup = { change in
            guard change.after?["displayName"]?.string != "ROOT" else { throw SCIMError.forbidden("root is not yours") }
        }
        try await TestProvider(hooks: [hooks]).run { client in
            #expect(try await client.send("POST", "/Groups", ["displayName": "crew"])["displayName"] == "CREW")
            let refused = try await client.send("POST", "/Groups", ["displayName": "root"])
            #expect(refused.status == 403)
            #expect(refused["detail"] == "root is not yours")
        }
    }

    @Test("refuse a change with an answer of their own, and nothing is written, queued or said")
    func veto() async throws {
        let record = Record<Delivery>()
        var hooks = recording([.userCreated], into: record)
        hooks.checkUser = { change in
            guard change.after?["userName"]?.string != "root" else {
                throw SCIMError(status: 400, scimType: "reservedName", detail: "root is reserved")
            }
        }
        let test = try await TestProvider(hooks: [hooks])
        try await test.run { client in
            let refused = try await client.send("POST", "/Users", ["userName": "root"])
            #expect(refused.status == 400)
            #expect(refused["scimType"] == "reservedName")
            #expect(refused["detail"] == "root is reserved")
            #expect(try await client.send("GET", "/Users")["totalResults"] == 0)
            #expect(try await client.send("POST", "/Users", ["userName": "ada"]).status == 201)
            try await test.provider.drainDeliveries()
        }
        #expect(record.elements.count == 1)
    }

    @Test("that fail without an answer are our fault, not the client's, and tell no detail")
    func failure() async throws {
        struct Secret: Error {}
        var hooks = LifecycleHooks(name: "broken")
        hooks.checkUser = { _ in throw Secret() }
        try await TestProvider(hooks: [hooks]).run { client in
            let answer = try await client.send("POST", "/Users", ["userName": "ada"])
            #expect(answer.status >= 500)
            #expect(!answer.text.contains("Secret"))
            #expect(try await client.send("GET", "/Users")["totalResults"] == 0)
        }
    }

    @Test("are handed an event again until they say that it is done")
    func retry() async throws {
        let record = Record<Delivery>()
        var hooks = LifecycleHooks(name: "patient")
        hooks.on(
            [.userCreated],
            outcome: { delivery in
                record.append(delivery)
                return delivery.attempts < 3 ? .retry(after: .zero, reason: "not yet") : .delivered
            })
        let test = try await TestProvider(hooks: [hooks])
        try await test.run { client in
            _ = try await client.createUser("ada")
            while record.elements.count < 3 { try await test.provider.drainDeliveries() }
            try await test.provider.drainDeliveries()
        }
        #expect(record.elements.map(\.attempts) == [1, 2, 3])
        #expect(Set(record.elements.map(\.event.id)).count == 1)
    }

    @Test("that throw in a delivery are tried again later; what they said is kept, and later events of that person wait")
    func throwing() async throws {
        struct Down: Error, CustomStringConvertible { let description = "the line is down" }
        var hooks = LifecycleHooks(name: "unlucky")
        hooks.on([.userCreated, .userUpdated]) { _ in throw Down() }
        let test = try await TestProvider(hooks: [hooks])
        try await test.run { client in
            let ada = try await client.createUser("ada")
            try await client.set("title", of: ada, to: "Countess")
            try await test.provider.drainDeliveries()
        }
        let deliveries = try await test.store.read { try $0.deliveries(DeliveryQuery()) }
        #expect(deliveries.map(\.state) == [.blocked, .ready])
        #expect(deliveries.map(\.attempts) == [0, 1])
        #expect(deliveries.last?.lastError?.contains("the line is down") == true)
    }

    @Test("need names of their own")
    func names() async throws {
        for names in [["a", "a"], [""]] {
            await #expect(throws: ConfigurationError.self) {
                try await TestProvider(hooks: names.map { LifecycleHooks(name: $0) })
            }
        }
        try await TestProvider(hooks: [LifecycleHooks(name: "a"), LifecycleHooks(name: "b")]).run { _ in }
    }
}
