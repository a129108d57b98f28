import MusterCore
import SCIM
import Testing

extension StoreContract {
    private static let acme = Tenant(name: "acme")

    private static func append(
        _ store: any Store, _ changes: [(id: String, seconds: Int)], in tenant: Tenant = .default, to subscribers: [String] = []
    ) async throws {
        try await store.write { transaction in
            for change in changes {
                let event = Samples.event(of: "u", change: change.id, time: Samples.time + .seconds(change.seconds), tenant: tenant)
                try transaction.append(event.change, [(event: event, subscribers: subscribers)])
            }
        }
    }

    private static func forget(_ store: any Store, before seconds: Int) async throws {
        _ = try await store.write { try $0.pruneDeliveries(before: Samples.time + .seconds(seconds), limit: 100) }
    }

    private static func oldest(_ store: any Store, in tenant: Tenant = .default) async throws -> Int64? {
        try await store.read { try $0.changeBounds(in: tenant)?.oldest }
    }

    private static func newest(_ store: any Store, in tenant: Tenant = .default) async throws -> Int64? {
        try await store.read { try $0.changeBounds(in: tenant)?.newest }
    }

    /// What is forgotten is known to be, also where older changes are kept for their deliveries or nothing is left.
    public func forgottenChanges() async throws {
        let store = try await make()
        try await store.write { try $0.createTenant(Self.acme) }
        try await Self.append(store, [("waits", 0)], to: ["plugin:a"])
        try await Self.append(store, [("a", 1), ("b", 2), ("c", 10)])
        try await Self.append(store, [("x", 10)], in: Self.acme)
        let numbers = try await store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 10) }.map(\.number)
        try await Self.forget(store, before: 5)
        let kept = try await store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 10) }
        #expect(kept.map(\.record.id) == ["waits", "c"])
        #expect(try await Self.oldest(store) == numbers[2] + 1)
        #expect(try await Self.newest(store) == numbers[3])
        let other = try #require(try await store.read(.scan) { try $0.changes(in: Self.acme, after: 0, limit: 10) }.first)
        #expect(try #require(try await Self.oldest(store, in: Self.acme)) <= other.number)

        try await Self.forget(store, before: 20)
        #expect(try await Self.oldest(store) == numbers[3] + 1)
        #expect(try await Self.newest(store) == numbers[3])
        #expect(try await Self.oldest(store, in: Self.acme) == other.number + 1)
        try await Self.append(store, [("d", 30)])
        let new = try await store.read(.scan) { try $0.changes(in: .default, after: numbers[3], limit: 10) }
        #expect(new.map(\.record.id) == ["d"])

        try await store.write { try $0.deleteTenant(Self.acme) }
        try await store.write { try $0.createTenant(Self.acme) }
        #expect(try await Self.oldest(store, in: Self.acme) == nil)
    }
}
