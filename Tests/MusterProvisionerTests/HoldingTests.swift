import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization
import Testing

@Suite("What was planned, approved or held, when things change meanwhile")
struct HoldingTests {
    private static let narrow: AttributeMap = ["scope": ["everyone": true, "filter": "userType eq \"Employee\""]]

    /// Forty people with accounts, a dozen of whom are contractors.
    private func forty(_ bench: Bench, _ more: AttributeMap = [:]) async throws -> [ResourceKey] {
        let people = try await Array(0..<40).asyncMap {
            try await bench.addUser("p\($0)", ["userType": $0 < 12 ? "Contractor" : "Employee"])
        }
        try await bench.connect(more)
        try await bench.settle()
        #expect(bench.target.users.count == 40)
        bench.target.forgetRequests()
        return people
    }

    private func inactive(_ bench: Bench) -> Int { bench.target.users.filter { $0["active"] == false }.count }

    @Test("a scope that is narrowed takes back the creations that wait for those who are out of it")
    func narrowed() async throws {
        let bench = try Bench()
        try await bench.addUser("ada", ["userType": "Employee"])
        try await bench.addUser("bob", ["userType": "Contractor"])
        try await bench.connect(["approval": .null])
        try await bench.settle()
        #expect(try await bench.tasks([.pending]).count == 2)
        var narrow = Self.narrow
        narrow.append("approval", .null)
        try await bench.provisioner.save(Bench.definition(narrow), in: .default, by: "ada")
        try await bench.settle()
        #expect(try await bench.tasks([]).count == 1)
        try await bench.provisioner.approve(.target("app", action: "create"), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.users.map { $0["userName"] } == ["ada"])
    }

    @Test("a scope that is repaired lets go of the removals that the guard holds")
    func repaired() async throws {
        let bench = try Bench()
        _ = try await forty(bench, ["updates": "only-changes"])
        var narrow = Self.narrow
        narrow.append("updates", "only-changes")
        let batch = try #require(try await bench.provisioner.save(Bench.definition(narrow), in: .default, by: "ada").batch)
        try await bench.settle()
        #expect(try await bench.tasks([.parked]).filter(\.isRemoval).count == 12)
        try await bench.provisioner.save(Bench.definition(["updates": "only-changes"]), in: .default, by: "ada")
        try await bench.settle()
        #expect(try await bench.tasks([]).isEmpty)
        _ = try? await bench.provisioner.approve(.batch(batch.id), in: .default, by: "grace")
        try await bench.settle()
        #expect(inactive(bench) == 0 && bench.writes.isEmpty)
    }

