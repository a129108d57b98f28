import MusterCore
import MusterSQLite
import SCIM
import Testing

@testable import MusterDirectory

@Suite struct SecurityEventTests {
    static let prov = "urn:ietf:params:scim:event:prov:"
    static let enterprise = Schema.enterpriseUser.id

    @Test("a created user is told by its attributes' names (RFC 9967 §2.4.1)")
    func createNotice() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["externalId": "e-1", "name": ["familyName": "Byron"]])
        let event = try #require(try await test.securityEvents().first)
        #expect(event.path == "/Users/\(id)")
        #expect(event.externalID == "e-1")
        let payload = try #require(event.events[Self.prov + "create:notice"])
        #expect(Set(payload.names) == ["id", "userName", "externalId", "name.familyName", "active"])
        #expect(payload["version"] == "W/\"1\"")
        #expect(payload["data"] == nil)
        #expect(event.events.count == 1)
    }

    @Test("the claims are those of the RFC, and the same each time (RFC 8417 §2.2, RFC 9967 §2.1)")
    func claims() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["externalId": "e-1"])
        let change = try #require(try await test.changes().first)
        let derivation = SecurityEventDerivation(registry: .standard, mode: .notice)
        let event = try #require(derivation.events(of: change).first)
        #expect(derivation.events(of: change) == [event])
        let claims = event.claims(issuer: "https://scim.example.com/scim/v2", audience: "https://reader.example.com")
        #expect(claims["iss"] == "https://scim.example.com/scim/v2")
        #expect(claims["aud"] == "https://reader.example.com")
        #expect(claims["jti"] == .string(change.record.id))
        #expect(claims["txn"] == .string("request-1:\(change.record.id)"))
        #expect(claims["iat"] == .integer(change.record.time.milliseconds / 1000))
        #expect(claims["toe"] == claims["iat"])
        #expect(claims["sub_id"] == ["format": "scim", "uri": .string("/Users/\(id)"), "externalId": "e-1"])
        #expect(claims["events"] == .complex(event.events))
        #expect(claims["sub"] == nil)
        #expect(claims["exp"] == nil)
        #expect(event.claims(issuer: "x", audience: nil)["aud"] == nil)
    }

    @Test("PATCH and PUT are told as such, with the paths that changed and the new version")
    func changes() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["name": ["familyName": "Byron"]])
        try await test.patch(.user, id, ["op": "replace", "path": "name.familyName", "value": "Lovelace"])
        let department: AttributeValue = ["op": "add", "path": .string("\(Self.enterprise):department"), "value": "Engines"]
        try await test.patch(.user, id, department)
        _ = try await test.directory.replace(
            .user, id: id, ["userName": "ada", "title": "Countess"], TestDirectory.context, TestDirectory.options)
        let events = try await test.securityEvents().dropFirst().map(\.events)
        #expect(events.map { $0.members.map(\.name) } == ["patch", "patch", "put"].map { [Self.prov + $0 + ":notice"] })
        let payloads = events.compactMap { $0.members.first?.value }
        #expect(payloads.map(\.names) == [["name.familyName"], ["\(Self.enterprise):department"], payloads[2].names])
        #expect(Set(payloads[2].names) == ["name.familyName", "\(Self.enterprise):department", "title"])
        #expect(payloads.map { $0["version"] } == ["W/\"2\"", "W/\"3\"", "W/\"4\""])
    }

    @Test("(de)activation is told beside the change that made it (RFC 9967 §2.4.5, §2.4.6)")
    func activation() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        for value in [false, true] { try await test.patch(.user, id, ["op": "replace", "path": "active", "value": .boolean(value)]) }
        let events = try await test.securityEvents().dropFirst().map(\.events)
        #expect(
            events.map { $0.members.map(\.name) } == [
                [Self.prov + "patch:notice", Self.prov + "deactivate"], [Self.prov + "patch:notice", Self.prov + "activate"],
            ])
        #expect(events.allSatisfy { $0.members.last?.value == [:] })
    }

    @Test("a deletion has no payload (RFC 9967 §2.4.4), and comes after the groups that the user leaves")
    func deletion() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["externalId": "e-1"])
        let group = try await test.group("staff", members: [id])
        try await test.directory.delete(.user, id: id, TestDirectory.context)
        let events = try await test.securityEvents().suffix(2)
        #expect(events.map(\.path) == ["/Groups/\(group)", "/Users/\(id)"])
        #expect(events.first?.events == [Self.prov + "patch:notice": ["attributes": ["members", .string("members[value eq \"\(id)\"]")]]])
        #expect(events.last?.events == [Self.prov + "delete": [:]])
        #expect(events.last?.externalID == "e-1")
        let change = try #require(try await test.changes().last)
        #expect(events.map(\.id) == [change.record.id + ".1", change.record.id])
        #expect(Set(events.map(\.transaction)).count == 1)
        try await test.directory.delete(.group, id: group, TestDirectory.context)
        #expect(try await test.securityEvents().last?.events == [Self.prov + "delete": [:]])
    }

    @Test("members are told as a patch of their group")
    func members() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        try await test.patch(.group, group, ["op": "add", "path": "members", "value": [["value": .string(bob)]]])
        try await test.patch(.group, group, ["op": "remove", "path": .string("members[value eq \"\(ada)\"]")])
        let events = try await test.securityEvents().suffix(3)
        #expect(events.allSatisfy { $0.path == "/Groups/\(group)" })
        let payloads = events.compactMap { $0.events.members.first?.value }
        #expect(Set(payloads[0].names) == ["id", "displayName", "members", "members[value eq \"\(ada)\"]"])
        #expect(payloads[1].names == ["members", "members[value eq \"\(bob)\"]"])
        #expect(payloads[2].names == ["members", "members[value eq \"\(ada)\"]"])
        #expect(payloads.map { $0["version"] } == ["W/\"1\"", "W/\"2\"", "W/\"3\""])
    }

    @Test("a notice holds no value of any attribute but ids and the externalId")
    func privacy() async throws {
        let test = try TestDirectory()
        let secretive = ["ada.lovelace", "Byron", "Countess", "ada@home.example", "Engines", "+44", "Lovelace", "The Staff"]
        let id = try await test.user(
            "ada.lovelace",
            [
                "name": ["familyName": "Byron"], "title": "Countess", "emails": [["value": "ada@home.example"]],
                "phoneNumbers": [["value": "+44"]], Self.enterprise: ["department": "Engines"],
            ])
        try await test.patch(.user, id, ["op": "replace", "path": "name.familyName", "value": "Lovelace"])
        _ = try await test.group("The Staff", members: [id])
        try await test.directory.delete(.user, id: id, TestDirectory.context)
        let text = try await test.securityEvents().map { $0.claims(issuer: "i", audience: nil).jsonText }.joined()
        for value in secretive { #expect(!text.contains(value), "\(value)") }
    }

    @Test("a change of the password is told, its value never", arguments: SecurityEventMode.allCases)
    func password(_ mode: SecurityEventMode) async throws {
        let test = try TestDirectory(hashSecret: { Array("hash of \($0)".utf8) })
        let id = try await test.user("ada", ["password": "t0p-s3cret"])
        try await test.patch(.user, id, ["op": "replace", "path": "password", "value": "n3w-s3cret"])
        let events = try await test.securityEvents(mode)
        let text = events.map { $0.claims(issuer: "i", audience: nil).jsonText }.joined()
        #expect(!text.contains("s3cret"))
        #expect(!text.contains("hash"))
        let payload = try #require(events.last?.events[Self.prov + "patch:notice"])
        #expect(payload.names == ["password"])
        #expect(events.last?.events.count == 1)
    }

    // MARK: Full

    @Test("in full mode a created and a replaced user are told as they are (RFC 9967 §2.4.1, §2.4.3)")
    func fullDocuments() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["name": ["familyName": "Byron"]])
        _ = try await test.directory.replace(
            .user, id: id, ["userName": "ada", "title": "Countess"], TestDirectory.context, TestDirectory.options)
        let events = try await test.securityEvents(.full).map(\.events)
        let created = try #require(events[0][Self.prov + "create:full"])
        #expect(created["data"]?["id"] == .string(id))
        #expect(created["data"]?["name"] == ["familyName": "Byron"])
        #expect(created["attributes"] == nil)
        let replaced = try #require(events[1][Self.prov + "put:full"])
        #expect(replaced["data"]?["title"] == "Countess")
        #expect(replaced["data"]?["name"] == nil)
        #expect(replaced["version"] == "W/\"2\"")
    }

    @Test("in full mode a patch is told as the operations that lead there (RFC 9967 §2.4.2)")
    func fullPatch() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada", ["name": ["familyName": "Byron"], "nickName": "A"])
        try await test.patch(
            .user, id, ["op": "replace", "path": "name.familyName", "value": "Lovelace"], ["op": "remove", "path": "nickName"],
            ["op": "add", "path": "title", "value": "Countess"], ["op": "replace", "path": "active", "value": false])
        let events = try #require(try await test.securityEvents(.full).last?.events)
        #expect(events.members.map(\.name) == [Self.prov + "patch:full", Self.prov + "deactivate"])
        let data = try #require(events.members.first?.value["data"])
        #expect(data["schemas"] == ["urn:ietf:params:scim:api:messages:2.0:PatchOp"])
        // Who applies them to what there was before gets what there is now.
        let change = try #require(try await test.changes().last)
        let (before, after) = (try AttributeValue(json: change.record.before ?? []), try AttributeValue(json: change.record.after ?? []))
        var attributes = try #require(before.complex)
        attributes["meta"] = nil
        let replica = try TestDirectory()
        let copy = try await replica.create(.user, .complex(attributes))
        let copyID = try #require(copy["id"]?.string)
        try await replica.patch(.user, copyID, operations: try #require(data["Operations"]?.array))
        let result = try await replica.get(.user, copyID)
        for name in ["name", "nickName", "title", "active", "userName"] { #expect(result[name] == after[name], "\(name)") }
    }

    @Test("in full mode members are told with their ids, many of them in several tokens of one transaction")
    func fullMembers() throws {
        let count = SecurityEventDerivation.memberLimit + 5
        let change = Self.memberChange(count: count)
        let events = SecurityEventDerivation(registry: .standard, mode: .full).events(of: change)
        #expect(events.map(\.id) == ["c", "c.1"])
        let operations = events.compactMap { $0.events[Self.prov + "patch:full"]?["data"]?["Operations"]?.array }
        #expect(operations.map(\.count) == [1, 1])
        let values = operations.flatMap { $0 }.flatMap { $0["value"]?.array ?? [] }
        #expect(values.compactMap { $0["value"]?.string } == (0..<count).map { "u\($0)" })
        #expect(values.first?["$ref"] == "/Users/u0")
        let notice = SecurityEventDerivation(registry: .standard, mode: .notice).events(of: change)
        #expect(notice.map { $0.events[Self.prov + "patch:notice"]?.names } == [["members"]])
    }

    @Test("a replaced group is told as a patch of its members: a document without them would empty it")
    func fullGroup() async throws {
        let test = try TestDirectory()
        let (ada, bob) = (try await test.user("ada"), try await test.user("bob"))
        let group = try await test.group("staff", members: [ada])
        let created = try #require(try await test.securityEvents(.full).last?.events[Self.prov + "create:full"])
        #expect(created["data"]?["members"]?.array?.compactMap { $0["value"] } == [.string(ada)])
        let body: AttributeValue = ["displayName": "Staff", "members": [["value": .string(bob)]]]
        _ = try await test.directory.replace(.group, id: group, body, TestDirectory.context, TestDirectory.options)
        let operations = try #require(
            try await test.securityEvents(.full).last?.events[Self.prov + "patch:full"]?["data"]?["Operations"]?.array)
        #expect(operations.count == 3)
        #expect(operations.contains(["op": "replace", "path": "displayName", "value": "Staff"]))
        #expect(operations.contains(["op": "remove", "path": .string("members[value eq \"\(ada)\"]")]))
    }

    @Test("what is never returned or only on request is named, not shown, in full mode")
    func fullHidesWhatAnswersHide() throws {
        let schema = Schema(
            id: "urn:example:Thing", name: "Thing", description: "",
            attributes: [
                AttributeDefinition("name"), AttributeDefinition("pin", returned: .never), AttributeDefinition("notes", returned: .request),
            ])
        let type = ResourceType(name: "Thing", endpoint: "/Things", description: "", schema: schema.id, schemaExtensions: [])
        let registry = SchemaRegistry(resourceTypes: [type], schemas: [schema])
        func document(_ name: String, _ hidden: String) -> [UInt8] {
            let document: AttributeValue = ["id": "t", "name": .string(name), "pin": .string(hidden), "notes": .string(hidden)]
            return document.jsonBytes
        }
        let key = ResourceKey(type: "Thing", id: "t")
        let (before, after) = (document("a", "x1"), document("b", "x2"))
        let changes = ["name", "pin", "notes"].map { AttributeChange(path: $0, from: "x1", to: "x2") }
        for operation in [ResourceChange.Operation.replace, .patch] {
            let record = ChangeRecord(
                id: "c", time: Timestamp(milliseconds: 0), resource: key, operation: operation, actor: "a", requestID: "",
                depth: 0, before: before, after: after, changes: changes)
            let derivation = SecurityEventDerivation(registry: registry, mode: .full)
            let event = try #require(derivation.events(of: NumberedChange(number: 1, record: record, events: [])).first)
            let text = event.claims(issuer: "i", audience: nil).jsonText
            #expect(!text.contains("x1") && !text.contains("x2"))
            #expect(event.events.count == 2)
            #expect(event.events.members.last?.value.names == ["pin", "notes"])
            #expect(event.transaction == "c")
        }
    }

    @Test("a hook that moves a user between groups is told of the groups alone")
    func hooks() async throws {
        let test = try TestDirectory()
        let id = try await test.user("ada")
        let user = try #require(try await test.changes().first?.record)
        let group = ResourceKey(type: "Group", id: "g")
        var record = user
        record.operation = .patch
        record.before = record.after
        record.changes = []
        let moved = LifecycleEvent(id: "1", kind: .memberAdded, subject: user.resource, group: group, change: record)
        let derivation = SecurityEventDerivation(registry: .standard, mode: .notice)
        let events = derivation.events(of: NumberedChange(number: 2, record: record, events: [moved]))
        #expect(events.map(\.path) == ["/Groups/g"])
        #expect(events.map(\.id) == [record.id + ".1"])
        #expect(events.first?.events[Self.prov + "patch:notice"]?.names == ["members", "members[value eq \"\(id)\"]"])
    }

    @Test("each mode names the events that it can tell", arguments: [(SecurityEventMode.notice, 6), (.full, 9)])
    func uris(_ mode: SecurityEventMode, count: Int) {
        #expect(mode.eventURIs.count == count)
        #expect(mode.eventURIs.contains(.patchNotice))
        #expect(mode.eventURIs.contains(.patchFull) == (mode == .full))
    }

    static func memberChange(count: Int) -> NumberedChange {
        let group = ResourceKey(type: "Group", id: "g")
        let document: AttributeValue = ["id": "g", "displayName": "staff", "meta": ["version": "W/\"2\""]]
        let record = ChangeRecord(
            id: "c", time: Timestamp(milliseconds: 0), resource: group, operation: .patch, actor: "a", requestID: "r", depth: 0,
            before: document.jsonBytes, after: document.jsonBytes, changes: [])
        let events = (0..<count).map { number in
            LifecycleEvent(
                id: "c-\(number)", kind: .memberAdded, subject: ResourceKey(type: "User", id: "u\(number)"), group: group, change: record)
        }
        return NumberedChange(number: 1, record: record, events: events)
    }
}

extension AttributeValue {
    /// What a notice's payload names.
    var names: [String] { self["attributes"]?.array?.compactMap(\.string) ?? [] }
}

extension TestDirectory {
    func changes() async throws -> [NumberedChange] {
        try await store.read(.scan) { try $0.changes(in: .default, after: 0, limit: 1000) }
    }

    /// The security events so far, oldest first.
    func securityEvents(_ mode: SecurityEventMode = .notice) async throws -> [SecurityEvent] {
        let derivation = SecurityEventDerivation(registry: directory.registry, mode: mode)
        return try await changes().flatMap { derivation.events(of: $0) }
    }

    @discardableResult
    func patch(_ type: ResourceType, _ id: String, operations: [AttributeValue]) async throws -> ResourceAnswer {
        try await directory.patch(type, id: id, Self.message(operations), Self.context, Self.options)
    }
}
