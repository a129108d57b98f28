public import MusterCore
public import SCIM
import Testing

extension StoreContract {
    func runPages() async throws {
        try await sortedPages()
        try await pagesWhileOthersChange()
        try await pagesOfNothing()
        try await positions()
        try await offsetsWhileOthersChange()
        try await siteSchemas()
    }

    /// An order by an attribute of `index`, by `id`, `meta.created` or `meta.lastModified`, or by a computed key where
    /// `name` is no such attribute: `title`.
    /// - Parameter isComputed: Whether the store is left in the dark about where the key stands.
    public static func sort(
        _ type: ResourceType, _ name: String, isDescending: Bool = false, index: AttributeIndex = Samples.index, isComputed: Bool = false
    ) -> ResourceSort {
        let attribute = index.attributes[type.name]?.first { $0.name == name }
        return ResourceSort(attribute: isComputed ? nil : name, isDescending: isDescending) { stored, _ in
            switch name {
            case "id": return .text(stored.key.id)
            case "meta.created": return .integer(stored.meta.created.milliseconds)
            case "meta.lastModified": return .integer(stored.meta.lastModified.milliseconds)
            default:
                let resource = try Resource(json: stored.document)
                guard let attribute else { return resource[name]?.string.map { .text($0) } }
                return attribute.values(in: resource).first
            }
        }
    }

    /// Filters of every kind: none, decided by the index in order or not, narrowed by it, and looked for in the documents.
    private static let filters = [
        nil, "active eq true", "userName sw \"u1\"", "userName gt \"u1\" and active eq true", "displayName eq null",
        "emails.value co \"x\"", "userName eq \"u3\" or userName eq \"u13\" or active eq false",
        "meta.lastModified gt \"2026-01-01T00:00:03Z\"", "not (userName eq \"u3\")", "groups eq \"g\"", "title pr",
        "active eq true and title eq \"even\"", "userName eq \"nobody\"",
    ]

    private static let sorts = [
        nil, "userName", "displayName", "externalId", "active", Schema.enterpriseUser.id + ":department", "id", "meta.created",
        "meta.lastModified", "title", "nickName",
    ]

    private static func user(_ number: Int) -> StoredResource {
        var attributes: AttributeMap = [
            "userName": .string("u\(number)"), "emails": [["value": .string("a\(number % 4)@x.org")], ["value": "b@x.org"]],
        ]
        if number % 3 != 0 { attributes.append("displayName", .string(number % 2 == 0 ? "same" : "É\(number % 5)")) }
        if number % 4 != 0 { attributes.append("externalId", .string(number % 2 == 0 ? "X\(number)" : "x\(number)")) }
        if number % 5 != 0 { attributes.append("active", .boolean(number % 2 == 0)) }
        if number % 2 == 0 { attributes.append("title", number % 4 == 0 ? "even" : "Even") }
        if number > 8 { attributes.append(Schema.enterpriseUser.id, ["department": .string("d\(number % 3)")]) }
        // The ids and times stand in another order than that of creation, and some times are equal.
        return Samples.stored("User", "i\((number * 7) % 17)", attributes, created: Samples.time + .seconds((number * 5) % 8))
    }

    private func storeOfUsers() async throws -> any Store {
        let store = try await make()
        try await store.write { transaction in
            try transaction.insert(Samples.stored("Group", "g", ["displayName": "g"]))
            for number in 0..<17 {
                let user = Self.user(number)
                try transaction.insert(user)
                if number % 3 == 0 { _ = try transaction.addMembers([user.key], to: ResourceKey(type: "Group", id: "g")) }
            }
        }
        return store
    }

    /// One search with all that can be asked about its pages.
    private struct Walk {
        let store: any Store
        var query: ResourceQuery

        func page(_ start: PageStart, limit: Int, countsTotal: Bool = false) async throws -> ResourcePage {
            var query = query
            (query.start, query.limit, query.countsTotal) = (start, limit, countsTotal)
            return try await store.read(.scan) { [query] in try $0.resources(query) }
        }

        /// The ids of all pages, from the first to the last by ``PageStart/after(_:)``.
        func forward(limit: Int) async throws -> [[String]] {
            var (pages, start) = ([[String]](), PageStart.offset(0))
            while true {
                let page = try await page(start, limit: limit)
                #expect(page.totalResults == nil)
                #expect((page.previous == nil) == pages.isEmpty)
                pages.append(page.resources.map(\.key.id))
                guard let next = page.next, pages.count < 100 else { return pages }
                start = .after(next)
            }
        }

