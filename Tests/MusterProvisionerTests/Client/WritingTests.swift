import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Testing

@Suite("Writing to targets of all kinds")
struct WritingTests {
    @Test(
        "the id of a new account is found in the body, in Location, or by a look-up",
        arguments: [
            FakeTarget.Switches(), .init { $0.createdWithoutBody = true }, .init { $0.createdWithoutTrace = true },
            .init { ($0.createdWithoutTrace, $0.noFilter) = (true, true) },
        ])
    func created(switches: FakeTarget.Switches) async throws {
        let rig = ClientRig(.rfc, switches)
        rig.target.addUser(["userName": "other"])
        #expect(try await rig.create("ada").remoteID == "u2")
        #expect(rig.target.createCounts == ["ada": 1])
    }

    @Test("an account that is there already is a conflict, in SCIM 1.1's words too", arguments: [false, true])
    func conflict(isOld: Bool) async throws {
        let rig = ClientRig(.rfc, .init { $0.scim11Errors = isOld })
        rig.target.addUser(["userName": "ada"])
        await #expect(throws: TargetError(.conflict, "")) { try await rig.create("ada") }
    }

    @Test("where PUT is not known PATCH is used, and remembered")
    func noPut() async throws {
        let rig = ClientRig(.rfc, .init { $0.noPut = true })
        let id = rig.target.addUser(["userName": "ada", "nickName": "kept"])
        _ = try await rig.update(id, ClientRig.user("ada", title: "Lead"))
        _ = try await rig.update(id, ClientRig.user("ada", title: "Head"))
        #expect(rig.target.user(named: "ada")?["title"] == "Head")
        #expect(rig.target.user(named: "ada")?["nickName"] == "kept")
        #expect(rig.sent == ["PUT /Users/u1", "PATCH /Users/u1", "PATCH /Users/u1"])
    }

    @Test("where PATCH is not known what is there is read, merged and put")
    func noPatch() async throws {
        let rig = ClientRig(.awsIdentityCenter, .init { $0.noPatch = true })
        let id = rig.target.addUser(["userName": "ada", "nickName": "kept", "name": ["middleName": "K"]])
        _ = try await rig.update(id, ClientRig.user("ada", title: "Lead"))
        let user = rig.target.user(named: "ada")
        #expect(user?["title"] == "Lead" && user?["nickName"] == "kept" && user?["name"]?["middleName"] == "K")
        #expect(rig.sent == ["PATCH /Users/u1", "GET /Users/u1", "PUT /Users/u1"])
    }

    @Test("deactivation is PUT with active false, as OneLogin does it")
    func deactivate() async throws {
        let rig = ClientRig(.clarizen)
        let id = rig.target.addUser(["userName": "ada", "active": true])
        _ = try await rig.client.perform(
            .deactivateUser(id: id, document: ["userName": "ada", "active": false], dialect: rig.dialect), id: id)
        #expect(rig.sent == ["PUT /Users/u1"] && rig.target.user(named: "ada")?["active"] == false)
    }

    @Test("where DELETE is refused the account is switched off, and DELETE is not tried again")
    func noDelete() async throws {
        let rig = ClientRig(.rfc, .init { $0.noDelete = true })
        let ids = ["ada", "bob"].map { rig.target.addUser(["userName": .string($0), "active": true]) }
        for id in ids { _ = try await rig.client.perform(.deleteUser(id: id), id: id) }
        #expect(rig.target.users.allSatisfy { $0["active"] == false })
        #expect(rig.sent.filter { $0.hasPrefix("DELETE") }.count == 1)
    }

    @Test("what is asked of AWS keeps its rules")
    func aws() async throws {
        let rig = ClientRig(.awsIdentityCenter, .init { $0.awsRules = true })
        let id = try #require(try await rig.create("ada").remoteID)
        _ = try await rig.update(id, ClientRig.user("ada", title: "Lead"))
        let group = TargetGroup(id: rig.target.addGroup("Staff", members: ["u9"]), name: "Staff")
        _ = try await rig.join(id, group)
        #expect(rig.target.members(of: "Staff") == ["u9", id])
        _ = try await rig.leave(id, group)
        #expect(rig.target.members(of: "Staff") == ["u9"] && rig.target.user(named: "ada")?["title"] == "Lead")
    }
}

@Suite("Members of groups at targets of all kinds")
struct MemberTests {
    @Test(
        "joining and leaving changes that member only, whatever the target knows",
        arguments: [TargetPreset.rfc, .clarizen, .scim1],
        [
            FakeTarget.Switches(), .init { $0.noPatch = true }, .init { $0.removesByFilterOnly = true },
            .init { $0.removesByValueOnly = true }, .init { $0.scim11Errors = true },
        ])
    func members(preset: TargetPreset, switches: FakeTarget.Switches) async throws {
        let rig = ClientRig(preset, switches)
        let group = TargetGroup(id: rig.target.addGroup("Staff", members: ["a", "b"]), name: "Staff")
        for _ in 1...2 { _ = try await rig.join("c", group) }
        #expect(rig.target.members(of: "Staff") == ["a", "b", "c"])
        for _ in 1...2 { _ = try await rig.leave("b", group) }
        #expect(rig.target.members(of: "Staff") == ["a", "c"])
    }

    @Test("the way of removing that works is remembered")
    func remembered() async throws {
        let rig = ClientRig(.clarizen, .init { $0.removesByFilterOnly = true })
        let group = TargetGroup(id: rig.target.addGroup("Staff", members: ["a", "b", "c"]), name: "Staff")
        for member in ["a", "b", "c"] { _ = try await rig.leave(member, group) }
        #expect(rig.target.members(of: "Staff").isEmpty && rig.target.writes.count == 4)
    }

    @Test("a group that is read, merged and put loses nobody when many join at once")
    func atOnce() async throws {
        let rig = ClientRig(.rfc, .init { ($0.noPatch, $0.delay) = (true, .milliseconds(1)) })
        let group = TargetGroup(id: rig.target.addGroup("Staff"), name: "Staff")
        try await withThrowingTaskGroup { tasks in
            for number in 1...20 { tasks.addTask { _ = try await rig.join("m\(number)", group) } }
            try await tasks.waitForAll()
        }
        #expect(Set(rig.target.members(of: "Staff")).count == 20)
    }

    @Test("what OneLogin sends is sent")
    func oneLogin() async throws {
        let rig = ClientRig(.clarizen)
        let group = TargetGroup(id: rig.target.addGroup("Staff"), name: "Staff")
        _ = try await rig.join("u7", group)
        let body = try #require(rig.target.writes.first?.body)
        #expect(
            try AttributeValue(json: body) == [
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [["op": "add", "path": "members", "value": [["value": "u7"]]]],
            ])
    }
}
