import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM
import Testing

@testable import MusterAdmin

@Suite("Approvals over the administration door")
struct ApprovalRouteTests {
    /// A target that is on, with a plan for each person that waits.
    private func run(_ definition: AttributeMap = [:], _ body: @Sendable (AdminRig, AdminRig.Client) async throws -> Void) async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            var more: AttributeMap = ["scope": ["everyone": true]]
            for member in definition.members { more[member.name] = member.value }
            try await client.connectApp(more)
            await rig.provisioner.drain()
            try await body(rig, client)
        }
    }

    @Test("plans are listed and shown with what they send and change")
    func shown() async throws {
        try await run { _, client async throws in
            let all = try await client.send(.get, "/approvals").items
            #expect(all.map { $0["name"] } == ["ada@example.com", "bob@example.com"])
            #expect(all.allSatisfy { $0["state"] == "pending" && $0["action"] == "create" && $0["missingApprovals"] == 1 })
            let page = try await client.send(.get, "/approvals?limit=1&target=app&state=pending,parked&action=create")
            #expect(page.items == [all[0]])
            let next = try #require(page["next"]?.string)
            #expect(try await client.send(.get, "/approvals?limit=1&after=\(next)").items == [all[1]])
            #expect(try await client.send(.get, "/approvals?state=failed").items.isEmpty)
            let number = try #require(all[0]["number"]?.integer)
            let plan = try await client.send(.get, "/approvals/\(number)")
            #expect(plan["plan"]?["operations"]?.array?.first?["method"] == "POST" && plan["before"] == nil)
            #expect(plan["after"]?["userName"] == "ada@example.com")
            #expect(
                plan["changes"]?.array?.contains(["path": "userName", "to": "ada@example.com"]) == true, "\(plan.text)")
        }
    }

    @Test("a list that makes no sense is refused")
    func queries() async throws {
        try await run { _, client async throws in
            #expect(try await client.send(.get, "/approvals?state=waiting").isError(400, "pending"))
            #expect(try await client.send(.get, "/approvals?action=make").isError(400, "create"))
            #expect(try await client.send(.get, "/approvals?after=x").isError(400, "next"))
            #expect(try await client.send(.get, "/approvals?target=none").isError(404, "none"))
            for number in ["0", "x", "4711"] { #expect(try await client.send(.get, "/approvals/\(number)").isError(404)) }
        }
    }

    @Test("an approved plan is carried out, and a second approval of it is a conflict")
    func approve() async throws {
        try await run { rig, client async throws in
            let numbers = try await client.send(.get, "/approvals").items.compactMap { $0["number"] }
            let approved = try await client.send(.post, "/approvals/approve", ["numbers": .array([numbers[0]])])
            #expect(approved.body == ["approved": 1, "ready": 1])
            // One that is stale keeps the other from being decided with it.
            #expect(try await client.send(.post, "/approvals/approve", ["numbers": .array(numbers)]).isError(409, "nothing was decided"))
            await rig.provisioner.drain()
            #expect(try await client.send(.get, "/approvals").items.compactMap { $0["number"] } == [numbers[1]])
            #expect(try await client.send(.get, "/targets/app/records").items.map { $0["action"] } == ["create"])
            #expect(try await client.send(.get, "/targets/app")["activeAccounts"] == 1)
            let number = try #require(numbers[0].integer)
            #expect(try await client.acts() == ["target.create app", "target.connect app", "approval.approve \(number)"])
        }
    }

    @Test("all of a target is approved at once, where several must agree each counts once")
    func several() async throws {
        try await run(["approval": ["approvers": 2]]) { rig, client async throws in
            let selection: AttributeValue = ["target": "app", "action": "create"]
            #expect(try await client.send(.post, "/approvals/approve", selection).body == ["approved": 2, "ready": 0])
            #expect(try await client.send(.post, "/approvals/approve", selection).body == ["approved": 0, "ready": 0])
            #expect(try await client.send(.get, "/approvals").items.allSatisfy { $0["missingApprovals"] == 1 })
            let second = try await rig.token("admin", name: "bert")
            #expect(
                try await client.send(.post, "/approvals/approve", selection, token: second).body == ["approved": 2, "ready": 2])
        }
    }

    @Test("a rejected plan stays with its reason, and a batch is decided as a whole")
    func reject() async throws {
        try await run { _, client async throws in
            let batch = try #require(try await client.send(.get, "/approvals").items[0]["batch"])
            let rejected = try await client.send(.post, "/approvals/reject", ["batch": batch, "reason": "not now"])
            #expect(rejected.body == ["rejected": 2])
            #expect(try await client.send(.get, "/approvals").items.isEmpty)
            let stayed = try await client.send(.get, "/approvals?state=rejected").items
            #expect(stayed.count == 2 && stayed[0]["lastError"] == "rejected by anna: not now")
            #expect(try await client.send(.get, "/audit?limit=1").items[0]["detail"]?["reason"] == "not now")
        }
    }

    @Test(
        "a selection that is none is refused",
        arguments: [
            #"{}"#, #"{"numbers": []}"#, #"{"numbers": ["1"]}"#, #"{"numbers": [1, 1]}"#, #"{"numbers": [1], "batch": "b"}"#,
            #"{"batch": "b", "action": "create"}"#, #"{"target": "app", "action": "make"}"#, #"{"target": ""}"#, #"{"all": true}"#, "[]",
        ])
    func selections(text: String) async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            for act in ["approve", "reject"] { #expect(try await client.send(.post, "/approvals/\(act)", raw: text).isError(400)) }
            #expect(try await client.send(.post, "/approvals/approve", ["target": "none"]).isError(404, "none"))
            #expect(try await client.send(.post, "/approvals/approve", ["numbers": [4711]]).isError(409, "4711"))
            for act in ["approve", "reject"] {
                #expect(try await client.send(.post, "/approvals/\(act)", ["batch": "typo"]).isError(409, "'typo'"))
            }
            #expect(try await client.acts().isEmpty)
        }
    }
}
