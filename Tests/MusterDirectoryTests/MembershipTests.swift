import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct MembershipTests {
    @Test("64 concurrent single-member PATCHes to one group lose none")
    func concurrentAdds() async throws {
        let test = try TestDirectory()
        let group = try await test.group("everyone")
        var users: [String] = []
        for number in 0..<64 { users.append(try await test.user("user\(number)")) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for user in users {
                tasks.addTask {
                    try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(user)]]])
                }
            }
            try await tasks.waitForAll()
        }
        #expect(Set(try await test.members(group)) == Set(users))
        #expect(try await test.get(.group, group)["meta"]?["version"] == "W/\"65\"")
        #expect(try await test.events().filter { $0.kind == .memberAdded }.count == 64)
    }

    @Test("adding who is there and removing who is not changes nothing")
    func idempotence() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        let before = try await test.get(.group, group)
        try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(ada)]]])
        try await test.patch(.group, group, ["op": "remove", "path": "members", "value": [["value": .string(bob)]]])
        #expect(try await test.get(.group, group) == before)
    }

    @Test("a value array removes those and only those; a remove without one empties the group")
    func remove() async throws {
        let test = try TestDirectory()
        let users = [try await test.user("a"), try await test.user("b"), try await test.user("c")]
        let group = try await test.group("staff", members: users)
        try await test.patch(.group, group, ["op": "remove", "path": "members", "value": [["value": .string(users[0])]]])
        #expect(try await test.members(group) == [users[1], users[2]])
        try await test.patch(.group, group, ["op": "remove", "path": .string("members[value eq \"\(users[1])\"]")])
        #expect(try await test.members(group) == [users[2]])
        try await test.patch(.group, group, ["op": "remove", "path": "members"])
        #expect(try await test.members(group).isEmpty)
    }

    @Test("replacing the members touches only who differs")
    func replaceMembers() async throws {
        let test = try TestDirectory()
        let users = [try await test.user("a"), try await test.user("b"), try await test.user("c")]
        let group = try await test.group("staff", members: [users[0], users[1]])
        let known = try await test.events().count
        try await test.patch(
            .group, group, ["op": "replace", "path": "members", "value": [["value": .string(users[1])], ["value": .string(users[2])]]])
        let events = try await test.events().dropFirst(known)
        #expect(events.map(\.kind) == [.memberRemoved, .memberAdded])
        #expect(events.map(\.subject.id) == [users[0], users[2]])
        #expect(Set(try await test.members(group)) == [users[1], users[2]])
    }

    @Test("who is taken out and put back in one PATCH causes no event")
    func net() async throws {
        let test = try TestDirectory()
        let ada = try await test.user("ada")
        let group = try await test.group("staff", members: [ada])
        let known = try await test.events().count
        try await test.patch(
            .group, group, ["op": "remove", "path": "members"], ["op": "add", "path": "members", "value": [["value": .string(ada)]]])
        #expect(try await test.members(group) == [ada])
        #expect(try await test.events().count == known)
    }

    @Test("a member that does not exist is left out and the others are taken, which the answer says")
    func leftOutMember() async throws {
        let test = try TestDirectory()
        let (ada, group) = (try await test.user("ada"), try await test.group("staff"))
        let body = TestDirectory.message([["op": "add", "path": "members", "value": [["value": .string(ada)], ["value": "nobody"]]]])
        let answer = try await test.directory.patch(.group, id: group, body, TestDirectory.context, TestDirectory.options)
        #expect(answer.quirks == [.unknownMember])
        #expect(try await test.members(group) == [ada])
        #expect(try await test.events().filter { $0.kind == .memberAdded }.count == 1)
    }

    @Test("a strict dialect refuses a member that does not exist, and any the group itself; nothing is changed")
    func unknownMember() async throws {
        let test = try TestDirectory(settings: DirectorySettings(dialect: .rfc))
        let user: AttributeValue = ["schemas": [.string(Schema.user.id)], "userName": "ada"]
        let ada = try #require(try await test.create(.user, user)["id"]?.string)
        let body: AttributeValue = ["schemas": [.string(Schema.group.id)], "displayName": "staff"]
        let group = try #require(try await test.create(.group, body)["id"]?.string)
        for id in ["nobody", group] {
            await #expect(throws: SCIMError.invalidValue("")) {
                try await test.patch(
                    .group, group, ["op": "add", "path": "members", "value": [["value": .string(ada)], ["value": .string(id)]]])
            }
        }
        #expect(try await test.members(group).isEmpty)
    }

    @Test("a group can be a member, and a user's groups are shown with their names")
    func nestingAndGroups() async throws {
        let test = try TestDirectory()
        let ada = try await test.user("ada")
        let inner = try await test.group("inner", members: [ada])
        let outer = try await test.group("outer", members: [inner])
        #expect(try await test.get(.group, outer)["members"]?.array?.first?["type"] == "Group")
        // Names of members are returned when they are asked for.
        let asked = AnswerOptions(
            selection: try AttributeSelection(attributes: "members.value,members.display", excludedAttributes: nil), baseURL: "")
        let shown = try await test.directory.get(.group, id: outer, in: .default, asked)
        #expect(try AttributeValue(json: shown.body ?? [])["members"]?.array?.first?["display"] == "inner")
        let groups = try await test.get(.user, ada)["groups"]?.array ?? []
        #expect(groups.compactMap { $0["display"]?.string } == ["inner", "outer"])
        #expect(groups.compactMap { $0["type"]?.string } == ["direct", "indirect"])
    }

    @Test("PATCH of a large group is answered without a body, of a small one with it")
    func largeGroup() async throws {
        let test = try TestDirectory(settings: DirectorySettings(patchBodyMemberLimit: 2))
        var users: [String] = []
        for name in ["a", "b", "c"] { users.append(try await test.user(name)) }
        let group = try await test.group("staff", members: Array(users.prefix(1)))
        func add(_ user: String) async throws -> AttributeValue {
            try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(user)]]])
        }
        #expect(try await add(users[1])["members"]?.array?.count == 2)
        #expect(try await add(users[2]) == .null)
        let selection = try AttributeSelection(attributes: "displayName", excludedAttributes: nil)
        let message = TestDirectory.message([["op": "remove", "path": "members", "value": [["value": .string(users[0])]]]])
        let answer = try await test.directory.patch(
            .group, id: group, message, TestDirectory.context,
            AnswerOptions(selection: selection, baseURL: TestDirectory.options.baseURL))
        #expect(answer.body != nil)
    }
}
