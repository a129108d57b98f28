import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterDirectory

@Suite struct EventCursorTests {
    @Test(
        "a cursor is read as it was written",
        arguments: [EventCursor(tenant: .default, number: 0), EventCursor(tenant: Tenant(name: "acme"), number: 42, position: 3)])
    func roundTrip(_ cursor: EventCursor) throws {
        #expect(try EventCursor(text: cursor.text, tenant: cursor.tenant) == cursor)
        #expect(throws: SCIMError.invalidCursor("")) { try EventCursor(text: cursor.text, tenant: Tenant(name: "other")) }
    }

    @Test(
        "what is no cursor of ours is refused",
        arguments: [
            "", "x", "e30", "W10", "!!!!", EventCursor(tenant: .default, number: 1).text + "=",
            Base64URL.encode(#"{"tenant":"default","change":-1}"#.utf8), Base64URL.encode(#"{"tenant":"default","change":"1"}"#.utf8),
            Base64URL.encode(#"{"tenant":"default","change":1,"told":-1}"#.utf8),
            Base64URL.encode(#"{"tenant":"default","change":9223372036854775807}"#.utf8), String(repeating: "A", count: 5000),
        ])
    func refused(_ text: String) {
        #expect(throws: SCIMError.invalidCursor("")) { try EventCursor(text: text, tenant: .default) }
    }

    private static func read(
        _ test: TestDirectory, after cursor: EventCursor, limit: Int = 100, types: [String] = ["User", "Group"]
    ) async throws -> SecurityEventPage {
        try await test.directory.securityEvents(after: cursor, limit: limit, mode: .notice) { types.contains($0) }
    }

    @Test("pages of any size tell every event once, in order, also in the middle of a change", arguments: [1, 2, 3, 100])
    func pages(limit: Int) async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        for name in ["a", "b", "c"] { _ = try await test.group(name, members: [id]) }
        try await test.directory.delete(.user, id: id, TestDirectory.context)
        let all = try await test.securityEvents()
        #expect(all.count == 8)
        var found: [SecurityEvent] = []
        var cursor = try await test.directory.eventCursor(in: .default, isAtEnd: false)
        while true {
            let page = try await Self.read(test, after: cursor, limit: limit)
            #expect(page.events.count <= limit)
            found += page.events
            cursor = try await test.directory.eventCursor(page.cursor.text, in: .default)
            guard page.isMoreAvailable else { break }
            #expect(page.events.count == limit)
        }
        #expect(found == all)
        #expect(try await Self.read(test, after: cursor).events.isEmpty)
        _ = try await test.user("bob")
        #expect(try await Self.read(test, after: cursor).events.count == 1)
    }

    @Test("a long series is read in steps, and a reader of few types is not lost in it")
    func longSeries() async throws {
        let test = try TestDirectory()
        try await test.store.write { transaction in
            for number in 0..<1500 {
                let key = ResourceKey(type: "User", id: "u\(number)")
                let record = ChangeRecord(
                    id: "c\(number)", time: Timestamp(milliseconds: 0), resource: key, operation: .create, actor: "a", requestID: "r",
                    depth: 0, before: nil, after: Array("{}".utf8), changes: [])
                try transaction.append(record, [])
            }
        }
        _ = try await test.group("staff")
        let start = try await test.directory.eventCursor(in: .default, isAtEnd: false)
        let first = try await Self.read(test, after: start, types: ["Group"])
        #expect(first.events.isEmpty && first.isMoreAvailable)
        let second = try await Self.read(test, after: first.cursor, types: ["Group"])
        #expect(second.events.count == 1 && !second.isMoreAvailable)
        #expect(try await Self.read(test, after: start, limit: 1000).events.map(\.id) == (0..<1000).map { "c\($0)" })
    }

    @Test("an event of a type that the reader may not read is left out")
    func types() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let group = try await test.group("staff", members: [id])
        try await test.directory.delete(.user, id: id, TestDirectory.context)
        let start = EventCursor(tenant: .default, number: 0)
        #expect(try await Self.read(test, after: start, types: ["User"]).events.map(\.path) == ["/Users/\(id)", "/Users/\(id)"])
        #expect(try await Self.read(test, after: start, types: ["Group"]).events.map(\.path) == ["/Groups/\(group)", "/Groups/\(group)"])
        #expect(try await Self.read(test, after: start, types: []).events.isEmpty)
    }

    @Test("a page ends early once it is long enough, after one event at least")
    func bytes() async throws {
        let test = try TestDirectory()
        for name in ["a", "b", "c"] { _ = try await test.user(name) }
        let start = EventCursor(tenant: .default, number: 0)
        let page = try await test.directory.securityEvents(after: start, limit: 10, mode: .full, maximumBytes: 1) { _ in true }
        #expect(page.events.count == 1)
        #expect(page.isMoreAvailable)
        #expect(try await Self.read(test, after: page.cursor).events.count == 2)
    }

    @Test("a cursor before what is kept has expired, one at its edge has not")
    func expiry() async throws {
        let test = try TestDirectory()
        for name in ["a", "b"] { _ = try await test.user(name) }
        let numbers = try await test.changes().map(\.number)
        let texts = ([0] + numbers).map { EventCursor(tenant: .default, number: $0).text }
        for text in texts { _ = try await test.directory.eventCursor(text, in: .default) }
        _ = try await test.store.write { try $0.dropDeliveries(DeliveryQuery(limit: 1000), reason: "test") }
        _ = try await test.store.write { try $0.pruneDeliveries(before: Timestamp(milliseconds: .max), limit: 1000) }
        for text in texts.dropLast() {
            await #expect(throws: SCIMError.expiredCursor("")) { _ = try await test.directory.eventCursor(text, in: .default) }
        }
        let edge = try await test.directory.eventCursor(texts[2], in: .default)
        let halfway = EventCursor(tenant: .default, number: numbers[1], position: 1).text
        await #expect(throws: SCIMError.expiredCursor("")) { _ = try await test.directory.eventCursor(halfway, in: .default) }
        _ = try await test.user("c")
        #expect(try await Self.read(test, after: edge).events.count == 1)
        let fresh = try await test.directory.eventCursor(in: .default, isAtEnd: false)
        #expect(try await Self.read(test, after: fresh).events.count == 1)
        let end = try await test.directory.eventCursor(in: .default, isAtEnd: true)
        #expect(try await Self.read(test, after: end).events.isEmpty)
    }

    @Test("a cursor ahead of every change is refused, as after a restored backup")
    func ahead() async throws {
        let test = try TestDirectory()
        let text = EventCursor(tenant: .default, number: 1_000_000).text
        await #expect(throws: SCIMError.invalidCursor("")) { _ = try await test.directory.eventCursor(text, in: .default) }
        _ = try await test.user("ada")
        await #expect(throws: SCIMError.invalidCursor("")) { _ = try await test.directory.eventCursor(text, in: .default) }
    }
}
