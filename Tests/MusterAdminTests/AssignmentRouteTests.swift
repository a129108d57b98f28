import HTTPTypes
import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@testable import MusterAdmin

@Suite("Assignments over the administration door")
struct AssignmentRouteTests {
    @Test("people and groups are assigned by id or name, and taken back")
    func life() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            let path = "/targets/app/assignments"
            #expect(try await client.send(.put, path + "/users/ada%40example.com", ["groups": ["Admins"]]).status == 204)
            #expect(try await client.send(.put, path + "/users/u2").status == 204)
            #expect(try await client.send(.put, path + "/groups/Engineering").status == 204)
            // Without groups, those of before stay.
            #expect(try await client.send(.put, path + "/users/u1").status == 204)
            let listed = try await client.send(.get, path).items
            #expect(
                listed == [
                    ["kind": "groups", "id": "g1", "groups": []], ["kind": "users", "id": "u1", "groups": ["Admins"]],
                    ["kind": "users", "id": "u2", "groups": []],
                ])
            let first = try await client.send(.get, path + "?limit=2")
            #expect(first.items.count == 2 && first["next"] == "users/u1")
            #expect(try await client.send(.get, path + "?limit=2&after=users/u1").items == [listed[2]])
            #expect(try await client.send(.get, path + "?after=u1").isError(400))
            #expect(try await client.send(.delete, path + "/users/bob@example.com").status == 204)
            #expect(try await client.send(.delete, path + "/users/u2").isError(404, "not assigned"))
            let acts = try await client.acts()
            #expect(acts == ["target.create app"] + Array(repeating: "target.assign app", count: 4) + ["target.unassign app"])
        }
    }

    @Test("who or what is not there, and what is no list of names, is refused")
    func refused() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.put, "/targets/app/assignments/users/u1").isError(404, "app"))
            #expect(try await client.send(.get, "/targets/app/assignments").isError(404, "app"))
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            let path = "/targets/app/assignments"
            #expect(try await client.send(.put, path + "/users/nobody").isError(404, "nobody"))
            #expect(try await client.send(.put, path + "/groups/ada@example.com").isError(404))
            #expect(try await client.send(.put, path + "/users/u1", ["groups": "Admins"]).isError(400, "groups"))
            #expect(try await client.send(.put, path + "/users/u1", ["group": []]).isError(400, "'group'"))
            #expect(try await client.send(.put, path + "/roles/u1").isError(404))
            #expect(try await client.acts() == ["target.create app"])
        }
    }

    @Test("an account is adopted for one person alone")
    func adopt() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            #expect(try await client.send(.post, "/targets", AdminRig.definition()).status == 201)
            let adopted = try await client.send(.put, "/targets/app/accounts/ada@example.com", ["remoteID": "r1"])
            #expect(adopted.status == 200 && adopted.body == ["user": "u1", "remoteID": "r1"])
            #expect(try await client.send(.put, "/targets/app/accounts/u2", ["remoteID": "r1"]).isError(409, "another person"))
            #expect(try await client.send(.put, "/targets/app/accounts/nobody", ["remoteID": "r2"]).isError(404, "nobody"))
            #expect(try await client.send(.put, "/targets/none/accounts/u1", ["remoteID": "r2"]).isError(404, "none"))
            #expect(try await client.send(.put, "/targets/app/accounts/u1", [:]).isError(400, "remoteID"))
            #expect(try await client.send(.get, "/targets/app")["accounts"] == 1)
            #expect(try await client.acts() == ["target.create app", "target.adopt app"])
        }
    }

    @Test("the records of a person who left the directory are found by their id, and their assignment is taken back by it")
    func former() async throws {
        let rig = try await AdminRig()
        try await rig.run { client async throws in
            try await client.connectApp(["approval": ["create": false, "groups": false]])
            for id in ["u1", "u2"] { #expect(try await client.send(.put, "/targets/app/assignments/users/\(id)").status == 204) }
            await rig.provisioner.drain()
            try await rig.store.write { transaction in
                for id in ["u1", "u2"] {
                    let key = Samples.user(id)
                    guard let row = try transaction.resource(key) else { continue }
                    try transaction.delete(key, expected: row.documentVersion)
                }
            }
            let records = try await client.send(.get, "/targets/app/records?user=u1")
            #expect(records.status == 200 && records.items.map { $0["action"] } == ["create"], "\(records.text)")
            let path = "/targets/app/assignments/users/"
            for id in try await client.send(.get, "/targets/app/assignments").items.compactMap({ $0["id"]?.string }) {
                #expect(try await client.send(.delete, path + id).status == 204)
            }
            #expect(try await client.send(.get, "/targets/app/assignments").items.isEmpty)
            #expect(try await client.send(.delete, path + "u1").isError(404, "not assigned"))
            #expect(try await client.send(.delete, path + "u9").isError(404, "u9"))
        }
    }
}
