import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runQueue() async throws {
        try await eventsAreKept()
        try await deliveryOrder()
        try await settlements()
        try await records()
        try await leases()
        try await redrive()
        try await drop()
        try await prune()
        try await deliveryQueries()
        try await deliveryFilters()
        try await filteredRedrive()
        try await queueSummaries()
        try await claimsAreFair()
        try await concurrentClaims()
    }

    private static func later(_ seconds: Int) -> Timestamp { Samples.time + .seconds(seconds) }

    private static func claim(
        _ store: any Store, _ subscribers: [String] = ["plugin:a"], limit: Int = 10, at seconds: Int = 10
    ) async throws -> [Delivery] {
        try await store.write {
            try $0.claimDeliveries(for: subscribers, limit: limit, now: later(seconds), leasedUntil: later(seconds + 30))
        }
    }

    private static func all(_ store: any Store) async throws -> [Delivery] {
        try await store.read(.scan) { try $0.deliveries(DeliveryQuery(limit: 1000)) }.reversed()
    }

    private static func append(_ store: any Store, _ events: [(subject: String, change: String)], to subscriber: String = "plugin:a")
        async throws
    {
        try await store.write { transaction in
            for event in events { try transaction.append(Samples.event(of: event.subject, change: event.change), to: subscriber) }
        }
    }

    /// A delivery carries its event with all of the change, and each subscriber has one of its own.
    public func eventsAreKept() async throws {
        let store = try await make()
        let change = ChangeRecord(
            id: "c1", time: Samples.time, resource: ResourceKey(tenant: Tenant(name: "acme"), type: "Group", id: "g"),
            operation: .delete, actor: "onelogin", requestID: "r1", depth: 3, before: Array("{}".utf8), after: nil,
            changes: [
                AttributeChange(path: "a", from: nil, to: ["x": [1, 2.5, true, "é\u{0}"]]), AttributeChange(path: "b", from: "", to: nil),
            ])
        let events = [
            LifecycleEvent(id: "c1-1", kind: .groupUpdated, subject: change.resource, change: change),
            LifecycleEvent(
                id: "c1-2", kind: .memberAdded, subject: ResourceKey(tenant: Tenant(name: "acme"), type: "User", id: "u"),
                group: change.resource, change: change),
            LifecycleEvent(
                id: "c1-3", kind: .managerChanged, subject: ResourceKey(tenant: Tenant(name: "acme"), type: "User", id: "v"),
                oldManager: "m1", newManager: "m2", change: change),
        ]
        try await store.write {
            try $0.createTenant(change.resource.tenant)
            try $0.append(change, [(events[0], ["plugin:a", "plugin:b"]), (events[1], ["plugin:a"]), (events[2], ["plugin:a"])])
            try $0.append(Samples.event(of: "u", change: "c2").change, [])
            try $0.append(Samples.event(of: "u", change: "c3"))
        }
        let found = try await Self.all(store)
        #expect(found.map(\.event) == [events[0], events[0], events[1], events[2]])
        #expect(found.map(\.subscriber) == ["plugin:a", "plugin:b", "plugin:a", "plugin:a"])
        #expect(found.allSatisfy { $0.state == .ready && $0.attempts == 0 && $0.leasedUntil == nil && $0.lastError == nil })
        #expect(found.allSatisfy { $0.due == change.time })
    }

    /// Of one subject and subscriber, one delivery is on its way at a time, in the order of the events.
    public func deliveryOrder() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2"), ("v", "3"), ("u", "4")])
        try await Self.append(store, [("u", "1b")], to: "plugin:b")
        #expect(try await Self.all(store).map(\.state) == [.ready, .blocked, .ready, .blocked, .ready])
        var order: [String] = []
        while case let claimed = try await Self.claim(store), !claimed.isEmpty {
            let subjects = claimed.map(\.event.subject.id)
            #expect(Set(subjects).count == subjects.count)
            #expect(claimed.allSatisfy { $0.state == .leased && $0.attempts == 1 && $0.leasedUntil == Self.later(40) })
            order += claimed.map(\.event.change.id)
            try await store.write { transaction in for delivery in claimed { try transaction.settle(delivery, .delivered) } }
        }
        #expect(order == ["1", "3", "2", "4"])
        try await Self.append(store, [("u", "5")])
        #expect(try await Self.claim(store).map(\.event.change.id) == ["5"])
        #expect(try await Self.claim(store, ["plugin:b", "plugin:unknown"]).map(\.event.change.id) == ["1b"])
    }

    /// Each settlement leads where it says; a claim is settled once, and only under its own lease.
    public func settlements() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2")])
        func settle(_ delivery: Delivery, _ settlement: DeliverySettlement) async throws {
            try await store.write { try $0.settle(delivery, settlement) }
        }
        let first = try #require(try await Self.claim(store).first)
        try await settle(first, .retry(due: Self.later(20), error: "no answer"))
        #expect(try await Self.claim(store, at: 19).isEmpty)
        await #expect(throws: StoreError(.conflict, "")) { try await settle(first, .delivered) }
        let second = try #require(try await Self.claim(store, at: 20).first)
        #expect(second.id == first.id && second.attempts == 2 && second.lastError == "no answer" && second.lease != first.lease)
        await #expect(throws: StoreError(.conflict, "")) { try await settle(first, .delivered) }
        try await settle(second, .release(due: Self.later(25)))
        let third = try #require(try await Self.claim(store, at: 25).first)
        #expect(third.attempts == 2)
        try await settle(third, .setAside(error: "gave up"))
        let after = try await Self.all(store)
        #expect(after.map(\.state) == [.setAside, .ready])
        #expect(after[0].lastError == "gave up" && after[0].leasedUntil == nil)
        let next = try #require(try await Self.claim(store, at: 25).first)
        #expect(next.event.change.id == "2")
        try await settle(next, .delivered)
        await #expect(throws: StoreError(.conflict, "")) { try await settle(next, .delivered) }
        var forged = next
        forged.id = 12_345
        let unknown = forged
        await #expect(throws: StoreError(.conflict, "")) { try await settle(unknown, .delivered) }
        #expect(try await Self.all(store).map(\.state) == [.setAside, .delivered])
        #expect(try await store.read(.scan) { try $0.backlog() }.isEmpty)
    }

    /// What the last attempt did is kept with its delivery, and found in the order of the deliveries; it goes with it.
    public func records() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("v", "2"), ("w", "3"), ("x", "4")])
        let claimed = try await Self.claim(store, limit: 3)
        try await store.write { transaction in
            for (delivery, record) in zip(claimed, [[1], [2], nil] as [[UInt8]?]) {
                try transaction.settle(delivery, .delivered)
                try transaction.record(record, of: delivery)
            }
            try transaction.record([3], of: claimed[1])
            var unknown = claimed[0]
            unknown.id = 12_345
            try transaction.record([4], of: unknown)
        }
        @Sendable func recorded(
            to subscriber: String = "plugin:a", after number: Int64 = 0, fromChange change: Int64 = 0, limit: Int = 9
        ) async throws -> [RecordedDelivery] {
            try await store.read(.scan) {
                try $0.recordedDeliveries(to: subscriber, after: number, fromChange: change, limit: limit)
            }
        }
        let all = try await recorded()
        #expect(all.map(\.record) == [[1], [3], nil, nil])
        #expect(all.map(\.delivery.event.change.id) == ["1", "2", "3", "4"])
        #expect(all.map(\.delivery.state) == [.delivered, .delivered, .delivered, .ready])
        #expect(try await store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 9) }.map(\.number) == all.map(\.change))
        #expect(try await recorded(limit: 2) == Array(all.prefix(2)))
        #expect(try await recorded(after: all[0].delivery.id, limit: 1) == [all[1]])
        #expect(try await recorded(fromChange: all[2].change) == Array(all.suffix(2)))
        #expect(try await recorded(to: "plugin:none").isEmpty)
        try await store.write { try $0.record(nil, of: claimed[0]) }
        #expect(try await recorded().map(\.record) == [nil, [3], nil, nil])
        _ = try await store.write { try $0.pruneDeliveries(before: Timestamp(milliseconds: .max), limit: 9) }
        #expect(try await recorded().map(\.delivery.event.change.id) == ["4"])
    }

    /// A lease that ended, or that was released at the start, is claimed anew; its old holder can settle no more.
    public func leases() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2")])
        let first = try #require(try await Self.claim(store, at: 0).first)
        #expect(try await Self.claim(store, at: 29).isEmpty)
        let second = try #require(try await Self.claim(store, at: 31).first)
        #expect(second.id == first.id && second.attempts == 2)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.settle(first, .delivered) } }
        try await store.write { try $0.releaseLeases() }
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.settle(second, .delivered) } }
        let third = try #require(try await Self.claim(store, at: 32).first)
        #expect(third.id == first.id && third.attempts == 3)
        // A holder who is late, but before anybody else claimed, still counts.
        try await store.write { try $0.settle(third, .delivered) }
        #expect(try await Self.claim(store, at: 32).map(\.event.change.id) == ["2"])
    }

    /// What was set aside goes back into its place, behind what is on its way and in its own order.
    public func redrive() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2"), ("u", "3"), ("v", "4"), ("w", "5")])
        for _ in 0..<2 {
            let claimed = try await Self.claim(store, limit: 1)
            try await store.write { transaction in for delivery in claimed { try transaction.settle(delivery, .setAside(error: "no")) } }
        }
        // 1 and 4 or 1 and 2 are set aside by now; set all but 3 aside.
        while case let claimed = try await Self.claim(store).filter({ $0.event.change.id != "3" }), !claimed.isEmpty {
            try await store.write { transaction in for delivery in claimed { try transaction.settle(delivery, .setAside(error: "no")) } }
        }
        #expect(try await Self.all(store).map(\.state) == [.setAside, .setAside, .leased, .setAside, .setAside])
        #expect(try await store.write { try $0.redriveDeliveries(DeliveryQuery(subscriber: "plugin:b"), now: Self.later(50)) } == 0)
        #expect(try await store.write { try $0.redriveDeliveries(DeliveryQuery(states: [.ready]), now: Self.later(50)) } == 0)
        #expect(try await store.write { try $0.redriveDeliveries(DeliveryQuery(), now: Self.later(50)) } == 4)
        let redriven = try await Self.all(store)
        #expect(redriven.map(\.state) == [.blocked, .blocked, .leased, .ready, .ready])
        #expect(redriven[3].attempts == 0 && redriven[3].due == Self.later(50) && redriven[3].lastError == nil)
        #expect(try await Self.claim(store, at: 39).isEmpty)
        try await store.write { try $0.settle(redriven[2], .delivered) }
        #expect(try await Self.all(store).map(\.state) == [.ready, .blocked, .delivered, .ready, .ready])
        #expect(Set(try await Self.claim(store, at: 50).map(\.event.change.id)) == ["1", "4", "5"])
    }

    /// What a person drops is gone for good and no longer in the way; what is finished cannot be dropped.
    public func drop() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2"), ("u", "3"), ("v", "4")])
        let held = try await Self.claim(store)
        #expect(held.map(\.event.change.id) == ["1", "4"])
        try await store.write { try $0.settle(held[1], .delivered) }
        let dropped = try await store.write { try $0.dropDeliveries(DeliveryQuery(id: held[0].id), reason: "not wanted") }
        #expect(dropped == 1)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.settle(held[0], .delivered) } }
        let after = try await Self.all(store)
        #expect(after.map(\.state) == [.dropped, .ready, .blocked, .delivered])
        #expect(after[0].lastError == "not wanted")
        #expect(try await store.write { try $0.dropDeliveries(DeliveryQuery(states: [.delivered, .dropped]), reason: "x") } == 0)
        #expect(try await store.write { try $0.dropDeliveries(DeliveryQuery(states: [.blocked]), reason: "x") } == 1)
        #expect(try await store.write { try $0.dropDeliveries(DeliveryQuery(), reason: "x") } == 1)
        #expect(try await Self.claim(store).isEmpty)
        try await Self.append(store, [("u", "5")])
        #expect(try await Self.claim(store).map(\.event.change.id) == ["5"])
    }

    /// Finished deliveries of old changes are forgotten, in bounded steps; the others stay whole.
    public func prune() async throws {
        let store = try await make()
        try await store.write { transaction in
            for number in 0..<6 {
                let event = Samples.event(of: "u\(number)", change: "\(number)", time: Self.later(number))
                try transaction.append(event, to: "plugin:a", "plugin:b")
            }
        }
        let claimed = try await Self.claim(store, at: 10)
        try await store.write { transaction in
            for delivery in claimed where delivery.event.change.id != "1" {
                try transaction.settle(delivery, delivery.event.change.id == "2" ? .setAside(error: "no") : .delivered)
            }
        }
        #expect(try await store.write { try $0.pruneDeliveries(before: Self.later(5), limit: 1) } == 1)
        #expect(try await store.write { try $0.pruneDeliveries(before: Self.later(5), limit: 100) } == 2)
        #expect(try await store.write { try $0.pruneDeliveries(before: Self.later(5), limit: 100) } == 0)
        let left = try await Self.all(store)
        #expect(left.filter { $0.subscriber == "plugin:a" }.map(\.event.change.id) == ["1", "2", "5"])
        #expect(left.filter { $0.subscriber == "plugin:b" }.map(\.event.change.id) == ["0", "1", "2", "3", "4", "5"])
        #expect(left.allSatisfy { !$0.event.change.changes.isEmpty })
    }

    /// Deliveries are found by state, subscriber and number, the newest first, and counted by subscriber.
    public func deliveryQueries() async throws {
        let store = try await make()
        try await Self.append(store, [("u", "1"), ("u", "2"), ("v", "3")])
        try await Self.append(store, [("u", "4")], to: "plugin:b")
        func changes(_ query: DeliveryQuery) async throws -> [String] {
            try await store.read(.scan) { try $0.deliveries(query) }.map(\.event.change.id)
        }
        #expect(try await changes(DeliveryQuery()) == ["4", "3", "2", "1"])
        #expect(try await changes(DeliveryQuery(limit: 2)) == ["4", "3"])
        #expect(try await changes(DeliveryQuery(limit: 0)).isEmpty)
        #expect(try await changes(DeliveryQuery(states: [.blocked])) == ["2"])
        #expect(try await changes(DeliveryQuery(states: [.blocked, .ready], subscriber: "plugin:a")) == ["3", "2", "1"])
        #expect(try await changes(DeliveryQuery(subscriber: "plugin:none")).isEmpty)
        let number = try #require(try await Self.all(store).first?.id)
        #expect(try await changes(DeliveryQuery(id: number)) == ["1"])
        #expect(try await changes(DeliveryQuery(states: [.setAside], id: number)).isEmpty)
        _ = try await Self.claim(store, limit: 1)
        let expected: [String: [Delivery.State: Int]] = ["plugin:a": [.blocked: 1, .ready: 1, .leased: 1], "plugin:b": [.ready: 1]]
        #expect(try await store.read(.scan) { try $0.backlog() } == expected)
    }

    /// What is due longest comes first, whoever is to hear of it, and not before its time.
    public func claimsAreFair() async throws {
        let store = try await make()
        try await store.write { transaction in
            for number in [5, 3, 1, 4, 2] {
                let event = Samples.event(of: "u\(number)", change: "\(number)", time: Self.later(number))
                try transaction.append(event, to: number % 2 == 0 ? "plugin:a" : "plugin:b")
            }
        }
        func claim(_ limit: Int, at seconds: Int) async throws -> [String] {
            try await Self.claim(store, ["plugin:a", "plugin:b"], limit: limit, at: seconds).map(\.event.change.id)
        }
        #expect(try await claim(10, at: 0).isEmpty)
        #expect(try await claim(0, at: 9).isEmpty)
        #expect(try await claim(2, at: 3) == ["1", "2"])
        #expect(try await claim(10, at: 4) == ["3", "4"])
        #expect(try await Self.claim(store, [], at: 9).isEmpty)
        #expect(try await Self.claim(store, ["plugin:a"], at: 9).isEmpty)
    }

    /// Workers that claim at the same time never hold the same delivery.
    public func concurrentClaims() async throws {
        let store = try await make()
        try await Self.append(store, (0..<60).map { (subject: "u\($0 % 20)", change: "\($0)") })
        let delivered = try await withThrowingTaskGroup(of: [Int64].self) { tasks in
            for _ in 0..<8 {
                tasks.addTask {
                    var own: [Int64] = []
                    while case let claimed = try await Self.claim(store, limit: 3), !claimed.isEmpty {
                        try await store.write { transaction in for delivery in claimed { try transaction.settle(delivery, .delivered) } }
                        own += claimed.map(\.id)
                    }
                    return own
                }
            }
            return try await tasks.reduce(into: []) { $0 += $1 }
        }
        // A worker that found nothing due may have left before the last were freed.
        let rest = try await Self.all(store).filter { $0.state != .delivered }
        #expect(Set(delivered).count == delivered.count)
        #expect(delivered.count + rest.count == 60)
    }
}
