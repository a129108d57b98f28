import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

/// A directory of many people that several tests read.
private enum LargeDirectory {
    static let people = 100_000
    static let index = Samples.index(of: [
        "User": ["userName", "externalId", "emails.value", "active", "displayName"], "Group": ["displayName"],
    ])

    private static let filling = Task { try await fill() }

    static func store() async throws -> SQLiteStore { try await filling.value }

    /// Neither names nor ids stand in the order of creation; eight people share each time.
    static func id(_ number: Int) -> String { "\(1_000_000 + number * 31_337 % people)" }
    static func userName(_ number: Int) -> String { "u\(1_000_000 + number * 7_919 % people)" }

    private static func fill() async throws -> SQLiteStore {
        let store = try SQLiteStore.inMemory()
        try await store.write { transaction in
            for number in 0..<people { try insert(number, transaction) }
            for number in 0..<10 {
                let group = Samples.stored("Group", "g\(number)", ["displayName": .string("Group \(number)")])
                try transaction.insert(group, index: index)
                let members = (0..<200).map { ResourceKey(type: "User", id: id(number + $0 * 10)) }
                _ = try transaction.addMembers(members, to: group.key)
            }
        }
        return store
    }

    /// Writes document and entries out, since reading 100,000 documents would take longer than the tests.
    private static func insert(_ number: Int, _ transaction: any WriteTransaction) throws {
        let (id, name, time) = (id(number), userName(number), Samples.time + .seconds(number / 8))
        let title = number % 2 == 0 ? #","title":"even""# : ""
        let document = #"{"id":"\#(id)","userName":"\#(name)","active":\#(number % 10 != 0)\#(title)}"#
        let stored = StoredResource(
            key: ResourceKey(type: "User", id: id), document: Array(document.utf8),
            meta: Meta(resourceType: "User", created: time, lastModified: time, version: 1), documentVersion: 1, display: nil)
        func entry(_ attribute: String, _ value: IndexValue?) -> IndexEntry {
            IndexEntry(attribute: attribute, value: value, isUnique: attribute == "userName")
        }
        try transaction.insert(
            stored,
            index: [
                entry("userName", .text(name)), entry("externalId", .text("X\(number)")), entry("emails.value", .text("\(name)@x.org")),
                entry("active", .integer(number % 10 == 0 ? 0 : 1)), entry("displayName", number % 50_000 == 7 ? .text("seven") : nil),
            ])
    }
}

@Suite struct LargeDirectoryTests {
    private static func query(
        _ type: ResourceType, _ filter: String?, by sort: String? = nil, isDescending: Bool = false, limit: Int = 100
    ) throws -> ResourceQuery {
        var query = try StoreContract.query(type, filter, index: LargeDirectory.index, limit: limit)
        query.countsTotal = false
        query.sort = sort.map { StoreContract.sort(type, $0, isDescending: isDescending, index: LargeDirectory.index) }
        return query
    }

    @Test(
        "among 100,000 people one is found by an index, in a few steps",
        arguments: [
            (ResourceType.user, "userName eq \"\(LargeDirectory.userName(77_777))\"", "attribute_value_lookup", 1),
            (.user, "externalId eq \"X77777\"", "attribute_value_lookup", 1),
            (.user, "emails.value eq \"\(LargeDirectory.userName(77_777))@x.org\"", "attribute_value_lookup", 1),
            (.user, "id eq \"\(LargeDirectory.id(77_777))\"", "resource_", 1),
            (.user, "meta.lastModified gt \"\((Samples.time + .seconds(12_498)).dateTime)\"", "resource_modified", 8),
            (.user, "meta.created ge \"\((Samples.time + .seconds(12_499)).dateTime)\"", "resource_created", 8),
            (.user, "userName eq \"\(LargeDirectory.userName(4))\" and title pr", "attribute_value_lookup", 1),
            (.user, "groups eq \"g1\" and externalId eq \"X11\"", "attribute_value_lookup", 1),
            (.group, "members eq \"\(LargeDirectory.id(13))\"", "membership_member", 1),
            (.group, "members[value eq \"\(LargeDirectory.id(13))\"]", "membership_member", 1),
        ])
    func found(type: ResourceType, filter: String, index: String, count: Int) async throws {
        let store = try await LargeDirectory.store()
        for sort in [nil, "id", "displayName"] {
            var query = try Self.query(type, filter, by: sort)
            query.countsTotal = true
            let steps = try await store.explain(query).steps
            #expect(steps.contains { $0.hasPrefix("SEARCH") && $0.contains(index) }, "\(steps)")
            #expect(!steps.contains { step in ["resource", "attribute_value", "membership", "m", "r"].contains { step == "SCAN \($0)" } })
            let (page, work) = try await store.measure(query)
            #expect(page.totalResults == count && page.resources.count == count)
            #expect(work.steps < 1_000 && work.scannedRows == 0, "\(work)")
        }
    }

