import MusterCore
import MusterDirectory
import SCIM
import Testing

@Suite struct SortingTests {
    private static let people: [(userName: String, more: AttributeMap)] = [
        ("delta", ["title": "b", "emails": [["value": "z@example.com"], ["value": "a@example.com", "primary": true]]]),
        ("Alpha", ["title": "C", "name": ["familyName": "Öz"]]),
        ("charlie", ["emails": [["value": "m@example.com"], ["value": "b@example.com"]], "name": ["familyName": "Adams"]]),
        ("Bravo", ["title": "a", "active": false, "name": ["familyName": "zett"]]),
    ]

    private func populated(indexed: [String]) async throws -> TestDirectory {
        let test = try TestDirectory(indexed: ["User": indexed, "Group": ["displayName"]])
        for person in Self.people { _ = try await test.user(person.userName, person.more) }
        return test
    }

    @Test(
        "results come in the order asked for, by the index or by the documents (RFC 7644 §3.4.2.3)",
        arguments: [
            ("userName", ["Alpha", "Bravo", "charlie", "delta"]),
            ("title", ["Bravo", "delta", "Alpha", "charlie"]),
            ("name.familyName", ["charlie", "Bravo", "Alpha", "delta"]),
            ("emails", ["delta", "charlie", "Alpha", "Bravo"]),
            ("emails.value", ["delta", "charlie", "Alpha", "Bravo"]),
            ("active", ["Bravo", "delta", "Alpha", "charlie"]),
            ("meta.created", ["delta", "Alpha", "charlie", "Bravo"]),
        ])
    func order(sortBy: String, expected: [String]) async throws {
        for indexed in [["userName", "title", "emails.value", "active", "name.familyName"], ["userName"]] {
            let test = try await populated(indexed: indexed)
            let ascending = try await names(test, ("sortBy", sortBy))
            #expect(ascending == expected, "\(sortBy) with the index \(indexed)")
            let descending = try await names(test, ("sortBy", sortBy), ("sortOrder", "descending"))
            // Equal keys keep an order of their own, so that only distinct ones are compared.
            if !["active", "emails", "emails.value", "meta.created"].contains(sortBy) {
                #expect(descending == expected.reversed(), "\(sortBy) descending with the index \(indexed)")
            }
        }
    }

    @Test("resources without a value come last ascending and first descending")
    func missing() async throws {
        let test = try await populated(indexed: ["userName"])
        #expect(try await names(test, ("sortBy", "title")).last == "charlie")
        #expect(try await names(test, ("sortBy", "title"), ("sortOrder", "descending")).first == "charlie")
    }

    @Test("pages of a sorted search go together", arguments: ["userName", "title", "name.familyName"])
    func pages(sortBy: String) async throws {
        let test = try await populated(indexed: ["userName"])
        let all = try await names(test, ("sortBy", sortBy))
        var paged: [String] = []
        for start in 1...4 { paged += try await names(test, ("sortBy", sortBy), ("startIndex", "\(start)"), ("count", "1")) }
        #expect(paged == all)
    }

    @Test("sorting by what no schema has is refused; so is by what is never returned", arguments: ["nothing", "password", "name"])
    func unknown(sortBy: String) async throws {
        let test = try TestDirectory()
        await #expect(throws: SCIMError.invalidValue("")) { try await test.search([.user], ("sortBy", sortBy)) }
    }

    @Test("a search over all types has one order, and those that lack the attribute come last")
    func root() async throws {
        let test = try await populated(indexed: ["userName"])
        _ = try await test.group("beta")
        let found = try await test.search([.user, .group], ("sortBy", "displayName"))
        #expect(found["totalResults"] == 5)
        #expect(found["Resources"]?.array?.first?["displayName"] == "beta")
    }

    private func names(_ test: TestDirectory, _ parameters: (name: String, value: String)...) async throws -> [String] {
        let found = try await test.search([.user], try SearchRequest(parameters: parameters))
        return found["Resources"]?.array?.compactMap { $0["userName"]?.string } ?? []
    }
}
