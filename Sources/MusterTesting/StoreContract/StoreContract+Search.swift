public import MusterCore
public import SCIM
import Testing

extension StoreContract {
    func runSearch() async throws {
        try await paging()
        try await filters()
        try await filteredPaging()
        try await counts()
        try await nestedWalks()
    }

    /// A query whose filter is evaluated on the document, with membership rows, wherever the index cannot answer.
    public static func query(
        _ type: ResourceType, _ filter: String?, index: AttributeIndex = Samples.index, offset: Int = 0, limit: Int = 100
    ) throws -> ResourceQuery {
        let parsed = try filter.map { try Filter(parsing: $0) }
        let evaluator = parsed.map { FilterEvaluator($0, for: type, in: .standard) }
        return ResourceQuery(
            type: type.name, filter: parsed, index: index,
            matches: { stored, transaction in
                guard let evaluator else { return true }
                return try evaluator.matches(resource(stored, transaction))
            }, start: .offset(offset), limit: limit)
    }

    private static func resource(_ stored: StoredResource, _ transaction: any ReadTransaction) throws -> Resource {
        var resource = try Resource(json: stored.document)
        resource["meta"] = [
            "resourceType": .string(stored.key.type), "created": .string(stored.meta.created.dateTime),
            "lastModified": .string(stored.meta.lastModified.dateTime),
        ]
        if stored.key.type == ResourceType.group.name {
            var members: [AttributeValue] = []
            try transaction.forEachMember(of: stored.key) {
                members.append(["value": .string($0.member.id), "type": .string($0.member.type), "display": .string($0.display ?? "")])
            }
            if !members.isEmpty { resource["members"] = .array(members) }
        } else {
            let groups = try transaction.groups(of: stored.key)
            let indirect = try transaction.indirectGroups(of: stored.key)
            let shown: [AttributeValue] =
                groups.map { ["value": .string($0.group.id), "type": "direct"] }
                + indirect.map { ["value": .string($0.group.id), "type": "indirect"] }
            if !shown.isEmpty { resource["groups"] = .array(shown) }
        }
        return resource
    }

