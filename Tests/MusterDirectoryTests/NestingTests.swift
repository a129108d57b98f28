import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct NestingTests {
    @Test("a user shows the groups that it is in directly, and those that it is in through others")
    func indirect() async throws {
        let test = try TestDirectory()
        let ada = try await test.user("ada")
        let team = try await test.group("team", members: [ada])
        let unit = try await test.group("unit", members: [team])
        let company = try await test.group("company", members: [unit, ada])
        func groups() async throws -> [[String?]] {
            try await test.get(.user, ada)["groups"]?.array?.map { [$0["value"]?.string, $0["type"]?.string, $0["display"]?.string] } ?? []
        }
        #expect(try await groups() == [[team, "direct", "team"], [company, "direct", "company"], [unit, "indirect", "unit"]])
        try await test.patch(.group, unit, ["op": "remove", "path": .string("members[value eq \"\(team)\"]")])
        #expect(try await groups() == [[team, "direct", "team"], [company, "direct", "company"]])
        #expect(try await test.search(.user, "groups.value eq \"\(unit)\"")["totalResults"] == 0)
    }

    @Test("a filter finds users by the groups that they are in through others")
    func filter() async throws {
        let test = try TestDirectory()
        let ada = try await test.user("ada")
        let team = try await test.group("team", members: [ada])
        let unit = try await test.group("unit", members: [team])
        #expect(try await test.search(.user, "groups.value eq \"\(unit)\"")["totalResults"] == 1)
        #expect(try await test.search(.user, "groups[type eq \"indirect\" and display eq \"unit\"]")["totalResults"] == 1)
    }

    @Test("a group cannot come into itself, directly or through others, by any request")
    func circles() async throws {
        let test = try TestDirectory()
        let inner = try await test.group("inner")
        let middle = try await test.group("middle", members: [inner])
        let outer = try await test.group("outer", members: [middle])
        for (group, member) in [(inner, inner), (inner, middle), (inner, outer), (middle, outer)] {
            await #expect(throws: SCIMError.invalidValue("")) {
                try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(member)]]])
            }
            await #expect(throws: SCIMError.invalidValue("")) {
                let body: AttributeValue = ["displayName": "x", "members": [["value": .string(member)]]]
                _ = try await test.directory.replace(.group, id: group, body, TestDirectory.context, TestDirectory.options)
            }
        }
        #expect(try await test.members(inner).isEmpty)
        // A group may be in two others, which is no circle.
        let second = try await test.group("second", members: [inner])
        try await test.patch(.group, outer, ["op": "add", "path": "members", "value": [["value": .string(second)]]])
        #expect(try await test.members(outer) == [middle, second])
    }

    @Test("two requests cannot close a circle between them")
    func race() async throws {
        let test = try TestDirectory()
        for round in 0..<8 {
            let (one, two) = (try await test.group("one\(round)"), try await test.group("two\(round)"))
            let results = await withTaskGroup(of: Bool.self) { tasks in
                for (group, member) in [(one, two), (two, one)] {
                    tasks.addTask {
                        let operation: AttributeValue = ["op": "add", "path": "members", "value": [["value": .string(member)]]]
                        return (try? await test.patch(.group, group, operation)) != nil
                    }
                }
                return await tasks.reduce(into: [Bool]()) { $0.append($1) }
            }
            #expect(results.count { $0 } == 1)
        }
    }
}
