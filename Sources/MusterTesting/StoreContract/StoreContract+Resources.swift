import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runResources() async throws {
        try await resources()
        try await versions()
        try await touching()
        try await deletion()
        try await savepoints()
        try await uniqueness()
        try await indexFollowsResource()
        try await tenantsApart()
        try await acknowledgedIsVisible()
    }

    /// A resource is read back as it was written, by its key and by a walk in the order of creation.
    public func resources() async throws {
        let store = try await make()
        let written = [
            Samples.stored("User", "b", ["userName": "É\u{0}\"'%_*", "active": true]), Samples.stored("User", "a", ["userName": "a"]),
            Samples.stored("Group", "g", ["displayName": "g"]),
        ]
        try await store.write { transaction in for resource in written { try transaction.insert(resource) } }
        for resource in written {
            #expect(try await store.read { try $0.resource(resource.key) } == resource)
        }
        #expect(try await store.read { try $0.resource(ResourceKey(type: "User", id: "g")) } == nil)
        #expect(try await store.read { try $0.resource(ResourceKey(type: "Robot", id: "a")) } == nil)
        let walked = try await store.read(.scan) { transaction in
            var found: [StoredResource] = []
            try transaction.forEachResource(of: "User", in: .default) { found.append($0) }
            return found
        }
        #expect(walked == Array(written.prefix(2)))
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.insert(written[0], index: []) } }
    }

    /// A write by compare-and-set succeeds only on the document version that it was made from.
    public func versions() async throws {
        let store = try await make()
        let old = Samples.stored("User", "a", ["userName": "a"])
        try await store.write { try $0.insert(old) }
        let new = StoredResource(
            key: old.key, document: Array("{\"id\":\"a\",\"userName\":\"b\"}".utf8),
            meta: Meta(resourceType: "User", created: Samples.time, lastModified: Samples.time + .seconds(1), version: 2),
            documentVersion: 2, display: "b")
        try await store.write { try $0.update(new, expected: 1, index: []) }
        #expect(try await store.read { try $0.resource(old.key) } == new)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.update(new, expected: 1, index: []) } }
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { try $0.update(Samples.stored("User", "nobody"), expected: 1, index: []) }
        }
    }

    /// Touching moves version and time, never back, and leaves the document's version alone.
    public func touching() async throws {
        let store = try await make()
        let resource = Samples.stored("Group", "g", ["displayName": "g"])
        try await store.write { try $0.insert(resource) }
        let later = Samples.time + .seconds(5)
        let first = try await store.write { try $0.touch(resource.key, lastModified: later) }
        let second = try await store.write { try $0.touch(resource.key, lastModified: Samples.time) }
        #expect(first.version == 2 && first.lastModified == later && first.created == Samples.time)
        #expect(second.version == 3 && second.lastModified == later)
        let stored = try #require(try await store.read { try $0.resource(resource.key) })
        #expect(stored.meta == second && stored.documentVersion == 1)
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { _ = try $0.touch(ResourceKey(type: "Group", id: "none"), lastModified: later) }
        }
    }

    /// Deleting takes index entries and memberships along, and minds the document version.
    public func deletion() async throws {
        let store = try await make()
        let (user, group) = (Samples.stored("User", "u", ["userName": "u"]), Samples.stored("Group", "g"))
        try await store.write { transaction in
            try transaction.insert(user)
            try transaction.insert(group)
            _ = try transaction.addMembers([user.key], to: group.key)
        }
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.delete(user.key, expected: 7) } }
        try await store.write { try $0.delete(user.key, expected: 1) }
        await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.delete(user.key, expected: 1) } }
        #expect(try await store.read { try $0.memberCount(of: group.key) } == 0)
        try await store.write { try $0.insert(user) }
        #expect(try await store.read { try $0.groups(of: user.key) }.isEmpty)
        try await store.write { transaction in
            _ = try transaction.addMembers([user.key], to: group.key)
            try transaction.delete(group.key, expected: 1)
        }
        #expect(try await store.read { try $0.groups(of: user.key) }.isEmpty)
    }

    /// When a closure throws, nothing of it is written, the error arrives, and what others write is not harmed.
    public func savepoints() async throws {
        struct Refusal: Error {}
        let store = try await make()
        try await store.write { transaction in for number in 0..<3 { try transaction.createTenant(Tenant(name: "t\(number)")) } }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<40 {
                tasks.addTask {
                    let write: @Sendable (any WriteTransaction) throws -> Void = { transaction in
                        try transaction.insert(Samples.stored("User", "u\(number)", ["userName": .string("u\(number)")]))
                        try transaction.setSetting("s\(number)", "set")
                        // New names of types must not survive either.
                        try transaction.insert(
                            Samples.stored("Type\(number % 4)", "t\(number)", tenant: Tenant(name: "t\(number % 3)")), index: [])
                        if number % 2 == 1 { throw Refusal() }
                    }
                    if number % 2 == 1 {
                        await #expect(throws: Refusal.self) { try await store.write(write) }
                    } else {
                        try await store.write(write)
                    }
                }
            }
            try await tasks.waitForAll()
        }
        for number in 0..<40 {
            let isWritten = number % 2 == 0
            try await store.read { transaction throws in
                #expect(try (transaction.resource(ResourceKey(type: "User", id: "u\(number)")) != nil) == isWritten)
                #expect(try (transaction.setting("s\(number)") != nil) == isWritten)
                let other = ResourceKey(tenant: Tenant(name: "t\(number % 3)"), type: "Type\(number % 4)", id: "t\(number)")
                #expect(try (transaction.resource(other) != nil) == isWritten)
            }
        }
        let page = try await store.read(.scan) { try $0.resources(ResourceQuery(type: "User", index: Samples.index)) }
        #expect(page.totalResults == 20)
    }

    /// A unique value is refused to a second resource of the same type and tenant, and to none other.
    public func uniqueness() async throws {
        let store = try await make()
        let ada = Samples.stored("User", "1", ["userName": "Ada"])
        try await store.write { try $0.insert(ada) }
        await #expect(throws: StoreError(.uniqueness(path: "userName"), "")) {
            try await store.write { try $0.insert(Samples.stored("User", "2", ["userName": "aDA"])) }
        }
        let other = Samples.stored("User", "3", ["userName": "ada"], tenant: Tenant(name: "other"))
        let bob = Samples.stored("User", "4", ["userName": "bob"])
        try await store.write { transaction in
            try transaction.createTenant(other.key.tenant)
            try transaction.insert(other)
            try transaction.insert(bob)
        }
        let taken = [IndexEntry(attribute: "userName", value: .text("ada"), isUnique: true)]
        await #expect(throws: StoreError(.uniqueness(path: "userName"), "")) {
            try await store.write { try $0.update(bob, expected: 1, index: taken) }
        }
        await #expect(throws: StoreError(.uniqueness(path: "userName"), "")) {
            try await store.write { try $0.reindex(bob.key, index: taken) }
        }
        try await store.write { transaction in
            try transaction.delete(ada.key, expected: 1)
            try transaction.update(bob, expected: 1, index: taken)
        }
    }

    /// Updating and reindexing replace the entries of a resource; what is found follows.
    public func indexFollowsResource() async throws {
        let store = try await make()
        let user = Samples.stored("User", "u", ["userName": "u"])
        @Sendable func entries(_ values: [IndexValue]) -> [IndexEntry] {
            values.map { IndexEntry(attribute: "emails.value", value: $0, isUnique: false) }
        }
        func found(_ value: IndexValue) async throws -> Bool {
            try await store.read { try !$0.resources(of: "User", in: .default, where: "emails.value", equals: value).isEmpty }
        }
        try await store.write { try $0.insert(user, index: entries([.text("a"), .text("b"), .integer(2)])) }
        #expect(try await found(.text("a")))
        #expect(try await found(.integer(2)))
        try await store.write { try $0.update(user, expected: 1, index: entries([.text("b"), .text("c"), .real(2.5)])) }
        #expect(try await !found(.text("a")))
        #expect(try await found(.text("b")))
        #expect(try await found(.text("c")))
        #expect(try await found(.real(2.5)))
        try await store.write { try $0.reindex(user.key, index: entries([.text("d"), .text("d")])) }
        #expect(try await !found(.text("c")))
        #expect(try await found(.text("d")))
        #expect(try await store.read { try $0.resources(of: "Group", in: .default, where: "emails.value", equals: .text("d")) }.isEmpty)
        #expect(try await store.read { try $0.resources(of: "User", in: .default, where: "nothing", equals: .text("d")) }.isEmpty)
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { try $0.reindex(ResourceKey(type: "User", id: "none"), index: []) }
        }
    }

    /// Two tenants may use the same ids and names and see nothing of each other.
    public func tenantsApart() async throws {
        let store = try await make()
        let tenants = [Tenant(name: "acme"), .default]
        try await store.write { try $0.createTenant(tenants[0]) }
        for tenant in tenants {
            try await store.write { transaction in
                try transaction.insert(Samples.stored("User", "u", ["userName": "u"], tenant: tenant))
                try transaction.insert(Samples.stored("Group", "g", ["displayName": "g"], tenant: tenant))
            }
        }
        let here = ResourceKey(type: "Group", id: "g")
        let foreign = ResourceKey(tenant: tenants[0], type: "User", id: "u")
        await #expect(throws: StoreError(.unknownMember(id: "u"), "")) {
            try await store.write { _ = try $0.addMembers([foreign], to: here) }
        }
        try await store.write { _ = try $0.addMembers([ResourceKey(type: "User", id: "u")], to: here) }
        try await store.read { transaction throws in
            #expect(try transaction.memberCount(of: ResourceKey(tenant: tenants[0], type: "Group", id: "g")) == 0)
            #expect(try transaction.tenants() == [.default, tenants[0]])
            #expect(try transaction.types(of: ["u", "g"], among: ["User"], in: tenants[0]) == ["u": "User"])
        }
        try await store.write { try $0.delete(ResourceKey(type: "User", id: "u"), expected: 1) }
        #expect(try await store.read { try $0.resource(foreign) } != nil)
    }

    /// What was acknowledged is seen by every read that begins afterwards, short or long.
    public func acknowledgedIsVisible() async throws {
        let store = try await make()
        for number in 0..<20 {
            let value = String(number)
            try await store.write { try $0.setSetting("last", value) }
            let extent: ReadExtent = number % 2 == 0 ? .point : .scan
            #expect(try await store.read(extent) { try $0.setting("last") } == value)
        }
    }
}
