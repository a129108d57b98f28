import MusterCore
import MusterDelivery
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization
import Testing

@Suite("The worker delivers", .timeLimit(.minutes(10)))
struct DeliveryWorkerTests {
    @Test("every subscriber hears of each event once, and the deliveries are acknowledged")
    func delivers() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "bob"], to: ["a", "b"])
        let worker = bench.worker(["a", "b"].map { bench.recording($0) })
        try await worker.drain()
        #expect(bench.log.lines.sorted() == ["a ada 1", "a bob 1", "b ada 1", "b bob 1"])
        #expect(try await bench.states() == Array(repeating: .delivered, count: 4))
        for delivery in try await bench.deliveries() {
            #expect(try await bench.store.acknowledgements(of: delivery.id) == 1)
        }
    }

    @Test("deliveries to a subscriber that does not exist stay in the queue")
    func absent() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a", "gone"])
        try await bench.worker([bench.recording("a")]).drain()
        #expect(try await bench.states() == [.delivered, .ready])
    }

    @Test("a rate holds deliveries back unclaimed, in steps of what it brings, and holds up nobody else")
    func rate() async throws {
        let bench = try Bench()
        try await bench.post((1...7).map { "p\($0)" }, to: ["limited", "free"])
        let limited = Subscription(name: "limited", ratePerSecond: 2) { delivery in
            bench.log.add("limited \(delivery.attempts)")
            return .delivered
        }
        let worker = bench.worker([limited, bench.recording("free")])
        func heard() async throws -> Int {
            try await worker.drain()
            return bench.log.lines.filter { $0.hasPrefix("limited") }.count
        }
        #expect(try await heard() == 2, "a second's worth at once")
        #expect(bench.log.lines.count == 9, "the other one hears of all")
        #expect(try await bench.deliveries().filter { $0.state == .ready }.allSatisfy { $0.attempts == 0 && $0.lease == 0 })
        bench.clock.advance(by: .milliseconds(499))
        #expect(try await heard() == 2)
        bench.clock.advance(by: .milliseconds(1))
        #expect(try await heard() == 3)
        bench.clock.advance(by: .milliseconds(750))
        #expect(try await heard() == 4)
        bench.clock.advance(by: .seconds(60))
        #expect(try await heard() == 6)
        bench.clock.advance(by: .seconds(1))
        #expect(try await heard() == 7)
        #expect(bench.log.lines.filter { $0 == "limited 1" }.count == 7)
    }

    @Test("those of one subject come one after the other, while other subjects overtake")
    func order() async throws {
        let bench = try Bench()
        try await bench.post(["slow", "slow", "slow", "quick", "quick"], to: ["a"])
        let gate = Gate()
        let subscription = Subscription(name: "a") { delivery in
            let number = delivery.id
            if delivery.event.subject.id == "slow" { await gate.pass() }
            bench.log.add("\(delivery.event.subject.id) \(number)")
            return .delivered
        }
        let worker = bench.worker([subscription])
        async let drained: Void = worker.drain()
        await bench.log.wait(for: 2)
        #expect(bench.log.lines == ["quick 4", "quick 5"])
        #expect(try await bench.states().prefix(3) == [.leased, .blocked, .blocked])
        gate.open()
        try await drained
        #expect(bench.log.lines == ["quick 4", "quick 5", "slow 1", "slow 2", "slow 3"])
    }

    @Test("a subject's later deliveries wait for the retry of an earlier one, those of others do not")
    func orderOverRetries() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "ada", "bob"], to: ["a"])
        let worker = bench.worker([
            bench.recording("a") { $0.attempts == 1 && $0.id == 1 ? .retry(after: .seconds(10), reason: "busy") : .delivered }
        ])
        try await worker.drain()
        #expect(bench.log.lines.sorted() == ["a ada 1", "a bob 1"])
        #expect(try await bench.states() == [.ready, .blocked, .delivered])
        bench.clock.advance(by: .seconds(10))
        try await worker.drain()
        #expect(bench.log.lines.suffix(2) == ["a ada 2", "a ada 1"])
    }

    @Test("a failure is tried again when its time has come and not before, and set aside after the last attempt")
    func retry() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let policy = RetryPolicy(maximumAttempts: 3, base: .seconds(4), maximum: .seconds(60))
        let worker = bench.worker([bench.recording("a", retry: policy) { _ in .retry(after: nil, reason: "still down") }])
        try await worker.drain()
        for (wait, attempts) in [(2, 1), (4, 2)] {
            bench.clock.advance(by: .milliseconds(wait * 1000 - 1))
            try await worker.drain()
            #expect(bench.log.lines.count == attempts)
            bench.clock.advance(by: .milliseconds(1))
            try await worker.drain()
            #expect(bench.log.lines.count == attempts + 1)
        }
        let delivery = try #require(try await bench.deliveries().first)
        #expect(delivery.state == .setAside)
        #expect(delivery.attempts == 3)
        #expect(delivery.lastError == "still down")
        bench.clock.advance(by: .seconds(1_000_000))
        try await worker.drain()
        #expect(bench.log.lines.count == 3)
    }

    @Test("fail sets aside at once, and the subject's next delivery goes on")
    func fail() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "ada"], to: ["a"])
        let worker = bench.worker([bench.recording("a") { $0.id == 1 ? .fail(reason: "refused") : .delivered }])
        try await worker.drain()
        #expect(try await bench.states() == [.setAside, .delivered])
    }

    @Test("a postponed delivery comes again without an attempt counted")
    func postpone() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let isPaused = Mutex(true)
        let worker = bench.worker([
            bench.recording("a") { _ in isPaused.withLock { $0 } ? .postpone(.seconds(60)) : .delivered }
        ])
        try await worker.drain()
        #expect(try await bench.deliveries().first?.attempts == 0)
        isPaused.withLock { $0 = false }
        bench.clock.advance(by: .seconds(59))
        try await worker.drain()
        bench.clock.advance(by: .seconds(1))
        try await worker.drain()
        #expect(bench.log.lines == ["a ada 1", "a ada 1"])
        #expect(try await bench.states() == [.delivered])
    }

    @Test("no more run at the same time than the worker and the subscription allow", arguments: [(3, 32, 3), (64, 2, 4), (1, 1, 1)])
    func concurrency(worker limit: Int, subscription each: Int, expected: Int) async throws {
        let bench = try Bench()
        try await bench.post((0..<40).map { "u\($0)" }, to: ["a", "b"])
        let running = Mutex((now: 0, most: 0))
        let gate = Gate()
        let subscriptions = ["a", "b"].map { name in
            Subscription(name: name, concurrency: each) { _ in
                running.withLock {
                    $0.now += 1
                    $0.most = max($0.most, $0.now)
                }
                bench.log.add(name)
                await gate.pass()
                running.withLock { $0.now -= 1 }
                return .delivered
            }
        }
        let worker = bench.worker(subscriptions, concurrency: limit)
        async let drained: Void = worker.drain()
        await bench.log.wait(for: expected)
        gate.open()
        try await drained
        #expect(running.withLock { $0.most } == expected)
        #expect(bench.log.lines.count == 80)
    }

    @Test("one subscriber with much to do does not keep another from its turn")
    func fairness() async throws {
        let bench = try Bench()
        try await bench.post((0..<100).map { "u\($0)" }, to: ["busy"])
        try await bench.post(["x", "y"], to: ["small"])
        let worker = bench.worker([bench.recording("busy"), bench.recording("small")], concurrency: 4)
        try await worker.drain()
        let positions = bench.log.lines.indices.filter { bench.log.lines[$0].hasPrefix("small") }
        #expect(bench.log.lines.count == 102)
        #expect(positions.allSatisfy { $0 < 20 })
    }

    @Test("however many subscribers are slow, the next one finds a place", arguments: [4, 64])
    func places(of concurrency: Int) async throws {
        let bench = try Bench()
        let slow = ["s1", "s2"]
        try await bench.post((0..<100).map { "u\($0)" }, to: slow)
        let gate = Gate()
        let stuck = slow.map { name in
            Subscription(name: name, concurrency: 100) { _ in
                bench.log.add(name)
                await gate.pass()
                return .delivered
            }
        }
        let heard = EventLog()
        let quick = Subscription(name: "quick") { _ in
            heard.add("quick")
            return .delivered
        }
        let worker = bench.worker(stuck + [quick], concurrency: concurrency)
        async let drained: Void = worker.drain()
        // Half of all, and half of the rest.
        await bench.log.wait(for: concurrency * 3 / 4)
        try await bench.post((0..<10).map { "v\($0)" }, to: ["quick"])
        worker.wake()
        await heard.wait(for: 10)
        #expect(bench.log.lines.count == concurrency * 3 / 4)
        gate.open()
        try await drained
        #expect(bench.log.lines.count == 200)
    }

    @Test("ends and claims share commits: a thousand deliveries take far fewer than a thousand")
    func batches() async throws {
        let bench = try Bench()
        try await bench.post((0..<1000).map { "u\($0)" }, to: ["a"])
        let before = bench.store.commitCount
        try await bench.worker([Subscription(name: "a", concurrency: 64) { _ in .delivered }]).drain()
        #expect(try await bench.states().allSatisfy { $0 == .delivered })
        #expect(bench.store.commitCount - before < 250)
    }

    @Test("leases of an earlier process are free at the start of the only worker, and not of one among several", arguments: [true, false])
    func leftLeases(isOnlyWorker: Bool) async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let (now, until) = (bench.clock.now, bench.clock.now + .seconds(120))
        _ = try await bench.store.write { try $0.claimDeliveries(for: ["a"], limit: 1, now: now, leasedUntil: until) }
        var settings = DeliverySettings()
        settings.isOnlyWorker = isOnlyWorker
        let worker = bench.worker([bench.recording("a")], settings: settings)
        try await worker.drain()
        #expect(bench.log.lines == (isOnlyWorker ? ["a ada 2"] : []))
        bench.clock.advance(by: .seconds(121))
        try await worker.drain()
        #expect(bench.log.lines == ["a ada 2"])
    }
}

extension Bench {
    /// A subscription that logs `name subject attempt`.
    func recording(
        _ name: String, retry: RetryPolicy = RetryPolicy(),
        _ outcome: @escaping @Sendable (Delivery) -> DeliveryOutcome = { _ in .delivered }
    ) -> Subscription {
        let log = log
        return Subscription(name: name, retry: retry) { delivery in
            log.add("\(name) \(delivery.event.subject.id) \(delivery.attempts)")
            return outcome(delivery)
        }
    }
}
