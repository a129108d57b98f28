import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct EventTests {
    static let enterprise = Schema.enterpriseUser.id

    @Test("the events of a user's life come from comparing before and after")
    func life() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let patches: [AttributeValue] = [
            ["op": "replace", "path": "title", "value": "Countess"],
            ["op": "replace", "path": "active", "value": false],
            ["op": "replace", "path": "active", "value": true],
            ["op": "add", "path": .string("\(Self.enterprise):manager"), "value": ["value": "m1"]],
            ["op": "replace", "path": .string("\(Self.enterprise):manager"), "value": ["value": "m2"]],
            ["op": "remove", "path": .string("\(Self.enterprise):manager")],
        ]
        for patch in patches { try await test.patch(.user, id, patch) }
        try await test.directory.delete(.user, id: id, TestDirectory.context)
        let events = try await test.events()
        #expect(
            events.map(\.kind) == [
                .userCreated, .userUpdated, .userUpdated, .userDeactivated, .userUpdated, .userActivated,
                .userUpdated, .managerChanged, .userUpdated, .managerChanged, .userUpdated, .managerChanged, .userDeleted,
            ])
        let managers = events.filter { $0.kind == .managerChanged }
        #expect(managers.map(\.oldManager) == [nil, "m1", "m2"])
        #expect(managers.map(\.newManager) == ["m1", "m2", nil])
        #expect(Set(events.map(\.id)).count == events.count)
        #expect(events.allSatisfy { $0.subject.id == id })
    }

    @Test("an event tells who, when, what was before and after, and which paths changed")
    func content() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["name": ["familyName": "Byron"]])
        try await test.patch(.user, id, ["op": "replace", "path": "name.familyName", "value": "Lovelace"])
        let event = try #require(await test.events().last)
        #expect(event.kind == .userUpdated)
        #expect(event.change.actor == "onelogin")
        #expect(event.change.requestID == "request-1")
        #expect(event.change.changes == [AttributeChange(path: "name.familyName", from: "Byron", to: "Lovelace")])
        let before = try AttributeValue(json: event.change.before ?? [])
        let after = try AttributeValue(json: event.change.after ?? [])
        #expect(before["name"]?["familyName"] == "Byron")
        #expect(after["name"]?["familyName"] == "Lovelace")
        #expect(after["meta"]?["version"] == "W/\"2\"")
    }

    @Test("a user created inactive, or with a manager, says so")
    func createdWithManager() async throws {
        let test = try TestDirectory()
        _ = try await test.user("a", ["active": false])
        _ = try await test.user("b", [Self.enterprise: ["manager": ["value": "m"]]])
        #expect(try await test.events().map(\.kind) == [.userCreated, .userCreated, .managerChanged])
    }

    @Test("one event for each pair that came to be or ceased, whichever side caused it")
    func membership() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(ada)], ["value": .string(bob)]]])
        try await test.patch(.group, group, ["op": "replace", "path": "displayName", "value": "Staff"])
        try await test.directory.delete(.user, id: bob, TestDirectory.context)
        try await test.directory.delete(.group, id: group, TestDirectory.context)
        let events = try await test.events().dropFirst(2)
        #expect(
            events.map(\.kind) == [
                .groupCreated, .memberAdded, .memberAdded, .groupUpdated, .memberRemoved, .userDeleted, .memberRemoved, .groupDeleted,
            ])
        let pairs = events.filter { $0.group != nil }
        #expect(pairs.map(\.subject.id) == [ada, bob, bob, ada])
        #expect(pairs.allSatisfy { $0.group?.id == group })
    }
}
