import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite struct PlanTests {
    private static func store() async throws -> SQLiteStore {
        let store = try SQLiteStore.inMemory()
        try await store.write { transaction in
            for number in 0..<10 {
                try transaction.insert(
                    Samples.stored(
                        "User", "u\(number)",
                        [
                            "userName": .string("u\(number)"), "externalId": .string("x\(number)"), "active": true,
                            "emails": [["value": .string("u\(number)@x.org")]],
                        ]))
            }
            try transaction.insert(Samples.stored("Group", "g", ["displayName": "g"]))
            _ = try transaction.addMembers([ResourceKey(type: "User", id: "u1")], to: ResourceKey(type: "Group", id: "g"))
        }
        return store
    }

    @Test(
        "what is asked for most is found by an index, and decided without a document",
        arguments: [
            ("User", "userName eq \"u1\"", "attribute_value_lookup"), ("User", "externalId eq \"x1\"", "attribute_value_lookup"),
            ("User", "emails.value eq \"u1@x.org\"", "attribute_value_lookup"),
            ("User", "emails[value eq \"u1@x.org\"]", "attribute_value_lookup"),
            ("User", "userName sw \"u\"", "attribute_value_lookup"), ("User", "userName gt \"u5\"", "attribute_value_lookup"),
            ("User", "userName co \"5\"", "attribute_value_lookup"), ("User", "id eq \"u1\"", "resource_id"),
            ("User", "meta.lastModified gt \"2026-01-01T00:00:00Z\"", "resource_modified"),
            ("User", "meta.lastModified gt \"2026-01-01T00:00:00Z\" and active eq true", "resource_modified"),
            ("User", "active eq true and userName eq \"u1\"", "attribute_value_lookup"),
            ("User", "userName eq \"u1\" or userName eq \"u2\" or externalId eq \"x3\"", "attribute_value_lookup"),
            ("User", "groups eq \"g\"", "membership_"), ("Group", "members eq \"u1\"", "membership_member"),
            ("Group", "members[value eq \"u1\"]", "membership_member"),
            ("Group", "displayName eq \"g\" and members.value eq \"u1\"", "membership_member"),
        ])
    func indexed(type: String, filter: String, index: String) async throws {
        let (steps, isExact) = try await Self.explain(type, filter)
        #expect(isExact)
        #expect(steps.contains { $0.hasPrefix("SEARCH") && $0.contains(index) }, "\(steps)")
        #expect(!steps.contains { $0.hasPrefix("SCAN attribute_value") || $0.hasPrefix("SCAN resource") || $0.hasPrefix("SCAN m") })
    }

    @Test(
        "where SQL cannot decide, an index narrows what has to be looked at",
        arguments: [
            ("userName eq \"u1\" and title pr", "attribute_value_lookup"),
            ("emails[type eq \"work\" and value sw \"u1\"]", "attribute_value_lookup"),
            ("title eq \"x\" and groups eq \"g\"", "membership_"),
            ("(userName eq \"a\" and title pr) or externalId eq \"x1\"", "attribute_value_lookup"),
        ])
    func narrowed(filter: String, index: String) async throws {
        let (steps, isExact) = try await Self.explain("User", filter)
        #expect(!isExact)
        #expect(steps.contains { $0.hasPrefix("SEARCH") && $0.contains(index) }, "\(steps)")
    }

    @Test(
        "the rest is looked at row by row",
        arguments: ["title pr", "title eq \"x\" or userName eq \"u1\"", "not (title pr)", "name.familyName co \"x\"", "emails pr"])
    func scanned(filter: String) async throws {
        let (steps, isExact) = try await Self.explain("User", filter)
        #expect(!isExact)
        #expect(steps.allSatisfy { $0.contains("resource_type") || $0.contains("resource_modified") }, "\(steps)")
    }

    @Test("a filter of many or deep terms is answered, and rightly")
    func largeFilters() async throws {
        let store = try await Self.store()
        let many = (0..<300).map { "userName eq \"u\($0 * 3)\"" }.joined(separator: " or ")
        let deep = String(repeating: "not (", count: 30) + "userName eq \"u1\"" + String(repeating: ")", count: 30)
        let mixed = (0..<60).map { "(userName ne \"u\($0)\" and not (externalId eq \"x\($0)\"))" }.joined(separator: " and ")
        for (filter, expected) in [(many, 4), (deep, 1), (mixed, 0)] {
            let query = try StoreContract.query(.user, filter)
            #expect(try await store.read(.scan) { try $0.resources(query) }.totalResults == expected)
        }
    }

    private static func explain(_ type: String, _ filter: String) async throws -> (steps: [String], isExact: Bool) {
        let type = try #require(SchemaRegistry.standard.resourceType(named: type))
        return try await store().explain(StoreContract.query(type, filter))
    }
}
