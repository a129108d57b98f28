import Logging
import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization
import Testing

/// A provisioner on a store of its own, with an application in memory on the other side and time that a test moves.
final class Bench: Sendable {
    let store: SQLiteStore
    let target: FakeTarget
    let clock = ManualClock()
    let provisioner: Provisioner
    private let ids = Mutex(0)

    static let base = "https://app.example.com/scim/v2"

    init(_ switches: FakeTarget.Switches = .init(), hooks: ProvisioningHooks = ProvisioningHooks(), quarantineAfter: Int = 5) throws {
        store = try SQLiteStore.inMemory()
        let clock = clock
        target = FakeTarget(switches: switches, sleep: { clock.advance(by: $0) })
        var settings = ProvisionerSettings()
        settings.failuresBeforeQuarantine = quarantineAfter
        // Several loops work on one store: none may take the others' claims for those of a process that ended.
        settings.isOnlyWorker = false
        let counter = Mutex(0)
        provisioner = Provisioner(
            store: store, transport: target, secret: { $0 == "TOKEN" ? "the-secret" : nil }, hooks: hooks, settings: settings,
            clock: clock.wallClock, sleep: { clock.advance(by: $0) }, random: { 0.5 },
            makeID: {
                counter.withLock {
                    $0 += 1; return "id\($0)"
                }
            }, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
    }

    // MARK: The directory

    /// Makes a user, active unless said otherwise, and tells the provisioner.
    /// - Returns: The key.
    @discardableResult
    func addUser(_ userName: String, _ more: AttributeMap = [:]) async throws -> ResourceKey {
        let number = ids.withLock {
            $0 += 1; return $0
        }
        let key = ResourceKey(type: "User", id: "p\(number)")
        var map: AttributeMap = [
            "id": .string(key.id), "userName": .string(userName), "name": ["givenName": "Given", "familyName": .string("Family\(number)")],
            "displayName": .string("Given Family\(number)"), "active": true,
        ]
        for member in more.members { map[member.name] = member.value }
        try await write(key, map)
        await notice(key)
        return key
    }

    /// Changes attributes of a user, and tells the provisioner.
    func change(_ key: ResourceKey, _ more: AttributeMap) async throws {
        try await changeSilently(key, more)
        await notice(key)
    }

    /// Changes attributes of a user; the event is still on its way.
    func changeSilently(_ key: ResourceKey, _ more: AttributeMap) async throws {
        guard let row = try await store.read({ try $0.resource(key) }) else { return }
        var map = try #require(try AttributeValue(json: row.document).complex)
        for member in more.members { map.replace(member) }
        try await write(key, map)
    }

    private func write(_ key: ResourceKey, _ map: AttributeMap) async throws {
        let (now, document) = (clock.now, AttributeValue.complex(map).jsonBytes)
        let display = map["displayName"]?.string
        let index = [IndexEntry(attribute: "userName", value: map["userName"]?.string.map { .text($0.caseFolded) }, isUnique: true)]
        try await store.write { transaction in
            if var row = try transaction.resource(key) {
                row.document = document
                row.meta.version += 1
                row.documentVersion += 1
                try transaction.update(row, expected: row.documentVersion - 1, index: index)
            } else {
                let meta = Meta(resourceType: key.type, created: now, lastModified: now, version: 1)
                try transaction.insert(
                    StoredResource(key: key, document: document, meta: meta, documentVersion: 1, display: display), index: index)
            }
        }
    }

    /// Takes a user away.
    func delete(_ key: ResourceKey) async throws {
        try await store.write { transaction in
            guard let row = try transaction.resource(key) else { return }
            try transaction.delete(key, expected: row.documentVersion)
        }
        await notice(key)
    }

    /// Makes a group.
    func addGroup(_ name: String, _ members: [ResourceKey] = []) async throws -> ResourceKey {
        let number = ids.withLock {
            $0 += 1; return $0
        }
        let key = ResourceKey(type: "Group", id: "local\(number)")
        let (now, document) = (clock.now, (["id": .string(key.id), "displayName": .string(name)] as AttributeValue).jsonBytes)
        try await store.write { transaction in
            let meta = Meta(resourceType: "Group", created: now, lastModified: now, version: 1)
            try transaction.insert(
                StoredResource(key: key, document: document, meta: meta, documentVersion: 1, display: name),
                index: [IndexEntry(attribute: "displayName", value: .text(name.caseFolded), isUnique: false)])
        }
        try await join(key, members)
        return key
    }

    func join(_ group: ResourceKey, _ members: [ResourceKey]) async throws {
        _ = try await store.write { try $0.addMembers(members, to: group) }
        for member in members { await notice(member) }
    }

    func leave(_ group: ResourceKey, _ member: ResourceKey) async throws {
        _ = try await store.write { try $0.removeMembers(ids: [member.id], from: group) }
        await notice(member)
    }

    /// Tells the provisioner that something happened to a person.
    func notice(_ key: ResourceKey) async {
        let record = ChangeRecord(
            id: "c", time: clock.now, resource: key, operation: .replace, actor: "test", requestID: "r", depth: 0, before: nil, after: nil,
            changes: [])
        let event = LifecycleEvent(id: "c-1", kind: .userUpdated, subject: key, change: record)
        _ = await provisioner.notice(
            Delivery(
                id: 1, subscriber: Provisioner.subscriber, event: event, state: .leased, attempts: 1, due: clock.now, leasedUntil: nil,
                lease: 1, lastError: nil))
    }

    // MARK: The target

    /// The definition of a target; nothing waits for approval unless `more` says so.
    static func definition(_ more: AttributeMap = [:]) -> AttributeValue {
        var map: AttributeMap = [
            "name": "app", "preset": "clarizen", "baseURL": .string(base), "authentication": ["type": "bearer", "token": "TOKEN"],
            "scope": ["everyone": true], "approval": ["create": false, "update": false, "delete": false, "groups": false],
        ]
        for member in more.members { map.replace(member) }
        return .complex(map)
    }

    /// Saves the target and switches it on.
    @discardableResult
    func connect(_ more: AttributeMap = [:]) async throws -> [ConnectionStep] {
        try await provisioner.save(Self.definition(more), in: .default, by: "ada")
        return try await provisioner.connect("app", in: .default, by: "ada").steps
    }

    /// Rules that put everybody into groups of the target.
    func putEverybody(into groups: [String]) async throws {
        let rules: AttributeValue = [
            ["name": "everybody", "then": [["action": "set_groups", "groups": .array(groups.map { .string($0) })]]]
        ]
        _ = try await provisioner.saveMappings(rules, in: .default, by: "ada")
    }

    /// Works until nothing is left to do by itself, however long that takes.
    func settle() async throws {
        for _ in 0..<200 {
            await provisioner.drain()
            let open = try await tasks([.due, .approved])
            guard !open.isEmpty else { return }
            clock.advance(by: .seconds(30))
        }
        Issue.record("it never ends: \(try await tasks([]).map(\.lastError))")
    }

    func tasks(_ states: [ProvisioningTask.State]) async throws -> [ProvisioningTask] {
        try await store.read { try $0.provisioningTasks(ProvisioningTaskQuery(states: states, limit: 10_000)) }
    }

    func link(_ key: ResourceKey) async throws -> TargetLink? { try await store.read { try $0.targetLink(key, to: "app") } }

    /// The requests that write, in the order in which they were sent.
    var writes: [Sent] { target.writes.map { Sent($0) } }

    /// All requests, in the order in which they were sent.
    var requests: [Sent] { target.requests.map { Sent($0) } }

    /// The user names of the members of each group, sorted.
    var memberships: [String: [String]] {
        let names = target.users.reduce(into: [String: String]()) { $0[$1["id"]?.string ?? ""] = $1["userName"]?.string }
        return target.groups.reduce(into: [:]) { found, group in
            let members = group["members"]?.array?.compactMap { $0["value"]?.string } ?? []
            found[group["displayName"]?.string ?? ""] = members.map { names[$0] ?? $0 }.sorted()
        }
    }

    /// The id of the account of this name; nil where there is none.
    func id(of userName: String) -> String? { target.user(named: userName)?["id"]?.string }
}

/// A request that was sent.
struct Sent {
    let method: String
    /// Below the base URL, with its query.
    let path: String
    let body: AttributeValue

    init(_ request: OutboundRequest) {
        method = request.method
        path = String(request.url.dropFirst(Bench.base.count))
        body = (try? AttributeValue(json: request.body)) ?? .null
    }

    /// One line: `PATCH /Groups/g1`.
    var line: String { "\(method) \(path)" }
}

extension AttributeMap {
    /// Sets a member or, where its value is null, takes it away.
    fileprivate mutating func replace(_ member: Member) {
        if member.value == .null { self[member.name] = Optional.none } else { self[member.name] = member.value }
    }
}
