import HTTPTypes
import Testing

@Suite("Concurrent changes of members (properties)")
struct MemberInterleavingTests {
    private static let users = 0..<12

    @Test("64 changes at once leave what some serial order of them leaves", arguments: 1...12)
    func interleaving(seed: UInt64) async throws {
        try await PropertyServer.run { server in
            var random = SplitMix(seed: seed)
            let ids = try await Self.createUsers(server)
            let group = try await server.create("/Groups", ["displayName": "guides"])
            var before: Set<Int> = []
            // Each round begins with what the one before has left.
            for round in 1...3 {
                let changes = Self.changes(count: 64, &random)
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for change in changes {
                        tasks.addTask {
                            let (status, answer) = try await server.send(.patch, "/Groups/" + group, change.message(ids))
                            #expect(status == 200 || status == 204, "\(answer.text)")
                        }
                    }
                    try await tasks.waitForAll()
                }
                let after = try await Self.members(of: group, ids, server)
                #expect(
                    MemberChange.isSerial(changes, from: before, to: after, of: Self.users),
                    "seed \(seed), round \(round): from \(before.sorted()) to \(after.sorted()) by no order of \(changes)")
                before = after
            }
            // The users say the same as the group.
            for number in Self.users {
                let user = try await server.get("/Users/" + ids[number])
                let groups = user["groups"]?.array ?? []
                #expect(groups.contains { $0["value"] == .string(group) } == before.contains(number))
            }
        }
    }

    private static func createUsers(_ server: PropertyServer) async throws -> [String] {
        var ids: [String] = []
        for number in users { ids.append(try await server.create("/Users", ["userName": .string("u\(number)")])) }
        return ids
    }

    /// At most two replace, sometimes none: the last one settles most members, and many would leave little to check.
    private static func changes(count: Int, _ random: inout SplitMix) -> [MemberChange] {
        let replaces = Int.random(in: 0..<3, using: &random)
        return (0..<count).map { number in
            let kind: MemberChange.Kind =
                number < replaces ? .replace : [.add, .add, .removeByValue, .removeByFilter].randomElement(using: &random) ?? .add
            let size = Int.random(in: 1...5, using: &random)
            return MemberChange(kind: kind, members: Set(users.shuffled(using: &random).prefix(size)))
        }.shuffled(using: &random)
    }

    private static func members(of group: String, _ ids: [String], _ server: PropertyServer) async throws -> Set<Int> {
        let listed = (try await server.get("/Groups/" + group))["members"]?.array ?? []
        let places = listed.compactMap { member in ids.firstIndex { member["value"] == .string($0) } }
        #expect(places.count == listed.count && Set(places).count == places.count, "members are strangers, or listed twice")
        return Set(places)
    }

    @Test("the check itself tells a serial result from one that is none")
    func check() {
        let both = [MemberChange(kind: .add, members: [0, 1]), MemberChange(kind: .removeByValue, members: [0, 1])]
        #expect(MemberChange.isSerial(both, from: [], to: [0, 1], of: 0..<3))
        #expect(MemberChange.isSerial(both, from: [], to: [], of: 0..<3))
        // Half of each is no order of the two.
        #expect(!MemberChange.isSerial(both, from: [], to: [0], of: 0..<3))
        // Nobody touches 2.
        #expect(!MemberChange.isSerial(both, from: [2], to: [0, 1], of: 0..<3))
        let replaces = [MemberChange(kind: .replace, members: [0]), MemberChange(kind: .replace, members: [1])]
        #expect(MemberChange.isSerial(replaces, from: [2], to: [1], of: 0..<3))
        #expect(!MemberChange.isSerial(replaces, from: [2], to: [0, 1], of: 0..<3))
        #expect(!MemberChange.isSerial(replaces, from: [2], to: [2], of: 0..<3))
        #expect(MemberChange.isSerial(replaces + [.init(kind: .add, members: [2])], from: [], to: [0, 2], of: 0..<3))
        #expect(!MemberChange.isSerial(replaces + [.init(kind: .add, members: [2])], from: [2], to: [1, 0, 2], of: 0..<3))
        #expect(MemberChange.isSerial([], from: [1], to: [1], of: 0..<3))
    }
}
