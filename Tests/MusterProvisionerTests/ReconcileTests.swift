import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Synchronization
import Testing

@Suite("Reconciling a target")
struct ReconcileTests {
    @Test("missing, extra, different and unmanaged are told apart, and put right as far as they are ours")
    func kinds() async throws {
        let bench = try Bench()
        let people = try await Array(0..<5).asyncMap { try await bench.addUser("p\($0)", ["title": "Engineer"]) }
        try await bench.connect()
        try await bench.settle()
        bench.target.set("p0", to: nil)
        bench.target.set("p1", to: ["title": "Impostor"])
        try await bench.change(people[2], ["active": false])
        try await bench.settle()
        bench.target.set("p2", to: ["active": true])
        bench.target.addUser(["userName": "stranger"])
        let seen = Mutex<[String]>([])
        let plan = try await bench.provisioner.reconcile("app", in: .default, planOnly: true, by: "ada") { progress in
            seen.withLock { if $0.last != progress.phase { $0.append(progress.phase) } }
        }
        #expect(
            Set(plan.differences.map { "\($0.kind.rawValue) \($0.name)" }) == [
                "missing p0", "different p1", "extra p2", "unmanaged stranger",
            ])
        #expect(plan.differences.first { $0.name == "p1" }?.lines == [#"title: "Impostor" there, "Engineer" here"#])
        #expect(plan.batch == nil)
        #expect(seen.withLock { $0 }.starts(with: ["people", "accounts", "missing"]))
        try await bench.settle()
        #expect(bench.target.user(named: "p1")?["title"] == "Impostor")
        let done = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(done.enqueued == 3)
        try await bench.settle()
        #expect(bench.target.user(named: "p0")?["title"] == "Engineer")
        #expect(bench.target.user(named: "p1")?["title"] == "Engineer")
        #expect(bench.target.user(named: "p2")?["active"] == false)
        #expect(bench.target.user(named: "stranger")?["active"] == nil)
        #expect(try await !bench.provisioner.reconcile("app", in: .default, by: "ada").hasDrift)
    }

    @Test("one that is cut off goes on where it was")
    func resume() async throws {
        let bench = try Bench()
        for number in 0..<30 { try await bench.addUser("p\(number)") }
        try await bench.connect(["dialect": ["pageSize": 10]])
        try await bench.settle()
        bench.target.forgetRequests()
        let pages = Mutex(0)
        await #expect(throws: ProvisionerError(.target, "")) {
            try await bench.provisioner.reconcile("app", in: .default, by: "ada") { progress in
                guard progress.phase == "accounts" else { return }
                if pages.withLock({
                    $0 += 1; return $0
                }) == 2 {
                    bench.target.switches.unauthorized = true
                }
            }
        }
        bench.target.switches.unauthorized = false
        bench.target.forgetRequests()
        let report = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(report.accounts == 30)
        #expect(bench.requests.filter { $0.path.hasPrefix("/Users?") }.map(\.path) == ["/Users?count=10&startIndex=21"])
        #expect(!report.hasDrift)
    }

    @Test("an incremental one reads what changed there since")
    func incremental() async throws {
        let bench = try Bench()
        try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        #expect(try await bench.provisioner.reconcile("app", in: .default, mode: .incremental, by: "ada").mode == .full)
        bench.target.forgetRequests()
        #expect(try await bench.provisioner.reconcile("app", in: .default, mode: .incremental, by: "ada").mode == .incremental)
        #expect(bench.requests.contains { $0.path.hasPrefix("/Users?") && $0.path.contains("meta.lastModified%20gt") })
    }

    @Test("more that would be taken away than the guard allows is parked as a whole")
    func guarded() async throws {
        let bench = try Bench()
        let people = try await Array(0..<20).asyncMap { try await bench.addUser("p\($0)") }
        try await bench.connect(["guard": ["count": 20]])
        try await bench.settle()
        for person in people.prefix(10) { try await bench.change(person, ["active": false]) }
        try await bench.settle()
        try await bench.provisioner.save(Bench.definition(), in: .default, by: "ada")
        try await bench.settle()
        for number in 0..<10 { bench.target.set("p\(number)", to: ["active": true]) }
        let report = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(report.batch?.isParked == true)
        bench.target.forgetRequests()
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        try await bench.provisioner.approve(.batch(try #require(report.batch?.id)), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.users.filter { $0["active"] == false }.count == 10)
    }
}