    @Test("taking a group's assignment back is one act: too many members are held together")
    func unassigned() async throws {
        let bench = try Bench()
        let people = try await Array(0..<40).asyncMap { try await bench.addUser("p\($0)") }
        let (staff, guests) = (
            try await bench.addGroup("Staff", Array(people.suffix(28))), try await bench.addGroup("Guests", Array(people.prefix(12)))
        )
        try await bench.connect(["scope": [:]])
        for group in [staff, guests] { try await bench.provisioner.assign(group, to: "app", by: "ada") }
        try await bench.settle()
        #expect(bench.target.users.count == 40)
        try await bench.provisioner.unassign(guests, from: "app", by: "ada")
        try await bench.settle()
        #expect(inactive(bench) == 0)
        let parked = try await bench.tasks([.parked])
        #expect(parked.count == 12 && Set(parked.map(\.batch)).count == 1)
        try await bench.provisioner.approve(.batch(try #require(parked.first?.batch)), in: .default, by: "grace")
        try await bench.settle()
        #expect(inactive(bench) == 12)
    }

    @Test("what the guard holds stays held whatever is done with its person")
    func held() async throws {
        let bench = try Bench()
        let people = try await forty(bench)
        let batch = try #require(try await bench.provisioner.save(Bench.definition(Self.narrow), in: .default, by: "ada").batch)
        try await bench.settle()
        try await bench.change(people[0], ["title": "Clerk"])
        _ = try await bench.provisioner.provision(people[1].id, at: "app", in: .default, by: "ada")
        try await bench.provisioner.assign(people[2], to: "app", by: "ada")
        try await bench.provisioner.unassign(people[2], from: "app", by: "ada")
        _ = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        try await bench.settle()
        #expect(inactive(bench) == 0)
        #expect(try await bench.tasks([.parked]).filter { $0.batch == batch.id && $0.isRemoval }.count == 12)
    }

    @Test("whom a script makes inactive loses the account as anybody does: by a deletion's approval, and the guard counts it")
    func switchedOffByScript() async throws {
        let isOff = Mutex(false)
        let bench = try Bench(
            hooks: ProvisioningHooks(map: { document, person, _ in
                guard isOff.withLock({ $0 }), person.user["userType"] == "Contractor", case .complex(var map) = document else {
                    return .document(document)
                }
                map["active"] = false
                return .document(.complex(map))
            }))
        let people = try await forty(bench, ["approval": ["create": false, "update": false, "groups": false]])
        isOff.withLock { $0 = true }
        for person in people { try await bench.change(person, ["title": "Clerk"]) }
        try await bench.settle()
        #expect(inactive(bench) == 0)
        let waiting = try await bench.tasks([.pending, .parked])
        #expect(waiting.count == 12 && waiting.allSatisfy { $0.isRemoval && $0.action == "deactivate" })
        #expect(waiting.contains { $0.state == .parked })
    }

    @Test(
        "an approved plan is not sent to somebody who left meanwhile",
        arguments: [["active": false], ["userType": "Contractor"]] as [AttributeMap])
    func approvedTooLate(change: AttributeMap) async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada", ["userType": "Employee"])
        var definition = Self.narrow
        definition.append("approval", .null)
        try await bench.connect(definition)
        try await bench.settle()
        try await bench.provisioner.approve(.target("app", action: nil), in: .default, by: "grace")
        // The change is in the directory, and its event has not come yet.
        try await bench.changeSilently(ada, change)
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        #expect(try await bench.tasks([]).isEmpty)
    }

    @Test("two whose accounts are one are left to a person, without asking the target again and again")
    func sharedAccount() async throws {
        let bench = try Bench()
        try await bench.connect()
        let ada = try await bench.addUser("ada")
        try await bench.settle()
        // Bob's creation was cut off, and his look-up finds what is ada's.
        let bob = try await bench.addUser("bob")
        let link = try #require(try await bench.link(ada))
        try await bench.store.write { transaction in
            try transaction.save(
                TargetLink(
                    target: "app", subject: bob, remoteID: nil, origin: .created, document: link.document, updated: link.updated))
        }
        bench.target.forgetRequests()
        try await bench.settle()
        let failed = try #require(try await bench.tasks([.failed]).first)
        #expect(failed.subject == bob && failed.lastError?.contains("belongs to another person") == true)
        #expect(bench.requests.count < 5)
    }

    @Test("the audit says whose account was given to whom, and into which groups somebody was assigned")
    func audited() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada")
        try await bench.connect(["scope": [:]])
        try await bench.provisioner.assign(ada, to: "app", groups: ["Engineers"], by: "grace")
        try await bench.provisioner.adopt("77", for: ada, at: "app", by: "grace")
        let details = try await bench.provisioner.audit(in: .default).reduce(into: [String: AttributeValue]()) {
            $0[$1.act] = try? AttributeValue(json: $1.detail)
        }
        #expect(details["target.assign"]?["groups"] == ["Engineers"])
        #expect(details["target.adopt"]?["remoteID"] == "77" && details["target.adopt"]?["id"] == .string(ada.id))
    }