    /// What is asked for page by page, with an order that an index has.
    private static let walks: [(filter: String?, sort: String?, isDescending: Bool)] = [
        (nil, nil, false), (nil, "userName", false), (nil, "userName", true), (nil, "displayName", false), (nil, "displayName", true),
        (nil, "id", false), (nil, "meta.created", true), (nil, "meta.lastModified", false), ("active eq true", nil, false),
        ("active eq true", "userName", false), ("userName co \"7\"", nil, false), ("userName ew \"7\"", "userName", true),
        ("emails.value pr", nil, false), ("userName gt \"u103\"", "userName", false), ("not (active eq false)", "id", false),
        ("meta.lastModified gt \"2026-01-01T01:00:00Z\"", "meta.lastModified", false), ("title pr", nil, false),
        ("active eq true and title pr", nil, false), ("title eq \"even\"", "userName", true),
    ]

    @Test("the last page by cursor costs what the first does, and nothing is sorted", arguments: walks)
    func cursors(filter: String?, sort: String?, isDescending: Bool) async throws {
        let store = try await LargeDirectory.store()
        let query = try Self.query(.user, filter, by: sort, isDescending: isDescending)
        func page(_ start: PageStart, limit: Int = 100) async throws -> (page: ResourcePage, work: StatementWork) {
            var query = query
            (query.start, query.limit) = (start, limit)
            let steps = try await store.explain(query).steps
            #expect(steps.contains { $0.hasPrefix("SEARCH") } && !steps.contains { $0.contains("TEMP B-TREE") }, "\(steps)")
            let (page, work) = try await store.measure(query)
            #expect(page.resources.count == limit && work.sorts == 0 && work.scannedRows == 0, "\(work)")
            return (page, work)
        }
        let first = try await page(.offset(0))
        let second = try await page(.after(try #require(first.page.next)))
        // From behind all that there is to the place from where on three pages are left.
        let end = PagePosition(key: isDescending ? .integer(.min) : nil, number: isDescending ? .min : .max)
        let tail = try await page(.before(end), limit: 301).page
        #expect(tail.next == nil)
        let third = try await page(.after(try #require(tail.previous)))
        let fourth = try await page(.after(try #require(third.page.next)))
        let last = try await page(.after(try #require(fourth.page.next)))
        #expect(last.page.next == nil && last.page.resources == Array(tail.resources.suffix(100)))
        let back = try await page(.before(try #require(last.page.previous)))
        for other in [second, third, last, back] { #expect(other.work.steps < 2 * first.work.steps, "\(first.work), \(other.work)") }
    }

    @Test("who reads all by startIndex does not pay for what lies before each page")
    func offsets() async throws {
        let store = try await LargeDirectory.store()
        func steps(_ offset: Int) async throws -> Int {
            var query = ResourceQuery(type: "User", index: LargeDirectory.index, start: .offset(offset), limit: 100)
            query.countsTotal = true
            let (page, work) = try await store.measure(query)
            #expect(page.totalResults == LargeDirectory.people && page.resources.count == 100)
            #expect(page.resources.first?.key.id == LargeDirectory.id(offset))
            return work.steps
        }
        let first = try await steps(0)
        #expect(try await steps(40_000) > 10 * first)
        for offset in stride(from: 40_100, to: 41_000, by: 100) { #expect(try await steps(offset) < 2 * first) }
        // Beyond the middle the end is near.
        #expect(try await steps(LargeDirectory.people - 100) < 2 * first)
    }

    @Test("a sort by a key that no index has looks at each match once")
    func computed() async throws {
        let store = try await LargeDirectory.store()
        var query = try Self.query(.user, "groups eq \"g3\"", by: "title", isDescending: true, limit: 7)
        query.countsTotal = true
        var found: [String] = []
        while true {
            let (page, work) = try await store.measure(query)
            #expect(page.totalResults == 200 && work.steps < 20_000, "\(work)")
            found += page.resources.map(\.key.id)
            guard let next = page.next else { break }
            query.start = .after(next)
        }
        // Numbers that end in 3 are odd, and none has a title.
        #expect(found == (0..<200).reversed().map { LargeDirectory.id(3 + $0 * 10) })
    }
}
