import MusterCore
import SCIM
import Testing

extension StoreContract {
    private static let acme = Tenant(name: "acme")

    private static func later(_ seconds: Int) -> Timestamp { Samples.time + .seconds(seconds) }

    /// Four deliveries in order: a creation of u, an update of u, an update of v a minute later, all to a; an update of u of
    /// another tenant two minutes later, to b. The first two are set aside.
    private func filled() async throws -> any Store {
        let store = try await make()
        try await store.write { transaction in
            try transaction.createTenant(Self.acme)
            try transaction.append(Samples.event(.userCreated, of: "u", change: "1"), to: "plugin:a")
            try transaction.append(Samples.event(of: "u", change: "2"), to: "plugin:a")
            try transaction.append(Samples.event(of: "v", change: "3", time: Self.later(60)), to: "plugin:a")
            try transaction.append(Samples.event(of: "u", change: "4", time: Self.later(120), tenant: Self.acme), to: "plugin:b")
        }
        for error in ["mail.example.com: time-out", "the service says 100%"] {
            try await store.write { transaction in
                let claimed = try transaction.claimDeliveries(
                    for: ["plugin:a"], limit: 1, now: Self.later(10), leasedUntil: Self.later(20))
                for delivery in claimed { try transaction.settle(delivery, .setAside(error: error)) }
            }
        }
        return store
    }

    private static func query(_ states: [Delivery.State] = [], _ set: (inout DeliveryQuery) -> Void) -> DeliveryQuery {
        var query = DeliveryQuery(states: states)
        set(&query)
        return query
    }

    /// Deliveries are found by kind, tenant, subject, time and a part of the last error, in whatever state they are.
    public func deliveryFilters() async throws {
        let store = try await filled()
        func check(_ states: [Delivery.State] = []) async throws {
            func changes(_ set: (inout DeliveryQuery) -> Void) async throws -> [String] {
                let query = Self.query(states, set)
                return try await store.read(.scan) { try $0.deliveries(query) }.map(\.event.change.id)
            }
            #expect(try await changes { $0.kinds = [.userCreated] } == ["1"])
            #expect(try await changes { $0.kinds = [.userCreated, .userUpdated] } == ["4", "3", "2", "1"])
            #expect(try await changes { $0.kinds = [.memberAdded] }.isEmpty)
            #expect(try await changes { $0.tenant = .default } == ["3", "2", "1"])
            #expect(try await changes { $0.tenant = Self.acme } == ["4"])
            #expect(try await changes { $0.tenant = Tenant(name: "nobody") }.isEmpty)
            #expect(try await changes { $0.subject = "u" } == ["4", "2", "1"])
            #expect(try await changes { $0.since = Self.later(60) } == ["4", "3"])
            #expect(try await changes { $0.until = Self.later(60) } == ["2", "1"])
            #expect(try await changes { ($0.since, $0.until) = (Self.later(1), Self.later(61)) } == ["3"])
            #expect(try await changes { $0.error = "time-out" } == ["1"])
            #expect(try await changes { $0.error = "%" } == ["2"])
            #expect(try await changes { $0.error = "Time" }.isEmpty)
            #expect(try await changes { ($0.subject, $0.kinds, $0.subscriber) = ("u", [.userUpdated], "plugin:a") } == ["2"])
        }
        try await check()
        try await check([.blocked, .ready, .leased, .setAside])
    }

    /// What is put back or dropped is exactly what the query finds.
    public func filteredRedrive() async throws {
        let store = try await filled()
        let failed = Self.query { $0.error = "time-out" }
        #expect(try await store.write { try $0.redriveDeliveries(failed, now: Self.later(200)) } == 1)
        let states = try await store.read(.scan) { try $0.deliveries(DeliveryQuery()) }.map(\.state)
        #expect(states == [.ready, .ready, .setAside, .ready])
        let created = Self.query { ($0.kinds, $0.tenant) = ([.userCreated], .default) }
        #expect(try await store.write { try $0.dropDeliveries(created, reason: "no") } == 1)
        let finished = Self.query([.dropped, .delivered]) { $0.since = Samples.time }
        #expect(try await store.read(.scan) { try $0.deliveries(finished) }.map(\.event.change.id) == ["1"])
        let later = Self.query([.dropped, .delivered]) { $0.since = Self.later(1) }
        #expect(try await store.read(.scan) { try $0.deliveries(later) }.isEmpty)
    }

    /// The queue's summary counts what is not finished or set aside, and knows what has been due for longest and is the oldest.
    public func queueSummaries() async throws {
        let store = try await filled()
        var expected = [
            "plugin:a": QueueSummary(counts: [.setAside: 2, .ready: 1], oldestDue: Self.later(60), oldestEvent: Self.later(60)),
            "plugin:b": QueueSummary(counts: [.ready: 1], oldestDue: Self.later(120), oldestEvent: Self.later(120)),
        ]
        #expect(try await store.read(.scan) { try $0.queueSummary() } == expected)
        #expect(try await store.read(.scan) { try $0.backlog() } == ["plugin:a": [.ready: 1], "plugin:b": [.ready: 1]])
        try await store.write {
            for delivery in try $0.claimDeliveries(for: ["plugin:b"], limit: 1, now: Self.later(120), leasedUntil: Self.later(130)) {
                try $0.settle(delivery, .delivered)
            }
            _ = try $0.claimDeliveries(for: ["plugin:a"], limit: 1, now: Self.later(120), leasedUntil: Self.later(130))
        }
        expected = ["plugin:a": QueueSummary(counts: [.setAside: 2, .leased: 1], oldestEvent: Self.later(60))]
        #expect(try await store.read(.scan) { try $0.queueSummary() } == expected)
        let again = Self.query { $0.subject = "u" }
        #expect(try await store.write { try $0.redriveDeliveries(again, now: Self.later(200)) } == 2)
        let summary = QueueSummary(
            counts: [.ready: 1, .blocked: 1, .leased: 1], oldestDue: Self.later(200), oldestEvent: Samples.time)
        #expect(try await store.read(.scan) { try $0.queueSummary() } == ["plugin:a": summary])
    }
}
