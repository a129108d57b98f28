import MusterCore
import MusterDelivery
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization
import Testing

@Suite("A store that fails", .timeLimit(.minutes(10)))
struct DeliveryOutageTests {
    @Test("the worker waits longer and longer, and goes on when the store answers again")
    func outage() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let flaky = FlakyStore(bench.store)
        flaky.isDown = true
        let worker = bench.worker(on: flaky, [bench.recording("a")])
        let task = Task { try await worker.run() }
        for wait in [100, 200, 400, 800, 1600, 2000, 2000] {
            #expect(try await eventually { bench.clock.sleepers == 1 })
            let writes = flaky.writeCount
            // Nothing wakes it early.
            worker.wake()
            bench.clock.advance(by: .milliseconds(wait - 1))
            #expect(flaky.writeCount == writes)
            #expect(bench.clock.sleepers == 1)
            bench.clock.advance(by: .milliseconds(1))
            #expect(try await eventually { flaky.writeCount > writes })
        }
        flaky.isDown = false
        #expect(try await eventually { bench.clock.sleepers > 0 })
        bench.clock.advance(by: .seconds(2))
        await bench.log.wait(for: 1)
        #expect(try await eventually { try await bench.states() == [.delivered] })
        try await end(task, bench)
    }

    @Test("an end that could not be written is written later, and its handler does not run again")
    func unwrittenEnd() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let (flaky, gate) = (FlakyStore(bench.store), Gate())
        let worker = bench.worker(
            on: flaky,
            [
                Subscription(name: "a") { _ in
                    bench.log.add("begins")
                    await gate.pass()
                    return .delivered
                }
            ])
        let task = Task { try await worker.run() }
        await bench.log.wait(for: 1)
        flaky.isDown = true
        let writes = flaky.writeCount
        gate.open()
        #expect(try await eventually { flaky.writeCount > writes })
        flaky.isDown = false
        #expect(
            try await eventually {
                bench.clock.advance(by: .milliseconds(100))
                return try await bench.states() == [.delivered]
            })
        #expect(bench.log.lines == ["begins"])
        try await end(task, bench)
    }

    @Test("an end that came too late is dropped, and everything else goes on")
    func lostLease() async throws {
        let bench = try Bench()
        try await bench.post(["ada", "bob"], to: ["a"])
        let worker = bench.worker([
            Subscription(name: "a") { delivery in
                // A person drops it while the handler runs.
                if delivery.event.subject.id == "ada" {
                    let query = DeliveryQuery(id: delivery.id)
                    _ = try? await bench.store.write { try $0.dropDeliveries(query, reason: "not wanted") }
                }
                return .delivered
            }
        ])
        try await worker.drain()
        #expect(try await bench.states() == [.dropped, .delivered])
    }

    @Test("one end that can never be written holds up no other")
    func poisonedEnd() async throws {
        let bench = try Bench()
        try await bench.post((0..<20).map { "u\($0)" }, to: ["a"])
        let flaky = FlakyStore(bench.store) { step in
            if case .settle(let delivery) = step, delivery.event.subject.id == "u7" { throw StoreError(.unavailable, "damaged") }
        }
        let worker = bench.worker(on: flaky, [bench.recording("a")])
        let task = Task { try await worker.run() }
        #expect(try await eventually { try await bench.states().count { $0 == .delivered } == 19 })
        #expect(try await bench.states()[7] == .leased)
        try await end(task, bench)
    }

    @Test("a subscriber whose deliveries cannot be read is left out for a minute, others go on")
    func poisonedClaim() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a", "broken"])
        let isBroken = Mutex(true)
        let flaky = FlakyStore(bench.store) { step in
            if case .claim("broken") = step, isBroken.withLock({ $0 }) { throw StoreError(.unavailable, "damaged") }
        }
        let worker = bench.worker(on: flaky, [bench.recording("a"), bench.recording("broken")])
        let task = Task { try await worker.run() }
        await bench.log.wait(for: 1)
        #expect(try await eventually { try await bench.states() == [.delivered, .ready] })
        isBroken.withLock { $0 = false }
        try await worker.drain()
        #expect(bench.log.lines == ["a ada 1"])
        bench.clock.advance(by: .seconds(60))
        worker.wake()
        await bench.log.wait(for: 2)
        try await end(task, bench)
        #expect(try await bench.states() == [.delivered, .delivered])
    }

    @Test("drain throws what the store throws, and loses nothing")
    func drainThrows() async throws {
        let bench = try Bench()
        try await bench.post(["ada"], to: ["a"])
        let flaky = FlakyStore(bench.store)
        let worker = bench.worker(on: flaky, [bench.recording("a")])
        flaky.isDown = true
        await #expect(throws: StoreError(.unavailable, "")) { try await worker.drain() }
        flaky.isDown = false
        try await worker.drain()
        #expect(bench.log.lines == ["a ada 1"])
    }

    private func end(_ task: Task<Void, any Error>, _ bench: Bench) async throws {
        task.cancel()
        let clock = bench.clock
        let ticking = Task {
            while !Task.isCancelled {
                clock.advance(by: .milliseconds(100))
                try await Task.sleep(for: .milliseconds(1))
            }
        }
        try await task.value
        ticking.cancel()
    }
}
