import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runChanges() async throws {
        try await changeFeed()
        try await changeNumbers()
        try await concurrentChanges()
        try await forgottenChanges()
    }

    private static func record(_ id: String, _ operation: ResourceChange.Operation, in tenant: Tenant) -> ChangeRecord {
        let document = Array("{\"id\":\"\(id)\"}".utf8)
        return ChangeRecord(
            id: id, time: Samples.time, resource: ResourceKey(tenant: tenant, type: "User", id: "u"), operation: operation,
            actor: "onelogin", requestID: "r\(id)", depth: 1, before: operation == .create ? nil : document,
            after: operation == .delete ? nil : document, changes: [AttributeChange(path: "title", from: nil, to: .string(id))])
    }

    /// The changes of a tenant are read in the order of their commits from any one on, whole and with their events.
    public func changeFeed() async throws {
        let store = try await make()
        let acme = Tenant(name: "acme")
        try await store.write { try $0.createTenant(acme) }
        func changes(_ tenant: Tenant, after number: Int64 = 0, limit: Int = 100) async throws -> [NumberedChange] {
            try await store.read(.scan) { try $0.changes(in: tenant, after: number, limit: limit) }
        }
        #expect(try await changes(acme).isEmpty)
        #expect(try await store.read { try $0.changeBounds(in: acme) == nil })
        let records = ResourceChange.Operation.allCases.map { Self.record($0.rawValue, $0, in: acme) }
        let events = records.map { record in
            [
                LifecycleEvent(id: record.id + "-1", kind: .userUpdated, subject: record.resource, change: record),
                LifecycleEvent(
                    id: record.id + "-2", kind: .memberAdded, subject: record.resource,
                    group: ResourceKey(tenant: acme, type: "Group", id: "g"), change: record),
            ]
        }
        for (record, events) in zip(records, events) {
            try await store.write { transaction in
                try transaction.append(Self.record("other", .patch, in: .default), [])
                try transaction.append(record, [(events[0], ["plugin:a"]), (events[1], [])])
            }
        }
        let all = try await changes(acme)
        #expect(all.map(\.record) == records)
        #expect(all.map(\.events) == events)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.number < $1.number })
        #expect(try await changes(acme, limit: 2) == Array(all.prefix(2)))
        #expect(try await changes(acme, after: all[1].number, limit: 1) == [all[2]])
        #expect(try await changes(acme, after: all[2].number) == [all[3]])
        #expect(try await changes(acme, after: all[3].number).isEmpty)
        #expect(try await changes(acme, limit: 0).isEmpty)
        #expect(try await changes(.default).map(\.record.id) == ["other", "other", "other", "other"])
        let bounds = try #require(try await store.read { try $0.changeBounds(in: acme).map { [$0.oldest, $0.newest] } })
        #expect(bounds[0] <= all[0].number && bounds[1] == all[3].number)
        // The delivery tells the operation too.
        let delivery = try await store.read(.scan) { try $0.deliveries(DeliveryQuery(limit: 1)) }.first
        #expect(delivery?.event == events[3][0])
    }

    /// Pruning takes changes that no delivery needs and that are old; their numbers are not used again.
    public func changeNumbers() async throws {
        let store = try await make()
        let gone = Tenant(name: "gone")
        func newest() async throws -> Int64? { try await store.read { try $0.changeBounds(in: .default)?.newest } }
        try await store.write { transaction in
            for number in 0..<4 { try transaction.append(Self.record("\(number)", .patch, in: .default), []) }
            try transaction.append(Samples.event(of: "u", change: "needed"), to: "plugin:a")
            try transaction.append(Self.record("last", .patch, in: .default), [])
        }
        let last = try #require(try await newest())
        func prune(at seconds: Int, limit: Int = 100) async throws -> [String] {
            let time = Samples.time + .seconds(seconds)
            _ = try await store.write { try $0.pruneDeliveries(before: time, limit: limit) }
            return try await store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 100).map(\.record.id) }
        }
        #expect(try await prune(at: 0).count == 6)
        #expect(try await prune(at: 1, limit: 2).count == 4)
        #expect(try await prune(at: 1) == ["needed"])
        try await store.write { try $0.append(Self.record("new", .patch, in: .default), []) }
        let new = try #require(try await newest())
        #expect(new > last)
        try await store.write { transaction in
            try transaction.createTenant(gone)
            try transaction.append(Self.record("theirs", .create, in: gone), [])
        }
        let theirs = try #require(try await store.read { try $0.changeBounds(in: gone)?.newest })
        try await store.write { try $0.deleteTenant(gone) }
        try await store.write { try $0.append(Self.record("later", .patch, in: .default), []) }
        #expect(try #require(try await newest()) > theirs)
        let later = try await store.read(.scan) { try $0.changes(in: .default, after: new, limit: 9).map(\.record.id) }
        #expect(later == ["later"])
    }

    /// A reader that follows the feed while many write misses nothing and sees nothing twice.
    public func concurrentChanges() async throws {
        let store = try await make()
        let seen = try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<60 {
                tasks.addTask {
                    let record = Self.record("\(number)", .patch, in: .default)
                    try await store.write { try $0.append(record, []) }
                }
            }
            var (seen, last) = ([String](), Int64(0))
            while seen.count < 60 {
                for change in try await store.read(.scan, { [last] in try $0.changes(in: .default, after: last, limit: 7) }) {
                    seen.append(change.record.id)
                    last = change.number
                }
                await Task.yield()
            }
            try await tasks.waitForAll()
            return seen
        }
        #expect(Set(seen).count == 60 && seen.count == 60)
    }
}
