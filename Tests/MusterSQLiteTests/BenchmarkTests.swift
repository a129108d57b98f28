import Foundation
import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

/// Figures of the store on this machine: `MUSTER_BENCHMARK=1 swift test -c release --filter BenchmarkTests`.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["MUSTER_BENCHMARK"] != nil), .serialized)
struct BenchmarkTests {
    private static let people = 20_000
    private static let largeGroup = 50_000

    /// A person of about 1 KB with six indexed values.
    private static func person(_ number: Int) -> StoredResource {
        Samples.stored(
            "User", UUID().uuidString.lowercased(),
            [
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", .string(Schema.enterpriseUser.id)],
                "userName": .string("user\(number)@example.com"), "externalId": .string("00u\(number)"), "active": true,
                "name": ["givenName": .string("Given\(number)"), "familyName": .string("Family \(number)"), "formatted": "Given Family"],
                "displayName": .string("Given Family \(number)"), "title": .string(String(repeating: "t", count: 200)),
                "emails": [["value": .string("user\(number)@example.com"), "type": "work", "primary": true]],
                Schema.enterpriseUser.id: ["department": .string("Department \(number % 50)"), "employeeNumber": .string("\(number)")],
                "addresses": [["formatted": .string(String(repeating: "a", count: 200)), "type": "work", "country": "DE"]],
            ])
    }

