import MusterCore
import MusterDirectory
import MusterTesting
import SCIM
import Testing

@Suite struct CursorTests {
    /// Follows `nextCursor` to the end.
    private func walk(_ test: TestDirectory, _ types: [ResourceType], count: Int, _ more: [(name: String, value: String)] = []) async throws
        -> (names: [String], pages: [AttributeValue])
    {
        var (names, pages, cursor): ([String], [AttributeValue], String?) = ([], [], "")
        while let text = cursor, pages.count < 50 {
            let request = try SearchRequest(parameters: [("cursor", text), ("count", "\(count)")] + more)
            let page = try await test.search(types, request)
            pages.append(page)
            names += page["Resources"]?.array?.compactMap { $0["userName"]?.string ?? $0["displayName"]?.string } ?? []
            cursor = page["nextCursor"]?.string
        }
        return (names, pages)
    }

    @Test(
        "cursors lead through all results once, in order, whatever the filter and the order",
        arguments: [
            [], [("sortBy", "userName")], [("sortBy", "userName"), ("sortOrder", "descending")],
            [("filter", "userName sw \"user\"")], [("filter", "title eq \"odd\"")],
            [("filter", "title eq \"odd\""), ("sortBy", "title")], [("sortBy", "title"), ("sortOrder", "descending")],
            [("filter", "userName pr"), ("sortBy", "name.familyName")],
        ] as [[(name: String, value: String)]])
    func walks(parameters: [(name: String, value: String)]) async throws {
        let test = try TestDirectory()
        for number in 0..<11 {
            var more: AttributeMap = number % 2 == 1 ? ["title": "odd"] : [:]
            if number % 3 == 0 { more["name"] = ["familyName": .string("F\(9 - number)")] }
            _ = try await test.user("user\(String(number, radix: 16))", more)
        }
        let whole = try await test.search([.user], try SearchRequest(parameters: parameters))
        let expected = whole["Resources"]?.array?.compactMap { $0["userName"]?.string }
        for count in [1, 3, 4, 50] {
            let walk = try await walk(test, [.user], count: count, parameters)
            #expect(walk.names == expected, "pages of \(count)")
            #expect(walk.pages.allSatisfy { $0["totalResults"] == whole["totalResults"] && $0["startIndex"] == nil })
            #expect(walk.pages.last?["nextCursor"] == nil)
            #expect(walk.pages.first?["previousCursor"] == nil)
            // And back from the last page.
            guard walk.pages.count > 1, let back = walk.pages.last?["previousCursor"]?.string else {
                #expect(walk.pages.count == 1)
                continue
            }
            let page = try await test.search(
                [.user], try SearchRequest(parameters: [("cursor", back), ("count", "\(count)")] + parameters))
            #expect(page["Resources"] == walk.pages[walk.pages.count - 2]["Resources"])
        }
    }

    @Test("a cursor goes on where it stood although others come and go")
    func stable() async throws {
        let test = try TestDirectory()
        var ids: [String] = []
        for number in 0..<6 { ids.append(try await test.user("user\(number)")) }
        let first = try await test.search([.user], ("cursor", ""), ("count", "2"))
        try await test.directory.delete(.user, id: ids[0], TestDirectory.context)
        try await test.directory.delete(.user, id: ids[1], TestDirectory.context)
        try await test.directory.delete(.user, id: ids[2], TestDirectory.context)
        let cursor = try #require(first["nextCursor"]?.string)
        let second = try await test.search([.user], ("cursor", cursor), ("count", "2"))
        #expect(second["Resources"]?.array?.compactMap { $0["userName"]?.string } == ["user3", "user4"])
    }

    @Test("cursors lead through all types one after the other")
    func root() async throws {
        let test = try TestDirectory()
        for number in 0..<3 { _ = try await test.user("user\(number)") }
        for number in 0..<3 { _ = try await test.group("group\(number)") }
        for count in [1, 2, 3, 4, 6] {
            let walk = try await walk(test, [.user, .group], count: count)
            #expect(walk.names == ["user0", "user1", "user2", "group0", "group1", "group2"], "pages of \(count)")
        }
    }

    @Test("a cursor of another search, a made-up one and an old one are refused, each in its own words (RFC 9865 §2.1)")
    func refusals() async throws {
        let clock = ManualClock()
        let test = try TestDirectory(settings: DirectorySettings(cursorLifetime: .seconds(60)), clock: clock.wallClock)
        for number in 0..<3 { _ = try await test.user("user\(number)") }
        let page = try await test.search([.user], ("cursor", ""), ("count", "1"))
        let cursor = try #require(page["nextCursor"]?.string)
        await #expect(throws: SCIMError.invalidCursor("")) {
            try await test.search([.user], ("cursor", cursor), ("filter", "userName pr"))
        }
        await #expect(throws: SCIMError.invalidCursor("")) { try await test.search([.group], ("cursor", cursor)) }
        for madeUp in ["x", "e30", "eyJkIjoibiJ9", String(repeating: "A", count: 9000)] {
            await #expect(throws: SCIMError.invalidCursor("")) { try await test.search([.user], ("cursor", madeUp)) }
        }
        clock.advance(by: .seconds(59))
        _ = try await test.search([.user], ("cursor", cursor))
        clock.advance(by: .seconds(2))
        await #expect(throws: SCIMError.expiredCursor("")) { try await test.search([.user], ("cursor", cursor)) }
    }
}
