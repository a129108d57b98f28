import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Approvals and the delete guard")
struct ApprovalTests {
    private static let all: AttributeMap = ["approval": .null]

    @Test("everything waits for approval at first; what is approved is sent exactly as it was shown")
    func approve() async throws {
        let bench = try Bench()
        bench.target.addGroup("Engineers")
        try await bench.putEverybody(into: ["Engineers"])
        try await bench.addUser("ada@example.com")
        try await bench.connect(Self.all)
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        let detail = try #require(try await bench.provisioner.plans(ProvisioningTaskQuery(states: [.pending])).first)
        #expect(detail.name == "ada@example.com")
        let plan = try #require(detail.plan)
        #expect(plan.action == .create)
        #expect(plan.operations.map { "\($0.method) \($0.path)" } == ["POST /Users", "PATCH /Groups/g1"])
        let done = try await bench.provisioner.approve(.numbers([detail.task.number]), in: .default, by: "grace")
        #expect(done.ready == 1)
        try await bench.settle()
        let id = try #require(bench.id(of: "ada@example.com"))
        #expect(bench.writes.map(\.line) == ["POST /Users", "PATCH /Groups/g1"])
        #expect(bench.writes.first?.body == plan.operations.first?.body)
        #expect(bench.writes.last?.body["Operations"]?.array?.first?["value"] == [["value": .string(id)]])
        let audit = try await bench.provisioner.audit(in: .default)
        #expect(audit.contains { $0.actor == "grace" && $0.act == "approval.approve" && $0.object == String(detail.task.number) })
    }

    @Test("a plan tells whoever approves it that a custom field is there in another spelling only")
    func spelling() async throws {
        let bench = try Bench()
        try await bench.addUser("ada@example.com", ["urn:example:site": ["weight": 61]])
        try await bench.connect(["approval": .null, "customFields": ["Weight": "{$user.custom_fields.Weight}"]])
        try await bench.settle()
        let plan = try #require(try await bench.provisioner.plans(ProvisioningTaskQuery(states: [.pending])).first?.plan)
        #expect(plan.notes == ["there is no custom field 'Weight', but 'weight': names count with their case"])
        #expect(plan.document?["Weight"] == nil && plan.document?["weight"] == nil)
    }