        /// The ids of all pages but the last, from the last to the first by ``PageStart/before(_:)``.
        func backward(from last: PagePosition, limit: Int) async throws -> [[String]] {
            var (pages, position) = ([[String]](), last)
            while true {
                let page = try await page(.before(position), limit: limit)
                #expect(page.next != nil)
                pages.append(page.resources.map(\.key.id))
                guard let previous = page.previous, pages.count < 100 else { return pages.reversed() }
                position = previous
            }
        }
    }

    private static func chunks(_ ids: [String], _ limit: Int) -> [[String]] {
        let pages = stride(from: 0, to: ids.count, by: limit).map { Array(ids[$0..<min($0 + limit, ids.count)]) }
        return pages.isEmpty ? [[]] : pages
    }

    /// Every filter in every order, page by page forward and backward, by offset and by cursor, finds what a sort of all
    /// finds.
    public func sortedPages() async throws {
        let store = try await storeOfUsers()
        for filter in Self.filters {
            for name in Self.sorts {
                for (isDescending, isComputed) in [(false, false), (true, false), (false, true)] {
                    // One of each kind is enough to compute what an index has as well.
                    if isComputed ? !["displayName", "meta.created"].contains(name) : name == nil && isDescending { continue }
                    var query = try Self.query(.user, filter)
                    query.sort = name.map { Self.sort(.user, $0, isDescending: isDescending, isComputed: isComputed) }
                    try await check(Walk(store: store, query: query), filter, "\(filter ?? "all") by \(name ?? "-"), \(isDescending)")
                }
            }
        }
    }

