import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Working on what is due")
struct WorkingTests {
    @Test("several may wait for the work to end while it goes on, and all see the end of it", .timeLimit(.minutes(1)))
    func drainBesideRun() async throws {
        let bench = try Bench(FakeTarget.Switches { $0.delay = .milliseconds(1) })
        for number in 0..<30 { try await bench.addUser("p\(number)") }
        try await bench.connect()
        let running = Task { await bench.provisioner.run() }
        await withTaskGroup { group in
            for _ in 0..<3 { group.addTask { await bench.provisioner.drain() } }
        }
        #expect(bench.target.users.count == 30)
        #expect(try await bench.tasks([]).isEmpty)
        #expect(bench.target.createCounts.values.allSatisfy { $0 == 1 })
        running.cancel()
        await running.value
    }
}
