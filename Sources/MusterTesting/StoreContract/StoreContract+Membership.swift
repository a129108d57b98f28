import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runMembership() async throws {
        try await membership()
        try await indirectGroups()
        try await unknownMembers()
        try await concurrentMembership()
    }

    private static func key(_ id: String) -> ResourceKey { ResourceKey(type: id.hasPrefix("g") ? "Group" : "User", id: id) }

    private func storeWithPeople(_ count: Int) async throws -> any Store {
        let store = try await make()
        try await store.write { transaction in
            for number in 0..<count {
                try transaction.insert(Samples.stored("User", "u\(number)", ["userName": .string("User \(number)")]))
            }
            for number in 0..<3 {
                try transaction.insert(Samples.stored("Group", "g\(number)", ["displayName": .string("Group \(number)")]))
            }
        }
        return store
    }

    /// Members are rows: in the order of joining, each once, with the display of the other side.
    public func membership() async throws {
        let store = try await storeWithPeople(4)
        let (group, other) = (Self.key("g0"), Self.key("g1"))
        func add(_ ids: [String], to group: ResourceKey) async throws -> [String] {
            try await store.write { try $0.addMembers(ids.map(Self.key), to: group).map(\.id) }
        }
        func members() async throws -> [Membership] {
            try await store.read { transaction in
                var found: [Membership] = []
                try transaction.forEachMember(of: group) { found.append($0) }
                return found
            }
        }
        #expect(try await add(["u2", "g1", "u0"], to: group) == ["u2", "g1", "u0"])
        #expect(try await add(["u0", "u1", "u1"], to: group) == ["u1"])
        #expect(try await add(["u1"], to: other) == ["u1"])
        let found = try await members()
        #expect(found.map(\.member) == ["u2", "g1", "u0", "u1"].map(Self.key))
        #expect(found.map(\.display) == ["User 2", "Group 1", "User 0", "User 1"])
        #expect(found.allSatisfy { $0.group == group })
        #expect(try await store.read { try $0.memberCount(of: group) } == 4)
        let groups = try await store.read { try $0.groups(of: Self.key("u1")) }
        #expect(groups.map(\.group) == [group, other])
        #expect(groups.map(\.display) == ["Group 0", "Group 1"])
        let removed = try await store.write { try $0.removeMembers(ids: ["u0", "u3", "nobody", "g1", "u0"], from: group) }
        #expect(removed == [Self.key("u0"), Self.key("g1")])
        #expect(try await add(["u0"], to: group) == ["u0"])
        #expect(try await members().map(\.member.id) == ["u2", "u1", "u0"])
        #expect(try await store.write { try $0.removeAllMembers(of: group) } == ["u2", "u1", "u0"].map(Self.key))
        #expect(try await store.write { try $0.removeAllMembers(of: group) }.isEmpty)
        #expect(try await store.read { try $0.groups(of: Self.key("u1")) }.map(\.group) == [other])
        let types = try await store.read { try $0.types(of: ["u0", "g0", "nobody"], among: ["User", "Group"], in: .default) }
        #expect(types == ["u0": "User", "g0": "Group"])
        #expect(try await store.read { try $0.types(of: ["u0", "g0"], among: ["Group"], in: .default) } == ["g0": "Group"])
    }

    /// Groups that hold a group that holds a member are found once each, the nearest first, even in a circle.
    public func indirectGroups() async throws {
        let store = try await make()
        // g5 is in g4, g4 in g2 and g3, these in g1, g1 in g0; g6 stands beside. u is in g5 and g2.
        try await store.write { transaction in
            for number in 0...6 {
                try transaction.insert(Samples.stored("Group", "g\(number)", ["displayName": .string("Group \(number)")]))
            }
            for name in ["u", "v", "w"] { try transaction.insert(Samples.stored("User", name, ["userName": .string(name)])) }
            for (member, group) in [
                ("g5", "g4"), ("g4", "g2"), ("g4", "g3"), ("g2", "g1"), ("g3", "g1"), ("g1", "g0"), ("u", "g5"), ("u", "g2"), ("v", "g6"),
            ] { _ = try transaction.addMembers([Self.key(member)], to: Self.key(group)) }
        }
        func indirect(_ id: String) async throws -> [String] {
            let found = try await store.read { try $0.indirectGroups(of: Self.key(id)) }
            #expect(found.allSatisfy { $0.member == Self.key(id) && $0.display == "Group \($0.group.id.dropFirst())" })
            return found.map(\.group.id)
        }
        #expect(try await indirect("u") == ["g1", "g4", "g0", "g3"])
        #expect(try await indirect("g5") == ["g2", "g3", "g1", "g0"])
        #expect(try await indirect("g1") == [])
        for id in ["v", "w", "nobody", "g0"] { #expect(try await indirect(id) == []) }
        // The filter finds the same, and not more when a link goes.
        func found(_ filter: String) async throws -> [String] {
            let query = try Self.query(.user, filter)
            return try await store.read(.scan) { try $0.resources(query).resources.map(\.key.id) }
        }
        for id in ["g0", "g1", "G3", "g4"] {
            #expect(try await found("groups eq \"\(id)\"") == ["u"])
            #expect(try await found("not (groups.value eq \"\(id)\")") == ["v", "w"])
            #expect(try await found("groups[value eq \"\(id)\" and type eq \"indirect\"]") == ["u"])
        }
        #expect(try await found("groups[value eq \"g2\" and type eq \"indirect\"]").isEmpty)
        #expect(try await found("groups eq \"g6\" or groups eq \"g0\"") == ["u", "v"])
        #expect(try await found("groups pr") == ["u", "v"])
        // A circle, as another program might have written it.
        try await store.write { _ = try $0.addMembers([Self.key("g0"), Self.key("v")], to: Self.key("g5")) }
        #expect(try await Set(indirect("u")) == ["g0", "g1", "g3", "g4"])
        #expect(try await Set(indirect("g0")) == ["g1", "g2", "g3", "g4"])
        #expect(try await found("groups eq \"g3\"") == ["u", "v"])
        try await store.write { transaction in
            _ = try transaction.removeMembers(ids: ["g0"], from: Self.key("g5"))
            try transaction.delete(Self.key("g4"), expected: 1)
        }
        #expect(try await indirect("u") == ["g1", "g0"])
        #expect(try await found("groups eq \"g3\"").isEmpty)
    }

    /// A member or a group that does not exist is refused, and nothing is added.
    public func unknownMembers() async throws {
        let store = try await storeWithPeople(1)
        await #expect(throws: StoreError(.unknownMember(id: "u9"), "")) {
            try await store.write { _ = try $0.addMembers([Self.key("u0"), Self.key("u9")], to: Self.key("g0")) }
        }
        await #expect(throws: StoreError(.unknownMember(id: "u0"), "")) {
            try await store.write { _ = try $0.addMembers([ResourceKey(type: "Group", id: "u0")], to: Self.key("g0")) }
        }
        #expect(try await store.read { try $0.memberCount(of: Self.key("g0")) } == 0)
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { _ = try $0.addMembers([Self.key("u0")], to: Self.key("g9")) }
        }
        #expect(try await store.read { try $0.memberCount(of: Self.key("g9")) } == 0)
        #expect(try await store.read { try $0.groups(of: Self.key("u9")) }.isEmpty)
    }

    /// 64 writers at a time add and remove members of one group; none is lost, and each really changes what it says.
    public func concurrentMembership() async throws {
        let store = try await storeWithPeople(64)
        let group = Self.key("g0")
        try await store.write { _ = try $0.addMembers((32..<64).map { Self.key("u\($0)") }, to: group) }
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            for number in 0..<64 {
                tasks.addTask {
                    let changed = try await store.write { transaction in
                        let changed =
                            number < 32
                            ? try transaction.addMembers([Self.key("u\(number)")], to: group)
                            : try transaction.removeMembers(ids: ["u\(number)"], from: group)
                        _ = try transaction.touch(group, lastModified: Samples.time)
                        return changed
                    }
                    #expect(changed == [Self.key("u\(number)")])
                }
            }
            try await tasks.waitForAll()
        }
        let members = try await store.read { transaction in
            var found: Set<String> = []
            try transaction.forEachMember(of: group) { found.insert($0.member.id) }
            return found
        }
        #expect(members == Set((0..<32).map { "u\($0)" }))
        #expect(try await store.read { try $0.resource(group)?.meta.version } == 65)
    }
}
