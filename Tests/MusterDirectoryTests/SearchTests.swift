import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct SearchTests {
    @Test(
        "filters find the same whether the index or the documents answer",
        arguments: [
            ("userName eq \"USER3\"", ["user3"]),
            ("externalId eq \"x5\"", ["user5"]),
            ("emails.value eq \"user2@example.com\"", ["user2"]),
            ("emails[type eq \"work\"].value eq \"user2@example.com\"", ["user2"]),
            ("title eq \"odd\" and userName gt \"user6\"", ["user7", "user9"]),
            ("not (title eq \"odd\") and userName sw \"user\" and name.familyName co \"8\"", ["user8"]),
            ("title pr and active eq false", []),
            ("meta.resourceType eq \"User\" and userName ew \"r1\"", ["user1"]),
        ])
    func filters(filter: String, expected: [String]) async throws {
        for indexed in [["User": ["userName", "externalId", "emails.value", "active"]], ["User": ["userName"]]] {
            let test = try TestDirectory(indexed: indexed)
            for number in 1...9 {
                _ = try await test.user(
                    "user\(number)",
                    [
                        "externalId": .string("x\(number)"), "title": number % 2 == 1 ? "odd" : "even",
                        "name": ["familyName": .string("Family\(number)")],
                        "emails": [["value": .string("user\(number)@example.com"), "type": "work"]],
                    ])
            }
            let found = try await test.search(.user, filter)
            #expect(found["Resources"]?.array?.compactMap { $0["userName"]?.string } ?? [] == expected)
            #expect(found["totalResults"]?.integer == Int64(expected.count))
        }
    }

    @Test(
        "a filter that only some clients send is understood and named, and refused by a strict dialect",
        arguments: [
            (#"emails[type eq "work"].value eq "a@example.com""#, [Quirk.comparedValuePath]),
            (#"manager eq "m1""#, [.extensionAttributeAtTop]), (#"active eq "True""#, [.booleanAsString]),
            (#"urn:scim:schemas:core:1.0:userName eq "ada""#, [.legacySchemaURN]), (#"emails[type eq "work"]"#, []),
            (#"userName eq "ada" and active eq true"#, []),
        ] as [(String, Set<Quirk>)])
    func quirks(filter: String, expected: Set<Quirk>) async throws {
        let test = try TestDirectory()
        func search(_ dialect: ClientDialect) async throws -> Set<Quirk> {
            let request = try SearchRequest(parameters: [("filter", filter)])
            return try await test.directory.search([.user], request, in: .default, baseURL: "", dialect: dialect).quirks
        }
        #expect(try await search(.auto) == expected)
        if expected.isEmpty {
            #expect(try await search(.rfc).isEmpty)
        } else {
            await #expect(throws: SCIMError.invalidFilter("")) { try await search(.rfc) }
        }
    }

    @Test("members and groups can be searched for")
    func membershipFilters() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        #expect(try await test.search(.group, "members eq \"\(ada)\"")["totalResults"] == 1)
        #expect(try await test.search(.group, "members.value eq \"\(bob)\"")["totalResults"] == 0)
        #expect(try await test.search(.group, "members[display eq \"ada\"]")["totalResults"] == 1)
        #expect(try await test.search(.user, "groups.value eq \"\(group)\"")["totalResults"] == 1)
    }

    @Test("pages come in the order of creation and count what matches in all")
    func paging() async throws {
        let test = try TestDirectory(settings: DirectorySettings(defaultCount: 4, maximumCount: 5))
        for number in 1...9 { _ = try await test.user("user\(number)") }
        func page(_ startIndex: Int, _ count: Int?) async throws -> [String] {
            let page = try await test.search(.user, nil, startIndex: startIndex, count: count)
            #expect(page["totalResults"] == 9)
            return page["Resources"]?.array?.compactMap { $0["userName"]?.string } ?? []
        }
        #expect(try await page(1, nil) == ["user1", "user2", "user3", "user4"])
        #expect(try await page(0, 2) == ["user1", "user2"])
        #expect(try await page(8, 100) == ["user8", "user9"])
        #expect(try await page(1, 100).count == 5)
        #expect(try await page(10, 5).isEmpty)
        #expect(try await page(1, 0).isEmpty)
        #expect(try await page(1, -1).isEmpty)
    }

    @Test("when another attribute is to be indexed, the next start indexes what is there")
    func reindex() async throws {
        let first = try TestDirectory(indexed: ["User": ["userName"]])
        try await first.directory.prepare()
        for number in 1...3 { _ = try await first.user("user\(number)", ["title": .string("t\(number)")]) }
        let second = try TestDirectory(indexed: ["User": ["userName", "title"]], store: first.store)
        try await second.directory.prepare()
        #expect(try await second.search(.user, "title eq \"t2\"")["totalResults"] == 1)
        let found = try await first.store.read { transaction in
            try transaction.resources(of: "User", in: .default, where: "title", equals: .text("t2"))
        }
        #expect(found.count == 1)
    }
}
