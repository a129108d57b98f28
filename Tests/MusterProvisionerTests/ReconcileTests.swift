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

    @Test("looking alone does not keep an incremental one from finding it later, and is told apart in the audit")
    func lookingOnly() async throws {
        let bench = try Bench()
        try await bench.addUser("ada", ["title": "Engineer"])
        try await bench.connect()
        try await bench.settle()
        bench.target.set("ada", to: ["title": "Impostor", "meta": ["lastModified": .string(bench.clock.now.dateTime)]])
        bench.clock.advance(by: .seconds(60))
        #expect(try await bench.provisioner.reconcile("app", in: .default, planOnly: true, by: "ada").hasDrift)
        let settings = try await bench.store.read { try $0.setting("provisioning.reconciled.app:default") }
        #expect(settings?.isEmpty ?? true)
        let details = try await bench.provisioner.audit(in: .default).filter { $0.act == "target.reconcile" }.map(\.detail)
        #expect(try details.map { try AttributeValue(json: $0) } == [["planOnly": true, "mode": "full"]])
    }

    @Test("what a person no longer has is taken from the account too, by PATCH as by PUT", arguments: ["put", "patch"])
    func leftovers(update: String) async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada", ["title": "Engineer"])
        let dialect: AttributeMap = ["dialect": ["update": .string(update)]]
        try await bench.connect(dialect)
        try await bench.settle()
        // Somebody changes the department there, and the event of the lost title has not come.
        bench.target.set("ada", to: ["displayName": "Impostor"])
        try await bench.changeSilently(ada, ["title": .null])
        let report = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(
            Set(report.differences.flatMap(\.lines)) == [
                #"displayName: "Impostor" there, "Given Family1" here"#, #"title: "Engineer" there, nothing here"#,
            ])
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["title"] == nil && bench.target.user(named: "ada")?["displayName"] == "Given Family1")
        #expect(try await !bench.provisioner.reconcile("app", in: .default, by: "ada").hasDrift)
    }

    @Test("an attribute that no account gives back is named, and does not count once the definition says so")
    func notReturned() async throws {
        let bench = try Bench(FakeTarget.Switches { $0.forgets = ["title"] })
        for number in 0..<4 { try await bench.addUser("p\(number)", ["title": "Engineer"]) }
        try await bench.connect()
        try await bench.settle()
        let report = try await bench.provisioner.reconcile("app", in: .default, planOnly: true, by: "ada")
        #expect(report.counts[.different] == 4)
        #expect(report.notes == ["no account there has 'title'; where the target never gives it back, name it in dialect.notReturned"])
        try await bench.connect(["dialect": ["notReturned": ["title"]]])
        try await bench.settle()
        bench.target.forgetRequests()
        let quiet = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(quiet.differences.isEmpty && quiet.notes.isEmpty && bench.writes.isEmpty)
    }

    @Test("an account is matched by what comes first, by what comes later, and by nobody where several have it")
    func matching() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada", ["externalId": "7"])
        try await bench.addUser("bob", ["title": "shared"])
        try await bench.addUser("carl", ["title": "shared"])
        try await bench.connect([
            "matching": ["title", "userName"], "approval": .null,
            "template": ["userName": "{$user.username}", "title": "{$user.title}"],
        ])
        bench.target.addUser(["userName": "ada"])
        bench.target.addUser(["userName": "somebody", "title": "shared"])
        let report = try await bench.provisioner.reconcile("app", in: .default, planOnly: true, by: "ada")
        let unmanaged = report.differences.filter { $0.kind == .unmanaged }
        #expect(unmanaged.first { $0.name == "ada" }?.person == ada.id)
        let shared = try #require(unmanaged.first { $0.name == "somebody" })
        #expect(shared.person == nil && shared.lines[0].hasPrefix("matches 2 people"))
        #expect(report.differences.filter { $0.kind == .missing }.map(\.name) == ["bob", "carl"])
    }

    @Test("groups that concern nobody are not read")
    func groupsRead() async throws {
        let bench = try Bench()
        for group in ["Engineers", "Strangers"] { bench.target.addGroup(group) }
        try await bench.putEverybody(into: ["Engineers"])
        try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        bench.target.forgetRequests()
        _ = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(bench.requests.filter { $0.path.hasPrefix("/Groups/") }.map(\.line) == ["GET /Groups/g1"])
    }

    @Test("another base URL is another target: nothing is taken over from the reconciliations of the old one")
    func anotherTarget() async throws {
        let bench = try Bench()
        try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        func mode() async throws -> ReconcileMode {
            try await bench.provisioner.reconcile("app", in: .default, mode: .incremental, by: "ada").mode
        }
        #expect(try await [mode(), mode()] == [.full, .incremental])
        try await bench.provisioner.save(Bench.definition(["baseURL": "https://app.example.com/scim/v2/"]), in: .default, by: "ada")
        #expect(try await mode() == .full)
        try await bench.provisioner.deleteTarget("app", in: .default, by: "ada")
        try await bench.connect()
        #expect(try await mode() == .full)
    }
}
