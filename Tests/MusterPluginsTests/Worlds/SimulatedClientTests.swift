import MusterCore
import MusterLua
import SCIM
import Testing

@testable import MusterPlugins

/// The simulated clients beside recorded traffic of the real ones: same targets, same bodies, same order of members.
@Suite struct SimulatedClientTests {
    private let server = AgreeableServer()

    private func person(_ object: LuaObject) throws -> Person { try Person(object, isNew: true) }
    private func changes(_ object: LuaObject) throws -> Person { try Person(object, isNew: false) }

    private func headers(_ name: String) -> String? { server.requests.last?.headers.first { $0.name == name }?.value }

    // MARK: OneLogin

    @Test("OneLogin looks up form-encoded with a trailing &, and creates with its Core template")
    func oneLoginCreate() async throws {
        var client = try OneLoginClient(["template": "core"])
        _ = try await client.createUser(
            person(["userName": "ol-u1", "givenName": "Kelly", "familyName": "Slater", "department": "Board", "emails": []]),
            over: server.wire)
        let lookUp = try RecordedTraffic("onelogin-lookup-plus-encoded-trailing-ampersand").path("GET", 0, ["u": "u1"])
        #expect(server.lines == ["GET \(lookUp ?? "")", "POST /Users"])
        #expect(
            server.body("POST") == #"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ol-u1","#
                + #""name":{"givenName":"Kelly","familyName":"Slater"},"active":true}"#)
        for (name, value) in try RecordedTraffic("onelogin-create-core-template").headers { #expect(headers(name) == value) }
    }

    @Test("OneLogin's default Enterprise template has the URNs from before the RFC, and PUT a bare ?")
    func oneLoginLegacy() async throws {
        let recorded = try RecordedTraffic("onelogin-default-enterprise-template-legacy-urns")
        var client = try OneLoginClient(["template": "legacy"])
        let user = try await client.createUser(
            person(["userName": "ol-1", "familyName": "User 01", "givenName": "AAA Test", "email": "ol-1@example.com", "department": "IT"]),
            over: server.wire)
        #expect(server.body("POST") == recorded.body("POST", 0, ["u": "1"]))
        _ = try await client.updateUser(user.resourceID(), changes(["familyName": "User 02"]), over: server.wire)
        #expect(server.lines.last == "PUT " + (recorded.path("PUT", 0, ["userId": "u1"]) ?? ""))
    }

    @Test("OneLogin's Enterprise template names the manager with the display name")
    func oneLoginManager() async throws {
        var client = try OneLoginClient([:])
        let duke = try await client.createUser(person(["userName": "duke", "displayName": "Duke Kahanamoku"]), over: server.wire)
            .resourceID()
        let kelly = try await client.createUser(
            person(["userName": "kelly", "department": "Board", "manager": .string(duke)]), over: server.wire)
        #expect(
            server.body("POST")?.contains(
                #""urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Board","#
                    + #""manager":{"value":"u1","displayName":"Duke Kahanamoku"}}"#) == true)
        _ = try await client.setManager(of: kelly.resourceID(), to: nil, over: server.wire)
        #expect(server.body("PUT")?.contains("manager") == false)
    }

    @Test("each update of a person makes OneLogin send one PATCH for each group, always again")
    func oneLoginGroups() async throws {
        let recorded = try RecordedTraffic("onelogin-user-update-then-one-patch-per-group")
        var client = try OneLoginClient([:])
        let id = try await client.createUser(person(["userName": "ada", "groups": ["a", "b"]]), over: server.wire).resourceID()
        #expect(
            server.lines.dropFirst(2) == [
                "GET /Groups?count=100&startIndex=1", "POST /Groups", "GET /Groups?count=100&startIndex=1", "POST /Groups",
                "PATCH /Groups/g2", "PATCH /Groups/g3",
            ])
        #expect(server.body("POST") == #"{"displayName":"b","schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"]}"#)
        for title in ["One", "Two"] {
            server.forget()
            _ = try await client.updateUser(id, changes(["title": .string(title)]), over: server.wire)
            #expect(server.lines == ["PUT /Users/u1?", "PATCH /Groups/g2", "PATCH /Groups/g3"])
            #expect(server.body("PATCH") == recorded.body("PATCH", 0, ["userId": "u1"]))
        }
    }

    @Test("OneLogin takes people out of their groups by a value array before it deactivates or deletes them")
    func oneLoginDeactivate() async throws {
        let recorded = try RecordedTraffic("onelogin-deactivate-leaves-group-then-put-inactive")
        var client = try OneLoginClient([:])
        let id = try await client.createUser(person(["userName": "ada", "groups": ["a"]]), over: server.wire).resourceID()
        server.forget()
        _ = try await client.setActive(false, id, over: server.wire)
        #expect(server.lines == ["PATCH /Groups/g2", "PUT /Users/u1?"])
        #expect(server.body("PATCH") == recorded.body("PATCH", 0, ["userId": "u1"]))
        #expect(server.body("PUT")?.contains(#""active":false"#) == true)
        server.forget()
        _ = try await client.setActive(true, id, over: server.wire)
        #expect(server.lines == ["PUT /Users/u1?", "PATCH /Groups/g2"])
        server.forget()
        try await client.deleteUser(id, over: server.wire)
        #expect(server.lines == ["PATCH /Groups/g2", "DELETE /Users/u1"])
        await #expect(throws: HostCallError.self) { try await client.deleteGroup("a", over: server.wire) }
    }

    // MARK: Okta

    @Test("Okta looks up with paging, and creates with a placeholder for the password")
    func oktaCreate() async throws {
        var client = try OktaClient([:])
        _ = try await client.createUser(
            person([
                "userName": "test.user+u1@okta.local", "givenName": "Test", "familyName": "User", "displayName": "Test User",
                "locale": "en-US", "externalId": "00uu1",
            ]), over: server.wire)
        let lookUp = try RecordedTraffic("okta-lookup-exact-wire-form").path("GET", 0, ["u": "u1"])
        #expect(server.lines == ["GET \(lookUp ?? "")", "POST /Users"])
        let recorded = try RecordedTraffic("okta-create-with-placeholder-password")
        let sent = try AttributeValue(json: server.body("POST") ?? "")
        #expect(
            try sent == AttributeValue(json: recorded.body("POST", 0, ["u": "u1"])?.replacing("ok-u1@", with: "test.user+u1@") ?? ""))
        for (name, value) in recorded.headers { #expect(headers(name) == value) }
    }

    @Test("Okta deactivates by PATCH without a path, updates by GET and PUT, and never deletes people")
    func oktaUpdate() async throws {
        let recorded = try RecordedTraffic("okta-deactivate-reactivate-patch")
        var client = try OktaClient([:])
        let id = try await client.createUser(person(["userName": "ada", "givenName": "Ada"]), over: server.wire).resourceID()
        _ = try await client.setActive(false, id, over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 0, [:]))
        _ = try await client.setActive(true, id, over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 1, [:]))
        server.forget()
        _ = try await client.updateUser(id, changes(["middleName": "Excited", "title": .null]), over: server.wire)
        #expect(server.lines == ["GET /Users/u1", "PUT /Users/u1"])
        let sent = try AttributeValue(json: server.body("PUT") ?? "")
        #expect(sent["id"] == "u1" && sent["meta"] == ["resourceType": "User"] && sent["groups"] == [])
        #expect(sent["name"] == ["givenName": "Ada", "middleName": "Excited"])
        await #expect(throws: HostCallError.self) { try await client.deleteUser(id, over: server.wire) }
    }

    @Test("Okta pushes groups: members with display, removal by filter, a rename with the group's own id")
    func oktaGroups() async throws {
        let recorded = try RecordedTraffic("okta-group-push-lifecycle")
        var client = try OktaClient([:])
        let id = try await client.createUser(person(["userName": "oka-u1@okta.local"]), over: server.wire).resourceID()
        _ = try await client.createGroup("Test SCIMv2 u1", over: server.wire)
        #expect(server.body("POST") == recorded.body("POST", 2, ["u": "u1"]))
        try await client.addMember(id, to: "Test SCIMv2 u1", over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 0, ["u": "u1", "a": "u1"]))
        try await client.removeMember(id, from: "Test SCIMv2 u1", over: server.wire)
        #expect(server.body("PATCH")?.contains(#"{"op":"remove","path":"members[value eq \"u1\"]"}"#) == true)
        _ = try await client.renameGroup("Test SCIMv2 u1", to: "Renamed u1", over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 2, ["u": "u1", "g": "g2"]))
        try await client.deleteGroup("Renamed u1", over: server.wire)
        #expect(server.lines.last == "DELETE /Groups/g2")
    }

    @Test("an integration made with Okta's wizard uses PUT for all of it")
    func oktaWizard() async throws {
        var client = try OktaClient(["integration": "aiw"])
        let id = try await client.createUser(person(["userName": "ada"]), over: server.wire).resourceID()
        _ = try await client.createGroup("g", over: server.wire)
        _ = try await client.setActive(false, id, over: server.wire)
        try await client.addMember(id, to: "g", over: server.wire)
        try await client.removeMember(id, from: "g", over: server.wire)
        #expect(!server.lines.contains { $0.hasPrefix("PATCH") })
        #expect(server.body("PUT")?.contains(#""members":[]"#) == true)
    }

    // MARK: Entra ID

    @Test("Entra ID creates with the documented body, and sends the manager by itself as a bare text")
    func entraCreate() async throws {
        let recorded = try RecordedTraffic("entra-create-user-documented-body")
        var client = try EntraClient([:])
        _ = try await client.createUser(
            person([
                "externalId": "x1", "userName": "Test_User_1", "email": "Test_User_1@testuser.com", "formatted": "givenName familyName",
                "familyName": "familyName", "givenName": "givenName",
            ]), over: server.wire)
        #expect(server.lines == ["GET /Users?filter=userName%20eq%20%22Test_User_1%22", "POST /Users"])
        #expect(
            try AttributeValue(json: server.body("POST") ?? "")
                == AttributeValue(json: recorded.body("POST", 0, ["uuid1": "x1", "u": "1"]) ?? ""))
        for (name, value) in recorded.headers { #expect(headers(name) == value) }

        let manager = try RecordedTraffic("entra-manager-as-string")
        let kim = try await client.createUser(person(["userName": "kim", "manager": "m1"]), over: server.wire).resourceID()
        #expect(server.body("POST")?.contains("manager") == false)
        #expect(server.body("PATCH") == manager.body("PATCH", 0, ["m1": "m1"]))
        _ = try await client.setManager(of: kim, to: "m2", over: server.wire)
        #expect(server.body("PATCH") == manager.body("PATCH", 1, ["m2": "m2"]))
        _ = try await client.setManager(of: kim, to: nil, over: server.wire)
        #expect(server.body("PATCH") == manager.body("PATCH", 2, [:]))
    }

    @Test("Entra ID changes each attribute by an operation of its own, with filtered and dotted paths")
    func entraUpdate() async throws {
        let recorded = try RecordedTraffic("entra-replace-many-without-flag")
        var client = try EntraClient([:])
        let old: LuaObject = [
            "userName": "ada", "displayName": "A", "email": "ada@contoso.com", "givenName": "A", "familyName": "B", "externalId": "e",
            "employeeNumber": "1",
        ]
        let id = try await client.createUser(person(old), over: server.wire).resourceID()
        _ = try await client.updateUser(
            id,
            changes([
                "displayName": "Pvlo", "email": "t-1@test.microsoft.com", "givenName": "Gtfd", "familyName": "Pkqf", "externalId": "Eqpj-1",
                "employeeNumber": "E-17",
            ]), over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 0, ["u": "1"]))
        _ = try await client.updateUser(id, changes(["title": "New", "displayName": .null]), over: server.wire)
        #expect(
            server.body("PATCH")?.contains(
                #"[{"op":"Add","path":"title","value":"New"},{"op":"Remove","path":"displayName"}]"#) == true)
        let count = server.requests.count
        _ = try await client.updateUser(id, changes(["title": "New"]), over: server.wire)
        #expect(server.requests.count == count, "what has not changed is not sent")
    }

    @Test("with its flag Entra ID sends dotted names in one value")
    func entraFlag() async throws {
        let recorded = try RecordedTraffic("entra-replace-many-with-flag-dotted-keys")
        var client = try EntraClient(["aadOptscim062020": true])
        let old: LuaObject = [
            "userName": "ada", "displayName": "A", "email": "ada@contoso.com", "givenName": "A", "familyName": "B", "employeeNumber": "1",
        ]
        let id = try await client.createUser(person(old), over: server.wire).resourceID()
        #expect(server.lines[0].hasSuffix("&aadOptscim062020"))
        _ = try await client.updateUser(
            id,
            changes([
                "email": "t-1@test.microsoft.com", "displayName": "Bjfe", "givenName": "Kkom", "familyName": "Unua",
                "employeeNumber": "Aklq",
            ]), over: server.wire)
        #expect(server.body("PATCH") == recorded.body("PATCH", 0, ["u": "1"]))
    }

    @Test("Entra ID writes booleans as texts, disables before it deletes, and removes members by a value array")
    func entraRest() async throws {
        var client = try EntraClient([:])
        let id = try await client.createUser(person(["userName": "ada"]), over: server.wire).resourceID()
        let active = try RecordedTraffic("entra-active-as-string")
        _ = try await client.setActive(false, id, over: server.wire)
        #expect(server.body("PATCH") == active.body("PATCH", 0, [:]))
        _ = try await client.setActive(true, id, over: server.wire)
        #expect(server.body("PATCH") == active.body("PATCH", 1, [:]))

        let group = try RecordedTraffic("entra-group-create-and-excluded-members")
        _ = try await client.createGroup("ms-1", over: server.wire)
        #expect(server.lines.suffix(2).first == "GET /Groups?excludedAttributes=members&filter=displayName%20eq%20%22ms-1%22")
        let externalID = "00000000-0000-4000-a000-000000000002"
        #expect(server.body("POST") == group.body("POST", 1, ["u": "1", "uuid1": externalID]))
        try await client.addMember(id, to: "ms-1", over: server.wire)
        #expect(server.body("PATCH") == group.body("PATCH", 0, ["a": id]))
        try await client.removeMember(id, from: "ms-1", over: server.wire)
        #expect(server.body("PATCH") == (try RecordedTraffic("entra-group-remove-member-without-flag")).body("PATCH", 0, ["a": id]))

        server.forget()
        try await client.deleteUser(id, over: server.wire)
        #expect(server.lines == ["PATCH /Users/u1", "DELETE /Users/u1"])
        await #expect(throws: HostCallError.self) { try await client.listUsers(over: server.wire) }
    }

    // MARK: All

    @Test("every client adopts a person whom it finds, instead of creating them twice", arguments: ["onelogin", "okta", "entra"])
    func adoption(_ name: String) async throws {
        var first = try ClientOptions(name: "rfc").make()
        let id = try await first.createUser(person(["userName": "ada"]), over: server.wire).resourceID()
        var client = try ClientOptions(name: name).make()
        let adopted = try await client.createUser(person(["userName": "ada", "title": "Countess"]), over: server.wire)
        #expect(try adopted.resourceID() == id)
        #expect(server.lines.filter { $0 == "POST /Users" }.count == 1)
    }

    @Test("a spec's shorthand becomes SCIM; what is unknown is refused with the name that was meant")
    func shorthand() throws {
        let ada = try person([
            "userName": "ada@example.com", "givenName": "Ada", "phone": "1", "mobile": "2", "manager": ["id": "m1"], "groups": ["staff"],
        ])
        #expect(ada.groups == ["staff"])
        #expect(
            AttributeValue.complex(ada.attributes)["emails"] == [["value": "ada@example.com", "type": "work", "primary": true]])
        #expect(ada.attributes["phoneNumbers"] == [["type": "work", "value": "1"], ["type": "mobile", "value": "2"]])
        #expect(ada.extensionValue("manager") == ["value": "m1"])
        for (wrong, message) in [
            (["userName": "ada", "title_": "x"], "did you mean 'title'?"), (["givenName": "Ada"], "a user needs a userName"),
            (["userName": "ada", "phone": 1], "are texts"),
        ] as [(LuaObject, String)] {
            #expect { try person(wrong) } throws: { ($0 as? HostCallError)?.message.contains(message) == true }
        }
        #expect(throws: HostCallError.self) { try changes(["active": false]) }
    }
}