    @Test("a newer change replaces the plan: the old one can no longer be approved")
    func stale() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com", ["title": "Clerk"])
        try await bench.connect(Self.all)
        try await bench.settle()
        let old = try #require(try await bench.tasks([.pending]).first)
        try await bench.change(ada, ["title": "Engineer"])
        try await bench.settle()
        await #expect(throws: ProvisionerError(.notFound, "")) {
            try await bench.provisioner.approve(.numbers([old.number]), in: .default, by: "grace")
        }
        let new = try #require(try await bench.tasks([.pending]).first)
        #expect(ProvisioningPlan(bytes: new.plan)?.document?["title"] == "Engineer")
    }

    @Test("where two administrators are wanted, one is not enough, and the same one counts once")
    func twoAdministrators() async throws {
        let bench = try Bench()
        try await bench.addUser("ada@example.com")
        try await bench.connect(["approval": ["approvers": 2]])
        try await bench.settle()
        let number = try #require(try await bench.tasks([.pending]).first?.number)
        for _ in 0..<2 { try await bench.provisioner.approve(.numbers([number]), in: .default, by: "grace") }
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        try await bench.provisioner.approve(.numbers([number]), in: .default, by: "linus")
        try await bench.settle()
        #expect(bench.target.users.count == 1)
    }

    @Test("what is rejected stays as it is until a newer change")
    func reject() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect(Self.all)
        try await bench.settle()
        let count = try await bench.provisioner.reject(.target("app", action: nil), reason: "not yet", in: .default, by: "grace")
        #expect(count == 1)
        try await bench.settle()
        #expect(try await bench.tasks([.rejected]).first?.lastError == "rejected by grace: not yet")
        try await bench.change(ada, ["title": "Engineer"])
        try await bench.settle()
        #expect(try await bench.tasks([.pending]).count == 1)
    }

    @Test("a rule that would deactivate 30 % is parked as a whole, and approving it applies exactly that")
    func deleteGuard() async throws {
        let bench = try Bench()
        for number in 0..<40 { try await bench.addUser("p\(number)", ["userType": number < 12 ? "Contractor" : "Employee"]) }
        try await bench.connect()
        try await bench.settle()
        #expect(bench.target.users.count == 40)
        bench.target.forgetRequests()
        let edited = Bench.definition(["scope": ["everyone": true, "filter": "userType eq \"Employee\""]])
        let batch = try #require(try await bench.provisioner.save(edited, in: .default, by: "ada").batch)
        #expect(batch.isParked)
        #expect(batch.removals == 12)
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        let parked = try await bench.tasks([.parked])
        #expect(parked.filter(\.isRemoval).count == 12)
        #expect(try await bench.provisioner.health().array?.first?["parked"]?.array?.first?["batch"] == .string(batch.id))
        // An approval of everything that waits does not mean what the guard holds.
        #expect(try await bench.provisioner.approve(.target("app", action: nil), in: .default, by: "grace").approved == 0)
        try await bench.provisioner.approve(.batch(batch.id), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.users.filter { $0["active"] == false }.count == 12)
        #expect(Set(bench.target.users.filter { $0["active"] == false }.map { $0["userName"] }) == Set((0..<12).map { .string("p\($0)") }))
        let sent = bench.writes.filter { $0.body["active"] == false }.map { "\($0.line) \($0.body.jsonText)" }
        let planned = parked.filter(\.isRemoval).compactMap { ProvisioningPlan(bytes: $0.plan) }.flatMap(\.operations)
        #expect(Set(sent) == Set(planned.map { "\($0.method) \($0.path) \($0.body?.jsonText ?? "")" }))
        #expect(try await bench.tasks([]).isEmpty)
    }

    @Test("people who are deactivated one by one are counted together")
    func rollingGuard() async throws {
        let bench = try Bench()
        let people = try await Array(0..<40).asyncMap { try await bench.addUser("p\($0)") }
        try await bench.connect()
        try await bench.settle()
        for person in people.prefix(20) {
            try await bench.change(person, ["active": false])
            try await bench.settle()
        }
        // Five may be, whatever their share.
        #expect(bench.target.users.filter { $0["active"] == false }.count == 5)
        let parked = try await bench.tasks([.parked])
        #expect(parked.count == 15)
        let batch = try #require(parked.first?.batch)
        try await bench.provisioner.approve(.batch(batch), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.users.filter { $0["active"] == false }.count == 20)
    }

    @Test("a batch that the delete guard holds is decided as a whole: not before all of it is planned, nor where nothing of it waits")
    func wholeBatch() async throws {
        let bench = try Bench()
        for number in 0..<40 { try await bench.addUser("p\(number)", ["userType": number < 12 ? "Contractor" : "Employee"]) }
        try await bench.connect()
        try await bench.settle()
        let edited = Bench.definition(["scope": ["everyone": true, "filter": "userType eq \"Employee\""]])
        let batch = try #require(try await bench.provisioner.save(edited, in: .default, by: "ada").batch)
        #expect(batch.isParked)
        for id in [batch.id, "guard-typo", "typo"] {
            await #expect(throws: ProvisionerError(.conflict, "")) {
                try await bench.provisioner.approve(.batch(id), in: .default, by: "grace")
            }
            await #expect(throws: ProvisionerError(.conflict, "")) {
                try await bench.provisioner.reject(.batch(id), reason: nil, in: .default, by: "grace")
            }
        }
        try await bench.settle()
        let parked = try await bench.tasks([.parked]).count
        #expect(try await bench.provisioner.approve(.batch(batch.id), in: .default, by: "grace").approved == parked)
        try await bench.settle()
        #expect(bench.target.users.filter { $0["active"] == false }.count == 12)
    }
}
