import HTTPTypes
import MusterCore
import SCIM
import Testing

@testable import MusterAdmin

@Suite("Targets over the administration door")
struct TargetRouteTests {
    @Test("a target is made, shown, replaced and removed, and each act is in the audit")
    func life() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let made = try await client.send(.post, "/targets", AdminRig.definition())
            #expect(made.status == 201 && made["state"] == "off" && made.headers[.location] == "targets/app")
            let shown = try await client.send(.get, "/targets/app")
            #expect(shown["definition"] == AdminRig.definition() && shown["accounts"] == 0)
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).isError(409, "PUT /targets/app"))
            // What was answered may be sent back, and changes nothing.
            #expect(try await client.send(.put, "/targets/app", shown["definition"]).status == 200)
            #expect(try await client.send(.put, "/targets/app", AdminRig.definition(nil, ["leaving": "delete"])).status == 200)
            #expect(try await client.send(.get, "/targets/app")["definition"]?["leaving"] == "delete")
            #expect(try await client.send(.put, "/targets/app", AdminRig.definition("other")).isError(400, "keeps its name"))
            #expect(try await client.send(.delete, "/targets/app").status == 204)
            for method in [HTTPRequest.Method.get, .delete] { #expect(try await client.send(method, "/targets/app").isError(404, "app")) }
            #expect(try await client.acts() == ["target.create app", "target.change app", "target.delete app"])
            #expect(try await client.send(.get, "/audit").items[1]["detail"] == ["changed": ["leaving"]])
        }
    }

    @Test("a definition that cannot be used is 400 with all findings, and a secret in it is not repeated")
    func findings() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let definition = AdminRig.definition(
                "app", ["baseURL": "ftp://x", "authentication": ["type": "bearer", "token": .string(AdminRig.secret)]])
            let refused = try await client.send(.post, "/targets", definition)
            #expect(refused.isError(400))
            let findings = refused["findings"]?.array ?? []
            #expect(findings.count == 2 && findings.allSatisfy { $0["severity"] == "error" && $0["summary"]?.string?.isEmpty == false })
            #expect(findings.contains { $0["path"] == "baseURL" } && findings.contains { $0["path"] == "authentication.token" })
            #expect(try await client.send(.post, "/targets", ["preset": "rfc"]).isError(400, "name"))
            #expect(try await client.send(.put, "/targets/app", []).isError(400))
            #expect(try await client.acts().isEmpty)
        }
    }

    @Test("the list goes on where the page before ended")
    func pages() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            for name in ["c", "a", "b"] {
                #expect(try await client.send(.put, "/targets/\(name)", AdminRig.definition(nil)).status == 201)
            }
            let first = try await client.send(.get, "/targets?limit=2")
            #expect(first.items.map { $0["name"] } == ["a", "b"] && first["next"] == "b")
            let last = try await client.send(.get, "/targets?limit=2&after=b")
            #expect(last.items.map { $0["name"] } == ["c"] && last["next"] == nil)
        }
    }

    @Test("a connection is tried, switched on and off, and resumed")
    func connection() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition("app", ["scope": ["everyone": true]])).status == 201)
            let tried = try await client.send(.post, "/targets/app/test")
            #expect(tried.status == 200 && tried["good"] == true && (tried["steps"]?.array?.count ?? 0) >= 2)
            let on = try await client.send(.post, "/targets/app/connect")
            #expect(on.status == 200 && on["batch"]?["people"] == 2 && on["batch"]?["parked"] == false)
            #expect(try await client.send(.get, "/targets/app")["state"] == "on")
            #expect(try await client.send(.post, "/targets/app/resume")["resumed"] == 0)
            #expect(try await client.send(.post, "/targets/app/disconnect")["state"] == "off")
            #expect(
                try await client.acts() == ["target.create app", "target.connect app", "target.resume app", "target.disconnect app"])
            for act in ["test", "connect", "disconnect", "resume", "reconcile"] {
                #expect(try await client.send(.post, "/targets/none/\(act)").isError(404, "none"))
            }
        }
    }

    @Test("a target that cannot be reached stays off: 502 with the steps")
    func unreachable() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let definition = AdminRig.definition("app", ["authentication": ["type": "bearer", "token": "MISSING"]])
            #expect(try await client.send(.post, "/targets", definition).status == 201)
            let tried = try await client.send(.post, "/targets/app/test")
            #expect(tried.status == 200 && tried["good"] == false)
            let refused = try await client.send(.post, "/targets/app/connect")
            #expect(refused.isError(502, "MISSING") && refused["steps"]?.array?.contains { $0["outcome"] == "failed" } == true)
            #expect(try await client.send(.get, "/targets/app")["state"] == "off")
            #expect(try await client.send(.post, "/targets/app/reconcile").isError(502))
        }
    }

    @Test("a reconciliation tells what differs, and what came of it can be asked for again")
    func reconcile() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.get, "/targets/app/reconcile").isError(404))
            try await client.connectApp(["scope": ["everyone": true]])
            #expect(try await client.send(.get, "/targets/app/reconcile").isError(404, "since the server began"))
            let report = try await client.send(.post, "/targets/app/reconcile", ["planOnly": true])
            #expect(report.status == 200 && report["mode"] == "full" && report["enqueued"] == 0, "\(report.text)")
            #expect(report["differences"]?.array?.isEmpty == false)
            let last = try await client.send(.get, "/targets/app/reconcile")
            #expect(last["state"] == "done" && last["planOnly"] == true && last["by"] == "anna" && last["report"] == report.body)
            #expect(try await client.send(.post, "/targets/app/reconcile", ["mode": "half"]).isError(400, "full, incremental"))
            #expect(try await client.send(.post, "/targets/app/reconcile", ["planonly": true, "x": 1]).isError(400, "'x'"))
            #expect(try await client.acts().last == "target.reconcile app")
        }
    }

    @Test("one person is planned or provisioned, and told step by step")
    func provision() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            try await client.connectApp(["scope": ["everyone": true], "approval": ["create": false, "groups": false]])
            let planned = try await client.send(.post, "/targets/app/provision", ["user": "ada@example.com", "planOnly": true])
            #expect(planned.status == 200 && planned["good"] == true)
            let steps = planned["steps"]?.array?.compactMap { $0["name"]?.string } ?? []
            #expect(steps.contains("plan") && !steps.contains("apply"))
            #expect(try await client.send(.get, "/targets/app/records").items.isEmpty)
            let done = try await client.send(.post, "/targets/app/provision", ["user": "u1"])
            #expect(done["good"] == true && done["steps"]?.array?.last?["name"] == "apply", "\(done.text)")
            let records = try await client.send(.get, "/targets/app/records?user=ada@example.com")
            #expect(records.items.map { $0["action"] } == ["create"] && records.items[0]["subject"]?["id"] == "u1")
            #expect(records.items[0]["requests"]?.array?.first?["status"] == 201)
            #expect(try await client.send(.get, "/targets/app/records?user=nobody").isError(404))
            #expect(try await client.send(.get, "/targets/none/records").isError(404))
            #expect(try await client.send(.post, "/targets/app/provision", ["user": "nobody"]).isError(404, "nobody"))
            #expect(try await client.send(.post, "/targets/app/provision", ["planOnly": true]).isError(400, "user"))
            #expect(try await client.send(.post, "/targets/app/provision", ["user": "u1", "planOnly": 1]).isError(400, "planOnly"))
            #expect(try await client.acts().last == "target.provision app u1")
        }
    }

    @Test("a body is refused where none is taken, so that nobody believes that it counts")
    func bodies() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            let refused = try await client.send(.post, "/targets/app/connect", ["planOnly": true])
            #expect(refused.isError(400, "POST /targets/{name}/connect takes no body"))
            #expect(try await client.send(.delete, "/targets/app", ["keep": true]).isError(400, "takes no body"))
            #expect(try await client.send(.get, "/targets/app", raw: "").status == 200)
            #expect(try await client.send(.get, "/targets/app")["state"] == "off")
        }
    }

    @Test("a password that a template sets is masked in the steps of provisioning, and in the plan")
    func masked() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            let template: AttributeValue = ["userName": "{$user.username}", "password": "hunter2"]
            try await client.connectApp(["scope": ["everyone": true], "template": template])
            let told = try await client.send(.post, "/targets/app/provision", ["user": "u1"])
            #expect(told["good"] == true && told.text.contains("***") && !told.text.contains("hunter2"), "\(told.text)")
            let number = try #require(try await client.send(.get, "/approvals").items.first?["number"]?.integer)
            let plan = try await client.send(.get, "/approvals/\(number)")
            #expect(plan.status == 200 && plan.text.contains("***") && !plan.text.contains("hunter2"), "\(plan.text)")
        }
    }
}
