import Logging
import MusterCore
import MusterDelivery
import MusterSQLite
import MusterTesting
import SCIM
import ServiceLifecycle
import Synchronization
import Testing

@Suite("The worker as a service", .timeLimit(.minutes(10)))
struct DeliveryServiceTests {
    @Test("a wake delivers what was committed since, though the clock stands still")
    func wake() async throws {
        let bench = try Bench()
        let worker = bench.worker([bench.recording("a")])
        try await running(worker) {
            try await worker.drain()
            try await bench.post(["ada"], to: ["a"])
            worker.wake()
            await bench.log.wait(for: 1)
            try await worker.drain()
        }
        #expect(bench.log.lines == ["a ada 1"])
        #expect(try await bench.states() == [.delivered])
    }

    @Test("without a wake it looks again after the poll interval, and finds retries that have come due")
    func poll() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let worker = bench.worker([
            bench.recording("a") { $0.attempts == 1 ? .retry(after: .milliseconds(400), reason: "busy") : .delivered }
        ])
        try await running(worker) {
            try await worker.drain()
            #expect(bench.log.lines == ["a ada 1"])
            #expect(try await eventually { bench.clock.sleepers > 0 })
            bench.clock.advance(by: .milliseconds(500))
            await bench.log.wait(for: 2)
            try await worker.drain()
        }
        #expect(try await bench.states() == [.delivered])
    }

    @Test("graceful shutdown claims nothing more and lets running handlers finish")
    func gracefulShutdown() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "ada", "bob"], to: ["a"])
        let gate = Gate()
        let worker = bench.worker(
            [
                Subscription(name: "a", concurrency: 2) { delivery in
                    bench.log.add(delivery.event.subject.id)
                    await gate.pass()
                    return .delivered
                }
            ])
        let group = ServiceGroup(services: [worker], logger: .init(label: "test"))
        async let run: Void = group.run()
        await bench.log.wait(for: 2)
        await group.triggerGracefulShutdown()
        gate.open()
        try await run
        #expect(bench.log.lines.sorted() == ["ada", "bob"])
        #expect(try await bench.states() == [.delivered, .ready, .delivered])
    }

    @Test("after the grace period handlers are cancelled; what they answer then is written down")
    func gracePeriod() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let worker = bench.worker([
            Subscription(name: "a") { _ in
                bench.log.add("begins")
                do { try await bench.clock.sleep(for: .seconds(1_000_000)) } catch { return .postpone(.seconds(1)) }
                return .delivered
            }
        ])
        let group = ServiceGroup(services: [worker], logger: .init(label: "test"))
        async let run: Void = group.run()
        await bench.log.wait(for: 1)
        // The poll and the handler, then the countdown too.
        #expect(try await eventually { bench.clock.sleepers == 2 })
        await group.triggerGracefulShutdown()
        #expect(try await eventually { bench.clock.sleepers == 3 })
        bench.clock.advance(by: .seconds(20))
        try await run
        let delivery = try #require(try await bench.deliveries().first)
        #expect(delivery.state == .ready)
        #expect(delivery.attempts == 0)
    }

    @Test("a handler deaf to cancellation does not hold up the end; its delivery comes again after the next start")
    func deafHandler() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let gate = Gate()
        let worker = bench.worker([
            Subscription(name: "a") { _ in
                bench.log.add("begins")
                await gate.pass()
                return .delivered
            }
        ])
        let task = Task { try await worker.run() }
        await bench.log.wait(for: 1)
        task.cancel()
        let clock = bench.clock
        // The poll and the countdown.
        #expect(try await eventually { clock.sleepers == 2 })
        // Cancelled, so there is no grace period.
        clock.advance(by: .seconds(2))
        try await task.value
        #expect(try await bench.states() == [.leased])
        gate.open()
        try await bench.worker([bench.recording("a")]).drain()
        #expect(bench.log.lines == ["begins", "a ada 2"])
        #expect(try await bench.states() == [.delivered])
    }

    @Test("a handler that hangs is cancelled, its attempt fails when its lease ends, and others go on meanwhile")
    func hangingHandler() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["hangs"])
        let gate = Gate()
        let wasCancelled = Mutex(false)
        let worker = bench.worker([
            Subscription(name: "hangs", concurrency: 1) { delivery in
                bench.log.add("hangs \(delivery.attempts)")
                guard delivery.attempts == 1 else { return .delivered }
                await withTaskCancellationHandler {
                    await gate.pass()
                } onCancel: {
                    wasCancelled.withLock { $0 = true }
                }
                return .delivered
            },
            bench.recording("other"),
        ])
        try await running(worker) {
            await bench.log.wait(for: 1)
            try await bench.post(["bob"], to: ["other"])
            worker.wake()
            await bench.log.wait(for: 2)
            bench.clock.advance(by: .seconds(111))
            worker.wake()
            #expect(try await eventually { wasCancelled.withLock { $0 } })
            #expect(try await bench.states().first == .leased)
            bench.clock.advance(by: .seconds(9))
            worker.wake()
            #expect(try await eventually { try await bench.states().first == .ready })
            let delivery = try #require(try await bench.deliveries().first)
            #expect(delivery.lastError == "the handler did not return within 120 s")
            // It still hangs and takes its subscriber's only place.
            bench.clock.advance(by: .seconds(60))
            try await worker.drain()
            #expect(bench.log.lines == ["hangs 1", "other bob 1"])
            gate.open()
            await bench.log.wait(for: 3)
            try await worker.drain()
        }
        #expect(bench.log.lines == ["hangs 1", "other bob 1", "hangs 2"])
        #expect(try await bench.states() == [.delivered, .delivered])
        #expect(try await bench.store.acknowledgements(of: 1) == 1)
    }

    @Test("a handler that puts off what it was cancelled for has failed: its attempts count, and end")
    func lateHandler() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["slow"])
        let worker = bench.worker([
            Subscription(name: "slow", retry: RetryPolicy(maximumAttempts: 2, base: .seconds(1))) { delivery in
                bench.log.add("slow \(delivery.attempts)")
                try? await bench.clock.sleep(for: .seconds(86_400))
                return .postpone(.seconds(1))
            }
        ])
        try await running(worker) {
            await bench.log.wait(for: 1)
            bench.clock.advance(by: .seconds(110))
            worker.wake()
            #expect(try await eventually { try await bench.states() == [.ready] })
            let delivery = try #require(try await bench.deliveries().first)
            #expect(delivery.attempts == 1 && delivery.lastError == "the handler did not return within 110 s")
            bench.clock.advance(by: .seconds(1))
            worker.wake()
            await bench.log.wait(for: 2)
            bench.clock.advance(by: .seconds(110))
            worker.wake()
            #expect(try await eventually { try await bench.states() == [.setAside] })
        }
        #expect(bench.log.lines == ["slow 1", "slow 2"])
    }

    @Test("while the handler of a delivery that was dropped is at work, the next one of its subject waits")
    func droppedDelivery() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "ada"], to: ["a"])
        let gate = Gate()
        let worker = bench.worker([
            Subscription(name: "a") { delivery in
                bench.log.add("\(delivery.id) begins")
                if delivery.id == 1 { await gate.pass() }
                bench.log.add("\(delivery.id) ends")
                return .delivered
            }
        ])
        try await running(worker) {
            await bench.log.wait(for: 1)
            #expect(try await bench.store.write { try $0.dropDeliveries(DeliveryQuery(states: [.leased]), reason: "no") } == 1)
            worker.wake()
            // It was handed out, and put back.
            #expect(try await eventually { try await bench.deliveries().last.map { $0.state == .ready && $0.lease == 1 } ?? false })
            gate.open()
            await bench.log.wait(for: 2)
            bench.clock.advance(by: .seconds(10))
            worker.wake()
            await bench.log.wait(for: 4)
            try await worker.drain()
        }
        #expect(bench.log.lines == ["1 begins", "1 ends", "2 begins", "2 ends"])
        #expect(try await bench.states() == [.dropped, .delivered])
    }

    @Test("while a handler hangs nothing else of its subject is handed out, but other subjects are")
    func hangingSubject() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "ada", "bob"], to: ["a"])
        let gate = Gate()
        let worker = bench.worker([
            Subscription(name: "a", concurrency: 2) { delivery in
                bench.log.add("\(delivery.event.subject.id) \(delivery.id) \(delivery.attempts)")
                if delivery.id == 1, delivery.attempts == 1 { await gate.pass() }
                return .delivered
            }
        ])
        try await running(worker) {
            await bench.log.wait(for: 2)
            bench.clock.advance(by: .seconds(121))
            try await worker.drain()
            for _ in 0..<5 {
                bench.clock.advance(by: .seconds(60))
                try await worker.drain()
            }
            #expect(bench.log.lines.sorted() == ["ada 1 1", "bob 3 1"])
            #expect(try await bench.states() == [.ready, .blocked, .delivered])
            gate.open()
            let isDone = try await eventually {
                let states = try await bench.states()
                // Not while one is at work, whose lease would end.
                if !states.contains(.leased) { bench.clock.advance(by: .seconds(10)) }
                worker.wake()
                return states == [.delivered, .delivered, .delivered]
            }
            #expect(isDone)
        }
        #expect(bench.log.lines.suffix(2) == ["ada 1 2", "ada 2 1"])
    }

    @Test("finished deliveries are pruned after the retention")
    func prune() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let worker = bench.worker([bench.recording("a")])
        try await worker.drain()
        bench.clock.advance(by: .seconds(6 * 86_400))
        try await running(worker) { try await worker.drain() }
        #expect(try await bench.states() == [.delivered])
        bench.clock.advance(by: .seconds(2 * 86_400))
        try await running(worker) {
            let isPruned = try await eventually { try await bench.states().isEmpty }
            #expect(isPruned)
        }
    }

    @Test("what waits for a rate goes on by itself as time passes, and no faster")
    func rate() async throws {
        let bench = try Bench()
        try await bench.post((1...3).map { "p\($0)" }, to: ["limited"])
        let start = bench.clock.now
        let worker = bench.worker([
            Subscription(name: "limited", ratePerSecond: 1) { _ in
                bench.log.add("limited")
                return .delivered
            }
        ])
        try await running(worker) {
            await bench.log.wait(for: 1)
            let isDone = try await eventually {
                bench.clock.advance(by: .milliseconds(100))
                return bench.log.lines.count == 3
            }
            #expect(isDone)
        }
        #expect(bench.clock.now >= start + .seconds(2))
        #expect(try await bench.states() == [.delivered, .delivered, .delivered])
    }

    /// Runs the worker while `body` does something, and ends it gracefully.
    private func running(_ worker: DeliveryWorker, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(services: [worker], logger: .init(label: "test"))
        async let run: Void = group.run()
        try await body()
        await group.triggerGracefulShutdown()
        try await run
    }
}