    private static func cpu() -> Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    private static func measure(
        _ name: String, _ count: Int, tasks: Int = 1, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let (start, used) = (ContinuousClock.now, cpu())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<tasks {
                group.addTask { for number in stride(from: task, to: count, by: tasks) { try await body(number) } }
            }
            try await group.waitForAll()
        }
        let (wall, spent) = (start.duration(to: .now) / .seconds(1), cpu() - used)
        let columns = [name.padding(toLength: 58, withPad: " ", startingAt: 0), String(format: "%9.0f/s", Double(count) / wall)]
        print(columns.joined(separator: " "), String(format: "%8.1f µs CPU", spent / Double(count) * 1e6))
    }

    @Test("what the store's work costs")
    func figures() async throws {
        let store = try SQLiteStore.inMemory()
        let index = Samples.index
        let people = (0..<Self.people).map(Self.person)
        let entries = try people.map { person in
            index.entries(of: Resource(attributes: try AttributeValue(json: person.document).complex ?? [:]), type: "User")
        }
        print("document: \(people[0].document.count) bytes, \(entries[0].count) index entries")
        try await Self.measure("insert, 500 in a transaction, each", 15_000) { number in
            guard number % 500 == 0 else { return }
            try await store.write { transaction in
                for number in number..<number + 500 { try transaction.insert(people[number], index: entries[number]) }
            }
        }
        for (tasks, start, count) in [(1, 15_000, 200), (8, 15_200, 800), (32, 16_000, 4_000)] {
            try await Self.measure("insert with 1 event and 1 delivery, \(tasks) tasks", count, tasks: tasks) { number in
                let (person, entries) = (people[start + number], entries[start + number])
                let event = Samples.event(.userCreated, of: person.key.id, change: "c\(start + number)")
                try await store.write { transaction in
                    try transaction.insert(person, index: entries)
                    try transaction.append(event, to: "plugin:a")
                }
            }
        }
        try await Self.measure("update of one attribute with 1 event, 32 tasks", 4_000, tasks: 32) { number in
            try await store.write { transaction in
                guard var person = try transaction.resource(people[number % 4_000].key) else { return }
                person.meta.version += 1
                person.documentVersion += 1
                try transaction.update(person, expected: person.documentVersion - 1, index: entries[number % 4_000])
                try transaction.append(Samples.event(of: person.key.id, change: "u\(number)"), to: "plugin:a")
            }
        }
        try await reads(store, people)
        try await membership(store)
        try await queue(store)
    }

    private func reads(_ store: SQLiteStore, _ people: [StoredResource]) async throws {
        for tasks in [1, 2] {
            try await Self.measure("read by id, \(tasks) tasks", 40_000, tasks: tasks) { number in
                let key = people[number * 7919 % people.count].key
                _ = try await store.read { try $0.resource(key) }
            }
        }
        try await Self.measure("nothing in a point read", 40_000) { _ in _ = try await store.read { _ in 0 } }
        try await Self.measure("nothing in a scan", 10_000) { _ in _ = try await store.read(.scan) { _ in 0 } }
        let filters = [
            ("userName eq", "userName eq \"user%@example.com\"", 20_000),
            ("emails.value eq", "emails.value eq \"user%@example.com\"", 20_000),
            ("externalId eq or userName eq", "externalId eq \"00u%\" or userName eq \"user%@example.com\"", 10_000),
            ("userName sw, 11 found", "userName sw \"user123%\"", 1_000), ("userName co, no match", "userName co \"nowhere%\"", 200),
            ("active eq true, page of 100", "active eq true and userName pr", 20), ("title eq, on documents", "title eq \"x\"", 3),
        ]
        let index = Samples.index
        for (name, filter, count) in filters {
            try await Self.measure(name, count) { number in
                let text = filter.replacingOccurrences(of: "%", with: String(number * 7919 % 10_000))
                let query = try StoreContract.query(.user, text, index: index)
                _ = try await store.read(.point) { try $0.resources(query) }
            }
        }
        for (name, offset) in [("first", 0), ("middle", 10_000), ("last", 19_900)] {
            try await Self.measure("page of 100, \(name)", 1_000) { _ in
                let query = try StoreContract.query(.user, nil, index: index, offset: offset, limit: 100)
                _ = try await store.read(.point) { try $0.resources(query) }
            }
        }
    }

    private func membership(_ store: SQLiteStore) async throws {
        let (small, large) = (ResourceKey(type: "Group", id: "small"), ResourceKey(type: "Group", id: "large"))
        try await store.write { transaction in
            for key in [small, large] { try transaction.insert(Samples.stored("Group", key.id, ["displayName": .string(key.id)])) }
        }
        func id(_ number: Int) -> String { "0f7a\(100_000 + number)-aaaa-bbbb-cccc-dddddddddddd" }
        let members = (0..<Self.largeGroup).map { ResourceKey(type: "User", id: id($0)) }
        for start in stride(from: 0, to: Self.largeGroup, by: 5_000) {
            try await store.write { transaction in
                for key in members[start..<start + 5_000] {
                    try transaction.insert(
                        Samples.stored("User", key.id, ["displayName": "Some Body"]), index: AttributeIndex(attributes: [:]))
                }
                _ = try transaction.addMembers(Array(members[start..<start + 5_000]), to: large)
            }
        }
        try await store.write { _ = try $0.addMembers(Array(members[..<10]), to: small) }
        for (name, group, offset) in [("10", small, 20), ("50,000", large, 40_000), ("10", small, 5_000), ("50,000", large, 45_000)] {
            try await Self.measure("member removed, added, touched; group of \(name), 32 tasks", 4_000, tasks: 32) { number in
                let key = members[offset + number]
                try await store.write { transaction in
                    _ = try transaction.removeMembers(ids: [key.id], from: group)
                    _ = try transaction.addMembers([key], to: group)
                    if group == small { _ = try transaction.removeMembers(ids: [key.id], from: group) }
                    _ = try transaction.touch(group, lastModified: Samples.time)
                }
            }
        }
        try await Self.measure("walk over 50,000 members", 10) { _ in
            _ = try await store.read(.scan) { transaction in
                var count = 0
                try transaction.forEachMember(of: large) { _ in count += 1 }
                return count
            }
        }
        try await Self.measure("memberCount of 50,000", 100) { _ in _ = try await store.read { try $0.memberCount(of: large) } }
    }

    private func queue(_ store: SQLiteStore) async throws {
        for backlog in [1_000, 20_000] {
            try await store.write { transaction in
                for number in 0..<backlog {
                    // Half of them wait behind another one of their subject.
                    try transaction.append(Samples.event(of: "b\(number / 2)-\(backlog)", change: "b\(number)"), to: "plugin:b\(backlog)")
                }
            }
            try await Self.measure("claim 50 and settle, backlog of \(backlog), each", 1_000) { number in
                guard number % 50 == 0 else { return }
                let claimed = try await store.write {
                    try $0.claimDeliveries(
                        for: ["plugin:b\(backlog)"], limit: 50, now: Samples.time + .seconds(1), leasedUntil: Samples.time + .seconds(30))
                }
                try await store.write { transaction in for delivery in claimed { try transaction.settle(delivery, .delivered) } }
            }
        }
    }
}
