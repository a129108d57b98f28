import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct ChangeTests {
    @Test("a created user is answered with id, meta and location, and read again the same")
    func create() async throws {
        let test = try TestDirectory()
        let answer = try await test.directory.create(
            .user, ["userName": "ada@example.com", "name": ["givenName": "Ada"]], TestDirectory.context, TestDirectory.options)
        let user = try AttributeValue(json: answer.body ?? [])
        let id = try #require(user["id"]?.string)
        #expect(answer.location == "https://scim.example.com/scim/v2/Users/\(id)")
        #expect(answer.etag == "W/\"1\"")
        #expect(user["meta"]?["resourceType"] == "User")
        #expect(user["meta"]?["location"]?.string == answer.location)
        #expect(user["meta"]?["version"]?.string == answer.etag)
        #expect(user["active"] == true)
        #expect(try await test.get(.user, id) == user)
    }

    @Test("a second user with the same userName in another case is refused, and nothing is left of it")
    func uniqueUserName() async throws {
        let test = try TestDirectory()
        _ = try await test.user("José@Example.com")
        await #expect(throws: SCIMError.uniqueness("")) { try await test.user("JOSE\u{301}@example.COM") }
        #expect(try await test.search(.user, nil)["totalResults"] == 1)
        #expect(try await test.events().count == 1)
    }

    @Test("a PATCH that changes nothing leaves version and lastModified alone and causes no event")
    func patchWithoutChange() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["title": "Countess"])
        let before = try await test.get(.user, id)
        try await test.patch(.user, id, ["op": "replace", "path": "title", "value": "Countess"])
        #expect(try await test.get(.user, id) == before)
        #expect(try await test.events().map(\.kind) == [.userCreated])
    }

    @Test("PUT clears what it leaves out and keeps id and created")
    func replace() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["title": "Countess"])
        let before = try await test.get(.user, id)
        _ = try await test.directory.replace(
            .user, id: id, ["userName": "ada", "nickName": "A"], TestDirectory.context, TestDirectory.options)
        let after = try await test.get(.user, id)
        #expect(after["title"] == nil)
        #expect(after["nickName"] == "A")
        #expect(after["meta"]?["created"] == before["meta"]?["created"])
        #expect(after["meta"]?["version"] == "W/\"2\"")
    }

    @Test("a deactivated user is let in again by an explicit true only, not by an update that leaves active out")
    func staysInactive() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["active": false])
        _ = try await test.directory.replace(
            .user, id: id, ["userName": "ada", "title": "T"], TestDirectory.context, TestDirectory.options)
        #expect(try await test.get(.user, id)["active"] == false)
        try await test.patch(.user, id, ["op": "remove", "path": "active"])
        #expect(try await test.get(.user, id)["active"] == nil)
        _ = try await test.directory.replace(.user, id: id, ["userName": "ada"], TestDirectory.context, TestDirectory.options)
        #expect(try await test.get(.user, id)["active"] == nil, "who has no status is not active, and stays so")
        #expect(try await !test.events().map(\.kind).contains(.userActivated))
        try await test.patch(.user, id, ["op": "replace", "path": "active", "value": true])
        #expect(try await test.get(.user, id)["active"] == true)
        #expect(try await test.events().last?.kind == .userActivated)
    }

    @Test("to remove an active user's active deactivates the user")
    func removedStatus() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        try await test.patch(.user, id, ["op": "remove", "path": "active"])
        #expect(try await test.events().map(\.kind) == [.userCreated, .userUpdated, .userDeactivated])
    }

    @Test("when one operation of a PATCH fails, none is applied")
    func atomicPatch() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        await #expect(throws: SCIMError.self) {
            try await test.patch(
                .user, id, ["op": "add", "path": "title", "value": "x"], ["op": "add", "path": "nonsense", "value": "x"])
        }
        #expect(try await test.get(.user, id)["title"] == nil)
    }

    @Test("what is not there is 404 on every verb", arguments: [ResourceType.user, .group])
    func missing(type: ResourceType) async throws {
        let test = try TestDirectory()
        let body: AttributeValue = ["userName": "x", "displayName": "x"]
        await #expect(throws: SCIMError.notFound("")) { try await test.get(type, "none") }
        await #expect(throws: SCIMError.notFound("")) {
            try await test.directory.replace(type, id: "none", body, TestDirectory.context, TestDirectory.options)
        }
        await #expect(throws: SCIMError.notFound("")) {
            try await test.patch(type, "none", ["op": "replace", "path": "displayName", "value": "x"])
        }
        await #expect(throws: SCIMError.notFound("")) {
            try await test.directory.delete(type, id: "none", TestDirectory.context)
        }
    }

    @Test("32 concurrent changes of different attributes of one user all land")
    func concurrentPatches() async throws {
        let test = try TestDirectory(settings: DirectorySettings(conflictRetries: 64))
        let id = try await test.user("ada")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<32 {
                group.addTask {
                    try await test.patch(
                        .user, id, ["op": "add", "path": "phoneNumbers", "value": [["value": .string("\(number)"), "type": "work"]]])
                }
            }
            try await group.waitForAll()
        }
        let numbers = try await test.get(.user, id)["phoneNumbers"]?.array?.compactMap { $0["value"]?.string } ?? []
        #expect(Set(numbers) == Set((0..<32).map(String.init)))
        #expect(try await test.get(.user, id)["meta"]?["version"] == "W/\"33\"")
    }
}
