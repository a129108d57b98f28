import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Provisioning people into a target")
struct ProvisioningTests {
    @Test("a person is looked up, made, and put into each group by a PATCH of its own")
    func create() async throws {
        let bench = try Bench()
        let (engineers, everyone) = (bench.target.addGroup("Engineers"), bench.target.addGroup("Everyone"))
        try await bench.putEverybody(into: ["Engineers", "Everyone"])
        let ada = try await bench.addUser("ada@example.com", ["title": "Engineer"])
        let steps = try await bench.connect()
        #expect(steps.map(\.outcome) == [.ok, .ok, .ok])
        bench.target.forgetRequests()
        try await bench.settle()
        let id = try #require(bench.id(of: "ada@example.com"))
        #expect(
            bench.requests.map(\.line) == [
                "GET /Users?filter=userName%20eq%20%22ada@example.com%22", "POST /Users", "PATCH /Groups/\(engineers)",
                "PATCH /Groups/\(everyone)",
            ])
        #expect(bench.target.user(named: "ada@example.com")?["title"] == "Engineer")
        #expect(bench.memberships == ["Engineers": ["ada@example.com"], "Everyone": ["ada@example.com"]])
        let link = try #require(try await bench.link(ada))
        #expect(link.remoteID == id)
        #expect(link.origin == .created)
        #expect(link.groups == [engineers, everyone])
    }

    @Test("each change of a person is a PUT and one PATCH for each group, repeated even where nothing differs")
    func updateAlways() async throws {
        let bench = try Bench()
        bench.target.addGroup("Engineers")
        try await bench.putEverybody(into: ["Engineers"])
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect()
        try await bench.settle()
        bench.target.forgetRequests()
        try await bench.change(ada, ["nickName": "Countess"])
        try await bench.settle()
        let id = try #require(bench.id(of: "ada@example.com"))
        #expect(bench.writes.map(\.line) == ["PUT /Users/\(id)", "PATCH /Groups/g1"])
        #expect(
            bench.writes.last?.body == [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [["op": "add", "path": "members", "value": [["value": .string(id)]]]],
            ])
    }

    @Test("with only-changes, what does not differ is not sent")
    func updateOnlyChanges() async throws {
        let bench = try Bench()
        bench.target.addGroup("Engineers")
        try await bench.putEverybody(into: ["Engineers"])
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect(["updates": "only-changes"])
        try await bench.settle()
        bench.target.forgetRequests()
        try await bench.change(ada, ["nickName": "Countess"])
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        try await bench.change(ada, ["title": "Analyst"])
        try await bench.settle()
        #expect(bench.writes.map(\.method) == ["PUT"])
        #expect(bench.target.user(named: "ada@example.com")?["title"] == "Analyst")
    }

    @Test("who is deactivated leaves the groups, then becomes inactive; and comes back into them")
    func deactivateAndBack() async throws {
        let bench = try Bench()
        bench.target.addGroup("Engineers")
        try await bench.putEverybody(into: ["Engineers"])
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect()
        try await bench.settle()
        let id = try #require(bench.id(of: "ada@example.com"))
        bench.target.forgetRequests()
        try await bench.change(ada, ["active": false])
        try await bench.settle()
        #expect(bench.writes.map(\.line) == ["PATCH /Groups/g1", "PUT /Users/\(id)"])
        #expect(bench.writes.first?.body["Operations"]?.array?.first?["op"] == "remove")
        #expect(bench.target.user(named: "ada@example.com")?["active"] == false)
        #expect(bench.memberships == ["Engineers": []])
        try await bench.change(ada, ["active": true])
        try await bench.settle()
        #expect(bench.target.user(named: "ada@example.com")?["active"] == true)
        #expect(bench.memberships == ["Engineers": ["ada@example.com"]])
        #expect(bench.target.createCounts == ["ada@example.com": 1])
    }

    @Test("a manager without an account is left out, and filled in once there is one")
    func manager() async throws {
        let bench = try Bench()
        let grace = try await bench.addUser("grace@example.com", ["active": false])
        try await bench.addUser("ada@example.com", [Schema.enterpriseUser.id: ["manager": ["value": .string(grace.id)]]])
        try await bench.connect()
        try await bench.settle()
        #expect(bench.target.user(named: "ada@example.com")?[Schema.enterpriseUser.id] == nil)
        try await bench.change(grace, ["active": true])
        try await bench.settle()
        let id = try #require(bench.id(of: "grace@example.com"))
        #expect(bench.target.user(named: "ada@example.com")?[Schema.enterpriseUser.id]?["manager"]?["value"] == .string(id))
    }

    @Test("an account that is there already is adopted and written; one that is not ours is never touched")
    func adopt() async throws {
        let bench = try Bench()
        bench.target.addUser(["userName": "ada@example.com", "title": "Clerk"])
        bench.target.addUser(["userName": "stranger@example.com", "title": "Clerk"])
        let ada = try await bench.addUser("ada@example.com", ["title": "Engineer"])
        try await bench.connect()
        try await bench.settle()
        #expect(bench.target.user(named: "ada@example.com")?["title"] == "Engineer")
        #expect(bench.target.user(named: "stranger@example.com")?["title"] == "Clerk")
        #expect(bench.target.createCounts.isEmpty)
        #expect(try await bench.link(ada)?.origin == .adopted)
    }

    @Test("matching by one kind of address adopts nobody who has it as another")
    func adoptByFilter() async throws {
        let bench = try Bench()
        bench.target.addUser(["userName": "grace", "emails": [["value": "ada@home.org", "type": "work"]]])
        bench.target.addUser(["userName": "a.l", "emails": [["value": "ada@work.org", "type": "work"]]])
        let ada = try await bench.addUser(
            "ada",
            ["emails": [["value": "ada@home.org", "type": "home", "primary": true], ["value": "ada@work.org", "type": "work"]]])
        try await bench.connect([
            "matching": [#"emails[type eq "work"].value"#],
            "template": [
                "userName": "{$user.username}", "active": "{$user.active}",
                "emails": [
                    ["value": "{$user.email}", "type": "home", "primary": true], ["value": "ada@work.org", "type": "work"],
                ],
            ],
        ])
        try await bench.settle()
        #expect(bench.target.createCounts.isEmpty)
        #expect(bench.target.user(named: "grace")?["emails"] == [["value": "ada@home.org", "type": "work"]])
        #expect(try await bench.link(ada)?.remoteID == "u2" && bench.id(of: "ada") == "u2")
    }

    @Test("two accounts that could be the person's are a person's decision")
    func twoCandidates() async throws {
        let bench = try Bench()
        let first = bench.target.addUser(["userName": "ada1", "externalId": "x"])
        bench.target.addUser(["userName": "ada2", "externalId": "x"])
        let ada = try await bench.addUser("ada@example.com", ["externalId": "x"])
        try await bench.connect([
            "matching": ["externalId", "userName"],
            "template": ["userName": "{$user.username}", "externalId": "{$user.external_id}", "active": "{$user.active}"],
        ])
        try await bench.settle()
        #expect(bench.writes.isEmpty)
        let failed = try #require(try await bench.tasks([.failed]).first)
        #expect(failed.lastError?.contains("2 accounts there have the externalId 'x'") == true)
        try await bench.provisioner.adopt(first, for: ada, at: "app", by: "ada")
        try await bench.settle()
        #expect(bench.target.users.map { $0["userName"] } == ["ada@example.com", "ada2"])
        #expect(try await bench.tasks([]).isEmpty)
    }

    @Test(
        "what leaving the scope means is the target's to say",
        arguments: [("deactivate", false), ("nothing", true), ("delete", nil)] as [(String, Bool?)])
    func leaving(policy: String, active: Bool?) async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect(["leaving": .string(policy)])
        try await bench.settle()
        try await bench.delete(ada)
        try await bench.settle()
        #expect(bench.target.user(named: "ada@example.com")?["active"] == active.map { .boolean($0) })
    }

    @Test("an account is deleted so many days after its person left, unless they come back before")
    func deleteAfter() async throws {
        let bench = try Bench()
        let group = try await bench.addGroup("Staff")
        let (ada, grace) = (try await bench.addUser("ada@example.com"), try await bench.addUser("grace@example.com"))
        try await bench.join(group, [ada, grace])
        try await bench.connect(["leaving": ["deleteAfterDays": 30], "scope": ["groups": ["Staff"]]])
        try await bench.settle()
        #expect(bench.target.users.count == 2)
        try await bench.leave(group, ada)
        try await bench.leave(group, grace)
        try await bench.settle()
        #expect(bench.target.users.map { $0["active"] } == [false, false])
        bench.clock.advance(by: .seconds(29 * 86_400))
        try await bench.join(group, [grace])
        try await bench.settle()
        bench.clock.advance(by: .seconds(2 * 86_400))
        await bench.provisioner.drain()
        try await bench.settle()
        #expect(bench.target.users.map { $0["userName"] } == ["grace@example.com"])
        #expect(bench.target.user(named: "grace@example.com")?["active"] == true)
    }

    @Test("an account that is gone at the target is looked up and made again, once")
    func gone() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect()
        try await bench.settle()
        bench.target.set("ada@example.com", to: nil)
        try await bench.change(ada, ["title": "Analyst"])
        try await bench.settle()
        #expect(bench.target.users.count == 1)
        #expect(bench.target.createCounts == ["ada@example.com": 2])
        #expect(bench.target.user(named: "ada@example.com")?["title"] == "Analyst")
    }

    @Test("groups that the target lacks are made only where it may be, once for all")
    func makeGroups() async throws {
        let bench = try Bench()
        try await bench.putEverybody(into: ["New"])
        for name in ["ada", "grace", "linus"] { try await bench.addUser(name) }
        try await bench.connect()
        try await bench.settle()
        #expect(bench.memberships.isEmpty)
        try await bench.provisioner.save(Bench.definition(["groups": ["create": true]]), in: .default, by: "ada")
        try await bench.settle()
        #expect(bench.memberships == ["New": ["ada", "grace", "linus"]])
        #expect(bench.writes.filter { $0.line == "POST /Groups" }.count == 1)
    }

    @Test("who may not come in stops the target, which is tried again later and resumed by itself")
    func quarantine() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada@example.com")
        try await bench.connect()
        try await bench.settle()
        bench.target.switches.unauthorized = true
        try await bench.change(ada, ["title": "Analyst"])
        await bench.provisioner.drain()
        #expect(try await bench.provisioner.target("app", in: .default).target.row.state == .quarantined)
        let health = try await bench.provisioner.health()
        #expect(health.array?.first?["state"] == "quarantined")
        bench.target.switches.unauthorized = false
        try await bench.settle()
        #expect(try await bench.provisioner.target("app", in: .default).target.row.state == .on)
        #expect(bench.target.user(named: "ada@example.com")?["title"] == "Analyst")
    }
}