    @Test("where everything is answered 404, nobody counts as removed, and no account is forgotten", arguments: [true, false])
    func wrongPlace(isActive: Bool) async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        let link = try #require(try await bench.link(ada))
        bench.target.switches.isElsewhere = true
        await #expect(throws: ProvisionerError(.target, "")) { _ = try await bench.provisioner.reconcile("app", in: .default, by: "ada") }
        try await bench.change(ada, ["active": .boolean(isActive), "title": "Clerk"])
        await bench.provisioner.drain()
        #expect(try await bench.link(ada)?.remoteID == link.remoteID)
        bench.target.switches.isElsewhere = false
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["active"] == .boolean(isActive))
        #expect(bench.target.user(named: "ada")?["title"] == "Clerk" && bench.target.users.count == 1)
    }

    @Test("accounts that are gone by the dozen are held before they are made again")
    func goneByTheDozen() async throws {
        let bench = try Bench()
        _ = try await forty(bench)
        for number in 0..<12 { bench.target.set("p\(number)", to: nil) }
        let report = try await bench.provisioner.reconcile("app", in: .default, by: "ada")
        #expect(report.counts[.missing] == 12 && report.batch?.isParked == true)
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        try await bench.provisioner.approve(.batch(try #require(report.batch?.id)), in: .default, by: "grace")
        try await bench.settle()
        #expect(bench.target.users.count == 40)
    }

    @Test("no group keeps a leaver's account open: where it does not let them go, they are switched off all the same")
    func stubbornGroup() async throws {
        let bench = try Bench()
        bench.target.addGroup("Engineers")
        try await bench.putEverybody(into: ["Engineers"])
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        bench.target.switches.refusesRemovals = true
        try await bench.change(ada, ["active": false])
        try await bench.settle()
        #expect(inactive(bench) == 1)
        #expect(try await bench.tasks([.failed]).first?.lastError?.contains("/Groups/") == true, "somebody has to look at it")
    }

    @Test("what was rejected is decided: what comes later is not held with it")
    func rejectedFlood() async throws {
        let bench = try Bench()
        let people = try await forty(bench)
        let batch = try #require(try await bench.provisioner.save(Bench.definition(Self.narrow), in: .default, by: "ada").batch)
        try await bench.settle()
        try await bench.provisioner.reject(.batch(batch.id), reason: "a mishap", in: .default, by: "grace")
        try await bench.change(people[0], ["userType": "Employee", "title": "Clerk"])
        try await bench.settle()
        #expect(bench.target.user(named: "p0")?["title"] == "Clerk")
        #expect(try await bench.tasks([.parked]).isEmpty)
    }

    @Test("an edit that takes nothing away does not let go what the guard holds")
    func editedMeanwhile() async throws {
        let bench = try Bench()
        let people = try await forty(bench)
        for person in people.prefix(10) {
            try await bench.change(person, ["active": false])
            try await bench.settle()
        }
        #expect(inactive(bench) == 5)
        bench.clock.advance(by: .seconds(86_400))
        try await bench.provisioner.save(Bench.definition(["headers": ["X-Site": "one"]]), in: .default, by: "ada")
        try await bench.settle()
        #expect(inactive(bench) == 5)
        #expect(try await bench.tasks([.parked]).filter(\.isRemoval).count == 5)
    }

    @Test("removals that wait for their approval are counted among the active, once")
    func share() async throws {
        let bench = try Bench()
        let people = try await forty(bench, ["approval": ["create": false, "update": false, "groups": false], "guard": ["percent": 50]])
        for person in people.prefix(25) { try await bench.change(person, ["active": false]) }
        try await bench.settle()
        #expect(try await bench.tasks([.pending]).isEmpty)
        #expect(try await bench.tasks([.parked]).count == 25, "the 21st of forty is more than half, and takes the others along")
    }

    @Test("an account that nobody of us may touch is left to a person, and the others go on")
    func untouchable() async throws {
        let bench = try Bench()
        let people = try await forty(bench)
        bench.target.switches.forbiddenUserNames = ["p7"]
        for person in people.prefix(15) { try await bench.change(person, ["title": "Clerk"]) }
        try await bench.settle()
        #expect(try await bench.provisioner.health().array?.first?["state"] == "on")
        #expect(try await bench.tasks([.failed]).map(\.subject) == [people[7]])
        #expect(bench.target.users.filter { $0["title"] == "Clerk" }.count == 14)
    }

    @Test("a claim that ended keeps nobody from being provisioned by hand")
    func endedClaim() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.store.write { [clock = bench.clock] transaction in
            var task = try #require(try transaction.provisioningTask(for: ada, at: "app"))
            (task.leasedUntil, task.isByHand) = (clock.now + .seconds(5), true)
            try transaction.update(task)
        }
        await #expect(throws: ProvisionerError(.conflict, "")) {
            _ = try await bench.provisioner.provision("ada", at: "app", in: .default, by: "grace")
        }
        bench.clock.advance(by: .seconds(5))
        #expect(try await bench.provisioner.provision("ada", at: "app", in: .default, by: "grace").isGood)
        #expect(bench.target.users.count == 1)
    }

    @Test("an edit that was cut off before everybody was planned anew is made up for")
    func cutOff() async throws {
        let bench = try Bench()
        try await bench.addUser("ada", ["userType": "Employee"])
        try await bench.addUser("bob", ["userType": "Contractor"])
        try await bench.connect()
        try await bench.settle()
        // What the edit wrote before it was cut off.
        try await bench.store.write { [clock = bench.clock] transaction in
            var row = try #require(try transaction.provisioningTarget("app", in: .default))
            row.definition = Bench.definition(Self.narrow).jsonBytes
            try transaction.update(row)
            try transaction.setSetting("provisioning.replan.app:default", "edit \(clock.now.milliseconds)")
        }
        try await bench.settle()
        #expect(inactive(bench) == 0)
        bench.clock.advance(by: .seconds(1000))
        try await bench.settle()
        #expect(inactive(bench) == 1)
        #expect(try await bench.store.read { try $0.setting("provisioning.replan.app:default") } == "")
    }
}