    private func ids(_ store: any Store, _ query: ResourceQuery) async throws -> (ids: [String], total: Int) {
        let page = try await store.read(.scan) { try $0.resources(query) }
        return (page.resources.map(\.key.id), try #require(page.totalResults))
    }

    /// Pages come in the order of creation, from any offset, and tell how many there are in all.
    public func paging() async throws {
        let store = try await make()
        #expect(try await ids(store, Self.query(.user, nil)).total == 0)
        try await store.write { transaction in
            for number in 0..<25 {
                try transaction.insert(Samples.stored("User", "u\(24 - number)", ["userName": .string("u\(number)")]))
                try transaction.insert(Samples.stored("Group", "g\(number)"))
            }
        }
        let all = (0..<25).map { "u\(24 - $0)" }
        for (offset, limit) in [(0, 10), (0, 100), (3, 1), (12, 5), (13, 5), (20, 5), (20, 10), (24, 1), (25, 5), (90, 5), (0, 0), (5, 0)] {
            for filter in [nil, "userName pr", "title eq null"] {
                let found = try await ids(store, Self.query(.user, filter, offset: offset, limit: limit))
                #expect(found.ids == Array(all.dropFirst(offset).prefix(limit)), "offset \(offset), limit \(limit), \(filter ?? "all")")
                #expect(found.total == 25)
            }
        }
    }

    /// Filters that reach every way of answering: by the index, by columns, by membership, by the documents, and mixed.
    public static let userFilters = [
        "userName eq \"ADA\"", "userName eq \"nobody\"", "userName ne \"ada\"", "not (userName eq \"ada\")", "USERNAME sw \"a\"",
        "urn:ietf:params:scim:schemas:core:2.0:User:userName eq \"ada\"", "userName co \"%\"", "userName co \"_\"", "userName co \"*\"",
        "userName co \"'\"", "userName co \"\\\"\"", "userName co \"\\\\\"", "userName sw \"\"", "userName co \"\"", "userName ew \"\"",
        "userName ew \"da\"", "userName ew \"É\"", "userName co \"\u{E9}\"", "userName eq \"e\u{301}\"", "userName gt \"b\"",
        "userName ge \"bob\"", "userName lt \"b\"", "userName le \"bob\"", "userName gt \"b\" and userName lt \"c\"", "userName pr",
        "title pr", "not (title pr)", "title eq \"Boss\"", "title ne \"boss\"", "externalId eq \"X1\"", "externalId eq \"x1\"",
        "externalId pr", "externalId eq null", "externalId ne null", "externalId eq \"\"", "displayName pr", "displayName eq null",
        "displayName eq \"\"", "active eq true", "active eq false", "active eq \"True\"", "active ne true", "active pr",
        "emails.value eq \"work@x.org\"", "emails eq \"WORK@x.org\"", "emails.value co \"home\"", "emails.value ne \"work@x.org\"",
        "not (emails.value sw \"w\")", "emails pr", "emails.value pr", "emails.value eq null", "emails[type eq \"work\"]",
        "emails[value eq \"work@x.org\"]", "emails[value ne \"work@x.org\"]", "emails[not (value eq \"work@x.org\")]",
        "emails[value sw \"work\" and value ew \"org\"]", "emails[value eq \"work@x.org\" or value eq \"home@x.org\"]",
        "emails[value eq \"work@x.org\" and type eq \"home\"]", "emails[value eq \"home@x.org\" and value eq \"work@x.org\"]",
        "emails.value eq \"home@x.org\" and emails.value eq \"work@x.org\"", "emails[type eq \"home\"].value eq \"work@x.org\"",
        "emails[type eq \"work\"].value ne \"work@x.org\"", "emails[value pr and type pr]",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"R&D\"", "department eq \"r&d\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"u1\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager eq \"U1\"", "manager eq \"u1\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager pr", "id eq \"u2\"", "id eq \"U2\"", "id ne \"u2\"",
        "id sw \"u\"", "id co \"2\"", "id ew \"3\"", "id pr", "meta.created gt \"2026-01-01T00:00:02Z\"",
        "meta.lastModified ge \"2026-01-01T00:00:02Z\"", "meta.lastModified lt \"2026-01-01T01:00:02+01:00\"",
        "meta.lastModified eq \"2026-01-01T00:00:01.000Z\"", "meta.lastModified ne \"2026-01-01T00:00:01Z\"", "meta.created pr",
        "meta.lastModified sw \"2026\"", "meta.resourceType eq \"User\"", "meta.resourceType eq \"Group\"",
        "meta.resourceType ne \"Group\"",
        "groups.value eq \"g1\"", "groups eq \"G1\"", "groups[value eq \"g2\"]", "groups pr", "groups ne \"g1\"", "not (groups eq \"g1\")",
        "groups.type eq \"direct\"", "userName eq \"ada\" and title eq \"boss\"", "userName eq \"ada\" or title eq \"boss\"",
        "userName eq \"ada\" or userName eq \"bob\" or externalId eq \"X3\"", "userName sw \"a\" and active eq true and id pr",
        "active eq true and not (userName eq \"ada\")", "not (userName eq \"ada\" and title eq \"boss\")",
        "not (userName eq \"ada\" or active eq false)", "(userName eq \"ada\" or userName eq \"bob\") and groups eq \"g1\"",
        "groups eq \"g1\" and meta.lastModified gt \"2025-01-01T00:00:00Z\" and emails.value co \"@\"", "name.familyName eq \"b\u{F6}ll\"",
        "active eq true and name.familyName co \"L\"", "userName eq \"a\\u0000b\"", "userName ew \"\\u0000b\"", "userName co \"\\u0000\"",
    ]

    /// The same for groups.
    public static let groupFilters = [
        "displayName eq \"STAFF\"", "members eq \"u1\"", "members.value eq \"u1\"", "members[value eq \"u2\"]", "members pr",
        "members ne \"u1\"", "not (members eq \"u1\")", "members eq \"g2\"", "members eq \"nobody\"", "members.type eq \"Group\"",
        "members[value eq \"u1\" and type eq \"Group\"]", "members[value eq \"u1\" or value eq \"g2\"]", "members[display eq \"ada\"]",
        "members eq \"u1\" and displayName sw \"s\"", "members eq \"u1\" and members eq \"u2\"", "externalId eq null", "members co \"u\"",
    ]

    /// Every filter finds what it finds on the documents, whatever is indexed.
    public func filters() async throws {
        let indexes = [Samples.index, Samples.index(of: ["User": ["userName"]]), AttributeIndex(attributes: [:])]
        for index in indexes {
            let store = try await make()
            try await Self.fill(store, index)
            for (type, filters) in [(ResourceType.user, Self.userFilters), (.group, Self.groupFilters)] {
                let all = try await store.read(.scan) { transaction in
                    var found: [(String, Resource)] = []
                    try transaction.forEachResource(of: type.name, in: .default) {
                        found.append(($0.key.id, try Self.resource($0, transaction)))
                    }
                    return found
                }
                for text in filters {
                    let filter = try Filter(parsing: text)
                    let expected = all.filter { filter.matches($0.1, of: type, in: .standard) }.map(\.0)
                    let found = try await ids(store, Self.query(type, text, index: index))
                    #expect(found.ids == expected && found.total == expected.count, "\(type.name): \(text)")
                }
            }
        }
    }

    /// Resources that differ in what ``userFilters`` and ``groupFilters`` ask for.
    static func fill(_ store: any Store, _ index: AttributeIndex) async throws {
        let enterprise = Schema.enterpriseUser.id
        let users: [AttributeMap] = [
            [
                "userName": "Ada", "externalId": "X1", "active": true, "title": "Boss", "name": ["familyName": "Lovelace"],
                "emails": [["value": "Work@x.org", "type": "work"], ["value": "home@x.org", "type": "home"]],
            ],
            [
                "userName": "bob", "externalId": "x1", "active": false, "displayName": "",
                "emails": [["value": "work@x.org", "type": "home"]],
            ],
            ["userName": "\u{E9}", "externalId": "X3", "name": ["familyName": "B\u{F6}ll"], "title": "", "emails": [["type": "work"]]],
            ["userName": "100%_*'\"\\", "active": true, enterprise: ["department": "R&D", "manager": ["value": "u1"]]],
            ["userName": "a\u{0}b", "title": "boss", enterprise: ["manager": ["displayName": "x"]], "emails": [["value": "w@y.org"]]],
            ["userName": "BOB2", "externalId": "", "active": true, "title": "none"],
        ]
        try await store.write { transaction in
            for (number, user) in users.enumerated() {
                let created = Samples.time + .seconds(number)
                try transaction.insert(Samples.stored("User", "u\(number + 1)", user, created: created), index: index)
            }
            for (number, name) in ["Staff", "sales", "empty"].enumerated() {
                try transaction.insert(Samples.stored("Group", "g\(number + 1)", ["displayName": .string(name)]), index: index)
            }
            func key(_ id: String) -> ResourceKey { ResourceKey(type: id.hasPrefix("u") ? "User" : "Group", id: id) }
            _ = try transaction.addMembers([key("u1"), key("u2"), key("g2")], to: key("g1"))
            _ = try transaction.addMembers([key("u2"), key("u3")], to: key("g2"))
            try transaction.createTenant(Tenant(name: "other"))
            let elsewhere = Samples.stored("User", "u1", users[0], tenant: Tenant(name: "other"))
            try transaction.insert(elsewhere, index: index)
        }
    }

    /// Pages of a filtered search count right, whether the index decides, narrows, or is of no use.
    public func filteredPaging() async throws {
        let store = try await make()
        try await store.write { transaction in
            for number in 0..<30 {
                try transaction.insert(
                    Samples.stored(
                        "User", "u\(number)",
                        [
                            "userName": .string("u\(number)"), "active": .boolean(number % 3 != 0),
                            "title": number % 2 == 0 ? "even" : "odd",
                        ]))
            }
        }
        for filter in ["active eq true", "active eq true and title pr", "title eq \"odd\"", "active eq true and title eq \"odd\""] {
            let all = try await ids(store, Self.query(.user, filter))
            #expect(all.ids.count == all.total)
            for (offset, limit) in [(0, 3), (2, 3), (all.total - 2, 2), (all.total - 2, 9), (all.total, 3), (99, 3), (0, 0)] {
                let page = try await ids(store, Self.query(.user, filter, offset: offset, limit: limit))
                #expect(page.ids == Array(all.ids.dropFirst(offset).prefix(limit)), "\(filter) at \(offset)")
                #expect(page.total == all.total, "\(filter) at \(offset)")
            }
        }
    }

    /// The number of all resources of a type stays exact through inserts, deletes and failures.
    public func counts() async throws {
        let store = try await make()
        func total(_ type: ResourceType) async throws -> Int { try await ids(store, Self.query(type, nil, limit: 0)).total }
        try await store.write { transaction in
            for number in 0..<5 { try transaction.insert(Samples.stored("User", "u\(number)")) }
            try transaction.insert(Samples.stored("Group", "g"))
        }
        #expect(try await total(.user) == 5)
        #expect(try await total(.group) == 1)
        try? await store.write { transaction in
            try transaction.insert(Samples.stored("User", "u5"))
            try transaction.insert(Samples.stored("User", "u1"))
        }
        try await store.write { try $0.delete(ResourceKey(type: "User", id: "u3"), expected: 1) }
        #expect(try await total(.user) == 4)
        #expect(try await ids(store, Self.query(.user, nil)).ids == ["u0", "u1", "u2", "u4"])
    }

    /// A walk over rows may begin others inside, the same kind among them.
    public func nestedWalks() async throws {
        let store = try await make()
        try await Self.fill(store, Samples.index)
        let pairs = try await store.read(.scan) { transaction in
            var pairs: [String] = []
            try transaction.forEachResource(of: "Group", in: .default) { outer in
                try transaction.forEachResource(of: "Group", in: .default) { inner in
                    try transaction.forEachMember(of: outer.key) { one in
                        try transaction.forEachMember(of: inner.key) {
                            pairs.append("\(outer.key.id)\(inner.key.id)\(one.member.id)\($0.member.id)")
                        }
                    }
                }
            }
            return pairs
        }
        #expect(pairs.count == (3 + 2) * (3 + 2))
        #expect(Set(pairs).count == pairs.count)
    }
}
