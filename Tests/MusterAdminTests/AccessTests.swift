import HTTPTypes
import MusterCore
import MusterServer
import MusterSQLite
import SCIM
import Testing

@testable import MusterAdmin

@Suite("Who gets through the administration door")
struct AccessTests {
    @Test("without a token it is 401, with one of an identity provider 403, also where there is nothing")
    func strangers() async throws {
        let rig = try await AdminRig()
        let everything = try await rig.token("*")
        try await rig.run { client async throws in
            for path in ["/targets", "/targets/app", "/nothing", ""] {
                let none = try await client.send(.get, path, token: "")
                #expect(none.isError(401) && none.headers[.wwwAuthenticate] == #"Bearer realm="muster""#)
                #expect(try await client.send(.get, path, token: everything).isError(403, "admin:read"))
            }
            #expect(try await client.send(.post, "/targets", AdminRig.definition(), token: everything).isError(403))
            #expect(try await client.send(.get, "/targets").items.isEmpty)
        }
    }

    @Test("who may look sees everything and decides nothing")
    func looking() async throws {
        let rig = try await AdminRig()
        let looker = try await rig.token("admin:read")
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            for operation in AdminOperation.all where operation.access == .full {
                let refused = try await client.send(operation.method, operation.examplePath, [:], token: looker)
                #expect(refused.isError(403, "scope admin,"), "\(operation.id): \(refused.text)")
            }
            #expect(try await client.send(.get, "/targets/app", token: looker)["name"] == "app")
            let tried = try await client.send(.post, "/mappings/test", ["user": "u1"], token: looker)
            #expect(tried.status == 200, "\(tried.text)")
            #expect(try await client.acts() == ["target.create app"])
        }
    }

    @Test("an administrator of another tenant sees and changes nothing here")
    func tenants() async throws {
        let rig = try await AdminRig()
        let acme = Tenant(name: "acme")
        try await rig.store.write { try $0.createTenant(acme) }
        let theirs = try await rig.token("admin", name: "carl", tenant: acme)
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            #expect(try await client.send(.get, "/targets", token: theirs).isError(401))
            #expect(try await client.send(.get, "//tenants/acme/admin/api/targets").isError(401))
            let own = "//tenants/acme/admin/api"
            #expect(try await client.send(.get, own + "/targets", token: theirs).items.isEmpty)
            #expect(try await client.send(.get, own + "/targets/app", token: theirs).isError(404))
            #expect(try await client.send(.post, own + "/targets/app/disconnect", token: theirs).isError(404))
            #expect(try await client.send(.get, own + "/audit", token: theirs).items.isEmpty)
            #expect(try await client.send(.put, own + "/targets/theirs", AdminRig.definition(nil), token: theirs).status == 201)
            #expect(try await client.send(.get, own + "/audit", token: theirs).items.map { $0["actor"] } == ["carl"])
            #expect(try await client.send(.get, "/targets").items.map { $0["name"] } == ["app"])
            #expect(try await client.acts() == ["target.create app"])
        }
    }

    @Test("what is too long or too large, unknown or no JSON is refused before anything is done")
    func limits() async throws {
        let rig = try await AdminRig(settings: ServerSettings(limits: ServerLimits(maximumBodyBytes: 400, maximumTargetBytes: 200)))
        try await rig.run { client async throws in
            let long = String(repeating: "x", count: 300)
            #expect(try await client.send(.get, "/targets?after=\(long)").isError(414))
            #expect(try await client.send(.post, "/targets", AdminRig.definition("app", ["x": .string(long)])).isError(413))
            #expect(try await client.send(.post, "/targets", raw: "{").isError(400))
            #expect(try await client.send(.post, "/targets", raw: "").isError(400, "empty"))
            #expect(try await client.send(.get, "/targets?limti=1").isError(400, "after, limit"))
            for limit in ["0", "501", "ten"] { #expect(try await client.send(.get, "/targets?limit=\(limit)").isError(400, "1 to 500")) }
            #expect(try await client.send(.get, "/targets?after=nobody").isError(400))
            #expect(try await client.acts().isEmpty)
        }
    }

    @Test("a path that is none is 404, and a method that does not fit 405 with those that do")
    func paths() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.get, "/target").isError(404, "openapi.json"))
            #expect(try await client.send(.get, "/targets/a/b/c/d").isError(404))
            let refused = try await client.send(.patch, "/targets")
            #expect(refused.isError(405) && refused.headers[.allow] == "GET, HEAD, POST")
            #expect(try await client.send(.get, "/approvals/approve").headers[.allow] == "POST")
            let head = try await client.send(.head, "/targets")
            #expect(head.status == 200 && head.text.isEmpty)
        }
    }
}