    private func check(_ walk: Walk, _ filter: String?, _ comment: String) async throws {
        let expected = try await Self.expected(walk)
        for limit in [3, 100] {
            let pages = try await walk.forward(limit: limit)
            #expect(pages == Self.chunks(expected, limit), "\(comment)")
            guard pages.count > 1 else { continue }
            let last = try await walk.page(.offset((pages.count - 1) * limit), limit: limit, countsTotal: true)
            #expect(last.totalResults == expected.count && last.next == nil, "\(comment)")
            #expect(last.resources.map(\.key.id) == pages.last, "\(comment)")
            let position = try #require(last.previous, "\(comment)")
            #expect(try await walk.backward(from: position, limit: limit) == pages.dropLast(), "\(comment)")
            let second = try await walk.page(
                .after(try #require(walk.page(.offset(0), limit: limit).next)), limit: limit, countsTotal: true)
            #expect(second.totalResults == expected.count, "\(comment)")
            #expect(second.resources.map(\.key.id) == pages[1], "\(comment)")
        }
        let counted = try await walk.page(.offset(0), limit: 0, countsTotal: true)
        #expect(counted.totalResults == expected.count && counted.resources.isEmpty && counted.next == nil, "\(comment)")
    }

    /// The ids that a look at every document finds, in the order of their keys.
    private static func expected(_ walk: Walk) async throws -> [String] {
        try await walk.store.read(.scan) { [query = walk.query] transaction in
            var found: [(place: PagePosition, id: String)] = []
            var number: Int64 = 0
            try transaction.forEachResource(of: query.type, in: query.tenant) { stored in
                number += 1
                guard try query.matches(stored, transaction) else { return }
                found.append((PagePosition(key: try query.sort?.key(stored, transaction), number: number), stored.key.id))
            }
            found.sort { $0.place.precedes($1.place) }
            let ids = found.map(\.id)
            return query.sort?.isDescending == true ? ids.reversed() : ids
        }
    }

    /// A page goes on where its position stood, whether the resource is still there or not, and misses none of those that
    /// stay.
    public func pagesWhileOthersChange() async throws {
        for (name, isDescending) in [(nil, false), ("userName", false), ("displayName", true), ("meta.created", false), ("title", true)] {
            let store = try await storeOfUsers()
            var query = try Self.query(.user, nil)
            query.sort = name.map { Self.sort(.user, $0, isDescending: isDescending) }
            let walk = Walk(store: store, query: query)
            let all = try await Self.expected(walk)
            let first = try await walk.page(.offset(0), limit: 5)
            let position = try #require(first.next)
            func delete(_ ids: some Collection<String>) async throws {
                let keys = ids.map { ResourceKey(type: "User", id: $0) }
                try await store.write { transaction in for key in keys { try transaction.delete(key, expected: 1) } }
            }
            // The last of the page, one before and the first of the next page go.
            try await delete([all[4], all[2], all[5]])
            let second = try await walk.page(.after(position), limit: 5)
            #expect(second.resources.map(\.key.id) == Array(all[6..<11]), "\(name ?? "-")")
            let back = try await walk.page(.before(try #require(second.previous)), limit: 5)
            #expect(back.resources.map(\.key.id) == [all[0], all[1], all[3]] && back.previous == nil, "\(name ?? "-")")
            #expect(try await walk.page(.after(try #require(back.next)), limit: 5).resources == second.resources, "\(name ?? "-")")
            // All that came before goes.
            try await delete([all[0], all[1], all[3]])
            #expect(try await walk.page(.after(position), limit: 5).previous == nil, "\(name ?? "-")")
            let none = try await walk.page(.before(position), limit: 5)
            #expect(none.resources.isEmpty && none.previous == nil, "\(name ?? "-")")
            #expect(try await walk.page(.after(try #require(none.next)), limit: 5).resources == second.resources, "\(name ?? "-")")
            // All that comes behind goes.
            let third = try #require(second.next)
            try await delete(all[11...])
            let end = try await walk.page(.after(third), limit: 5)
            #expect(end.resources.isEmpty && end.next == nil, "\(name ?? "-")")
            #expect(try await walk.page(.before(try #require(end.previous)), limit: 9).resources == second.resources, "\(name ?? "-")")
        }
    }

    /// Where nothing is found there is one empty page, whatever is asked for.
    public func pagesOfNothing() async throws {
        let store = try await make()
        let starts: [PageStart] = [
            .offset(0), .offset(3), .after(PagePosition(key: nil, number: 1)), .before(PagePosition(key: .text("x"), number: 1)),
        ]
        for type in [ResourceType.user, .group] {
            for start in starts {
                for name in [nil, "displayName", "id", "title"] {
                    var query = try Self.query(type, type == .user ? nil : "displayName pr")
                    query.sort = name.map { Self.sort(type, $0) }
                    let page = try await Walk(store: store, query: query).page(start, limit: 3, countsTotal: true)
                    #expect(page.resources.isEmpty && page.totalResults == 0 && page.next == nil && page.previous == nil)
                }
            }
            try await store.write { try $0.insert(Samples.stored("User", "u", ["userName": "u"])) }
            try await store.write { try $0.delete(ResourceKey(type: "User", id: "u"), expected: 1) }
        }
    }

    /// The number of a resource that went is nobody's after it, so that positions keep their meaning.
    public func positions() async throws {
        let store = try await make()
        try await store.write { transaction in for name in ["a", "b", "c"] { try transaction.insert(Samples.stored("User", name)) } }
        let walk = Walk(store: store, query: try Self.query(.user, nil))
        let position = try #require(try await walk.page(.offset(0), limit: 2).next)
        try await store.write { transaction in
            for name in ["b", "c"] { try transaction.delete(ResourceKey(type: "User", id: name), expected: 1) }
        }
        try await store.write { try $0.insert(Samples.stored("User", "d")) }
        #expect(try await walk.page(.after(position), limit: 2).resources.map(\.key.id) == ["d"])
    }

    /// Pages by offset stay right while resources come and go between them, and after what was undone.
    public func offsetsWhileOthersChange() async throws {
        struct Refusal: Error {}
        let store = try await make()
        @Sendable func key(_ number: Int) -> ResourceKey { ResourceKey(type: "User", id: "u\(number)") }
        try await store.write { transaction in
            for number in 0..<60 { try transaction.insert(Samples.stored("User", key(number).id), index: []) }
        }
        let walk = Walk(store: store, query: ResourceQuery(type: "User", index: Samples.index))
        var left = (0..<60).map { key($0).id }
        var number = 60
        for round in 0..<8 {
            for offset in [0, 5, 10, 15, 20, 22, 40, 45, 50, 9] {
                let page = try await walk.page(.offset(offset), limit: 5, countsTotal: true)
                #expect(page.resources.map(\.key.id) == Array(left.dropFirst(offset).prefix(5)), "round \(round), offset \(offset)")
                #expect(page.totalResults == left.count)
            }
            let (removed, new) = (left[(round * 13) % left.count], number)
            try? await store.write { transaction in
                try transaction.delete(ResourceKey(type: "User", id: removed), expected: 1)
                _ = try transaction.resources(walk.query)
                throw Refusal()
            }
            try await store.write { transaction in
                if round % 2 == 0 { try transaction.delete(ResourceKey(type: "User", id: removed), expected: 1) }
                try transaction.insert(Samples.stored("User", key(new).id), index: [])
            }
            if round % 2 == 0 { left.removeAll { $0 == removed } }
            left.append(key(number).id)
            number += 1
        }
    }

    /// Resource types and schemas of the site are searched and sorted like the standard ones.
    public func siteSchemas() async throws {
        let device = Schema(
            id: "urn:example:Device", name: "Device", description: "",
            attributes: [
                AttributeDefinition("serial", isCaseExact: true, uniqueness: .server), AttributeDefinition("weight", .decimal),
                AttributeDefinition("bought", .dateTime),
                AttributeDefinition(
                    "ports", .complex, isMultiValued: true,
                    subAttributes: [AttributeDefinition("value"), AttributeDefinition("mac", uniqueness: .global)]),
            ])
        let site = Schema(
            id: "urn:example:Site", name: "Site", description: "", attributes: [AttributeDefinition("badge", uniqueness: .server)])
        let type = ResourceType(
            name: "Device", endpoint: "/Devices", description: "", schema: device.id,
            schemaExtensions: [ResourceType.Extension(schema: site.id, isRequired: false)])
        let registry = SchemaRegistry(
            resourceTypes: SchemaRegistry.standard.resourceTypes + [type], schemas: SchemaRegistry.standard.schemas + [device, site])
        let index = try AttributeIndex(names: ["Device": ["serial", "weight", "bought"]], registry: registry)
        let store = try await make()
        try await store.write { transaction in
            for (number, weight) in [2.5, 10, nil, 2].enumerated() {
                var attributes: AttributeMap = [
                    "serial": .string(number % 2 == 0 ? "S\(number)" : "s\(number)"), "ports": [["mac": .string("m\(number)")]],
                    "bought": .string("2026-01-0\(9 - number)T00:00:00+01:00"), site.id: ["badge": .string("B\(number)")],
                ]
                if let weight { attributes.append("weight", weight == 2 ? 2 : .decimal(weight)) }
                try transaction.insert(Samples.stored("Device", "d\(number)", attributes), index: index)
            }
        }
        func found(_ filter: String, by name: String? = nil) async throws -> [String] {
            let parsed = try Filter(parsing: filter)
            let evaluator = FilterEvaluator(parsed, for: type, in: registry)
            let query = ResourceQuery(
                type: "Device", filter: parsed, index: index,
                matches: { stored, _ in try evaluator.matches(Resource(json: stored.document)) },
                sort: name.map { Self.sort(type, $0, index: index) })
            return try await store.read(.scan) { try $0.resources(query).resources.map(\.key.id) }
        }
        #expect(try await found("serial eq \"S0\"") == ["d0"])
        #expect(try await found("serial eq \"s0\"").isEmpty)
        #expect(try await found("urn:example:Device:weight gt 2") == ["d0", "d1"])
        #expect(try await found("weight pr", by: "weight") == ["d3", "d0", "d1"])
        #expect(try await found("serial pr", by: "weight") == ["d3", "d0", "d1", "d2"])
        #expect(try await found("serial pr", by: "bought") == ["d3", "d2", "d1", "d0"])
        #expect(try await found("urn:example:Site:badge eq \"b2\"") == ["d2"])
        #expect(try await found("ports.mac eq \"m3\" and weight eq 2.0") == ["d3"])
        // What the schemas make unique is, wherever it stands.
        func refused(_ attributes: AttributeMap) async -> StoreError? {
            await #expect(throws: StoreError.self) {
                try await store.write { try $0.insert(Samples.stored("Device", "new", attributes), index: index) }
            }
        }
        #expect(await refused(["serial": "S2"])?.code == .uniqueness(path: "serial"))
        #expect(await refused([site.id: ["badge": "b1"]])?.code == .uniqueness(path: "urn:example:Site:badge"))
        #expect(await refused(["ports": [["mac": "n"], ["mac": "M0"]]])?.code == .uniqueness(path: "ports.mac"))
        let twice: AttributeMap = ["serial": "s2", "ports": [["mac": "n"], ["mac": "N"]], site.id: ["badge": "b9"]]
        try await store.write { try $0.insert(Samples.stored("Device", "new", twice), index: index) }
        #expect(try await found("ports.mac eq \"N\"") == ["new"])
        let other = Samples.stored("Device", "d1", ["ports": [["mac": "n"]]])
        let entries = index.entries(of: try Resource(json: other.document), type: "Device")
        await #expect(throws: StoreError(.uniqueness(path: "ports.mac"), "")) {
            try await store.write { try $0.reindex(other.key, index: entries) }
        }
        #expect(try await found("ports.mac eq \"m1\"") == ["d1"])
    }
}
