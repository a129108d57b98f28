import GRDB
import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization
import Testing

/// Tells other tasks that something is over.
private final class Flag: Sendable {
    let isRaised = Atomic<Bool>(false)
}

@Suite struct WritingTests {
    @Test("many concurrent writes share few commits, and none returns before its own")
    func groupCommit() async throws {
        let store = try SQLiteStore.inMemory()
        let before = store.commitCount
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<400 {
                tasks.addTask {
                    try await store.write { try $0.setSetting("s\(number)", "set") }
                    #expect(try await store.read { try $0.setting("s\(number)") } == "set")
                }
            }
            try await tasks.waitForAll()
        }
        let commits = store.commitCount - before
        #expect(commits >= 2 && commits <= 200)
    }

    @Test("a task that is cancelled while it waits learns what became of its write")
    func cancellation() async throws {
        let store = try SQLiteStore.inMemory()
        let tasks = (0..<50).map { number in
            Task { try await store.write { try $0.setSetting("s\(number)", "set") } }
        }
        for (number, task) in tasks.enumerated() where number % 2 == 0 { task.cancel() }
        for (number, task) in tasks.enumerated() {
            let isReported = (try? await task.value) != nil
            #expect(try await store.read { try $0.setting("s\(number)") != nil } == isReported)
        }
    }

    @Test("a closure that spoils its own statement harms nobody who shares the commit")
    func mixedFailures() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.write { try $0.insert(Samples.stored("User", "taken", ["userName": "taken"])) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<60 {
                tasks.addTask {
                    let name = number % 3 == 0 ? "taken" : "u\(number)"
                    let user = Samples.stored("User", "u\(number)", ["userName": .string(name)])
                    do {
                        try await store.write { try $0.insert(user) }
                        #expect(number % 3 != 0)
                    } catch let error as StoreError { #expect(error.code == .uniqueness(path: "userName")) }
                }
            }
            try await tasks.waitForAll()
        }
        let page = try await store.read(.scan) { try $0.resources(ResourceQuery(type: "User", index: Samples.index, limit: 0)) }
        #expect(page.totalResults == 41)
    }

    @Test("two stores on one file, as the server and the command line are, write by turns and see each other")
    func twoStores() async throws {
        let folder = try TestFolder()
        let stores = [try SQLiteStore(path: folder.path("muster.sqlite")), try SQLiteStore(path: folder.path("muster.sqlite"))]
        try await stores[0].write { transaction in
            for number in 0..<20 { try transaction.createTenant(Tenant(name: "t\(number)")) }
        }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<80 {
                tasks.addTask {
                    let (own, other) = (stores[number % 2], stores[(number + 1) % 2])
                    // Both meet names that the other has just made.
                    let user = Samples.stored(
                        "Type\(number / 8)", "u\(number)", ["userName": .string("u\(number)")], tenant: Tenant(name: "t\(number / 4)"))
                    try await own.write { transaction in
                        try transaction.insert(user, index: [IndexEntry(attribute: "a", value: .text("\(number)"), isUnique: true)])
                    }
                    #expect(try await other.read { try $0.resource(user.key) } == user)
                }
            }
            try await tasks.waitForAll()
        }
    }

    @Test("a tenant that another process removed and made anew is a new one here too")
    func tenantMadeAnew() async throws {
        let folder = try TestFolder()
        let (server, console) = (try SQLiteStore(path: folder.path("muster.sqlite")), try SQLiteStore(path: folder.path("muster.sqlite")))
        let acme = Tenant(name: "acme")
        let (old, new) = (
            Samples.stored("User", "old", ["userName": "ada"], tenant: acme),
            Samples.stored("User", "new", ["userName": "ada"], tenant: acme)
        )
        try await server.write { transaction in
            try transaction.createTenant(acme)
            try transaction.insert(old)
        }
        #expect(try await server.read { try $0.resource(old.key) } == old)
        try await console.write { try $0.deleteTenant(acme) }
        #expect(try await server.read { try $0.resource(old.key) } == nil)
        await #expect(throws: StoreError(.notFound, "")) { try await server.write { try $0.insert(new) } }
        try await console.write { transaction in
            // Numbers that were the old tenant's would be given to this one, were they used twice.
            try transaction.createTenant(Tenant(name: "other"))
            try transaction.insert(Samples.stored("User", "o", ["userName": "other"], tenant: Tenant(name: "other")))
            try transaction.createTenant(acme)
        }
        for extent in [ReadExtent.point, .scan] {
            #expect(try await server.read(extent) { try $0.resource(old.key) == nil && $0.hasTenant(acme) })
            #expect(
                try await server.read(extent) { try $0.resources(ResourceQuery(tenant: acme, type: "User", index: Samples.index)) }
                    .totalResults == 0)
        }
        try await server.write { try $0.insert(new) }
        let query = try StoreContract.query(.user, "userName eq \"ada\"")
        let found = try await console.read(.scan) { transaction in
            var query = query
            query.tenant = acme
            return try transaction.resources(query).resources
        }
        #expect(found == [new])
        #expect(try await console.read(.scan) { try $0.resources(query).resources }.isEmpty)
    }

    @Test("a writer that another process holds up says so, and goes on when the other is done")
    func locked() async throws {
        let folder = try TestFolder()
        let store = try SQLiteStore(path: folder.path("muster.sqlite"))
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: folder.path("muster.sqlite"), configuration: configuration)
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
        #expect(try await store.read { try $0.setting("a") } == nil)
        let error = await #expect(throws: StoreError.self) { try await store.write { try $0.setSetting("a", "b") } }
        #expect(error?.code == .unavailable && error?.message.contains("another process") == true)
        try await other.writeWithoutTransaction { try $0.execute(sql: "COMMIT") }
        try await store.write { try $0.setSetting("a", "b") }
        #expect(try await store.read { try $0.setting("a") } == "b")
    }

    @Test("a full disk fails every closure of the commit, and the next commit succeeds")
    func fullDisk() async throws {
        let store = try SQLiteStore.inMemory()
        let pages = try #require(try await store.pragma("page_count").flatMap(Int.init))
        _ = try await store.pragma("max_page_count = \(pages + 5)")
        let large = [UInt8](repeating: 1, count: 200_000)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<10 {
                tasks.addTask {
                    let error = await #expect(throws: StoreError.self) {
                        try await store.write { transaction in
                            try transaction.setSetting("s\(number)", "set")
                            try transaction.setPluginValue("k\(number)", large, plugin: "p", tenant: .default, expires: nil)
                        }
                    }
                    #expect(error?.code == .unavailable && error?.message.contains("full") == true)
                }
            }
            try await tasks.waitForAll()
        }
        _ = try await store.pragma("max_page_count = 100000")
        try await store.write { try $0.setPluginValue("k", large, plugin: "p", tenant: .default, expires: nil) }
        #expect(try await store.read { try $0.setting("s1") } == nil)
        #expect(try await store.pragma("integrity_check") == "ok")
    }

    @Test("long reads leave connections for short ones, and stop when their task is cancelled")
    func scansAndPoints() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.write { try $0.setSetting("a", "b") }
        let end = Flag()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            let (started, signal) = AsyncStream.makeStream(of: Void.self)
            for _ in 0..<20 {
                tasks.addTask {
                    try await store.read(.scan) { transaction in
                        signal.yield()
                        while !end.isRaised.load(ordering: .acquiring) { _ = try transaction.setting("a") }
                    }
                }
            }
            for await _ in started { break }
            for _ in 0..<100 { #expect(try await store.read { try $0.setting("a") } == "b") }
            end.isRaised.store(true, ordering: .releasing)
            try await tasks.waitForAll()
        }
        let task = Task { try await store.read(.scan) { transaction in while true { _ = try transaction.setting("a") } } }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await store.read(.scan) { try $0.setting("a") } == "b")
    }

    @Test("no delivery is acknowledged twice, however many workers settle")
    func acknowledgements() async throws {
        let store = try SQLiteStore.inMemory()
        try await store.write { transaction in
            for number in 0..<20 { try transaction.append(Samples.event(of: "u\(number % 5)", change: "\(number)"), to: "plugin:a") }
        }
        var numbers: [Int64] = []
        while true {
            let claimed = try await store.write {
                try $0.claimDeliveries(for: ["plugin:a"], limit: 9, now: Samples.time, leasedUntil: Samples.time + .seconds(9))
            }
            if claimed.isEmpty { break }
            numbers += claimed.map(\.id)
            await withTaskGroup(of: Void.self) { tasks in
                for delivery in claimed + claimed {
                    tasks.addTask { try? await store.write { try $0.settle(delivery, .delivered) } }
                }
            }
        }
        #expect(numbers.count == 20)
        for number in numbers { #expect(try await store.acknowledgements(of: number) == 1) }
    }
}
