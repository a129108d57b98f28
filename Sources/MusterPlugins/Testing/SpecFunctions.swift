import MusterCore
import MusterLua
import SCIM
import Synchronization

/// The functions that testkit.lua calls beside those of a plugin.
struct SpecAPI {
    let world: SpecWorld
    let registry: RunRegistry
    let snapshots: SnapshotFile
    let worlds: SpecWorlds
    var api: HostAPI

    init(world: SpecWorld, registry: RunRegistry, snapshots: SnapshotFile, worlds: SpecWorlds) {
        self.world = world
        self.worlds = worlds
        self.registry = registry
        self.snapshots = snapshots
        api = HostAPI(environment: world.environment, runs: MachineRuns(registry))
        addRuns()
        addSettings()
        addHTTP()
        addWorld()
        addWorlds()
    }

    private mutating func addRuns() {
        let (world, registry, snapshots) = (world, registry, snapshots)
        api.sync("test_admit") { _, arguments in
            guard let hook = HookName(rawValue: try arguments.string(0, "test.run: the hook")) else {
                throw HostCallError("test.run: there is no hook of this name")
            }
            world.state.withLock { $0.runningHook = hook }
            let event = hook.phase.isQueued ? try arguments.string(1, "test.run: event.id") : nil
            return .integer(registry.admit(RunContext(hook: hook, tenant: .default, requestID: "request-1", eventID: event)))
        }
        api.sync("test_release") { _, arguments in
            world.state.withLock { $0.runningHook = nil }
            if let token = arguments[0]?.integer { registry.release(token) }
            return nil
        }
        api.sync("test_changes") { _, arguments in
            func resource(_ index: Int) -> Resource? { arguments[index].flatMap { Resource(hookResult: $0) } }
            return LuaValue(AttributeChange.between(resource(0), resource(1)))
        }
        api.sync("test_mark") { _, _ in
            world.state.withLock { .array([.integer(Int64($0.calls.count)), .integer(Int64($0.logs.count))]) }
        }
        api.sync("test_rewind") { _, arguments in
            let counts = arguments[0]?.array?.compactMap(\.integer).map { Int($0) } ?? []
            guard counts.count == 2 else { return nil }
            world.state.withLock { state in
                state.calls = Array(state.calls.prefix(counts[0]))
                state.logs = Array(state.logs.prefix(counts[1]))
            }
            return nil
        }
        api.sync("test_snapshot") { _, arguments in
            let name = try arguments.string(0, "matches_snapshot: the name")
            try snapshots.compare(name, (arguments[1] ?? .null).attributeValue)
            return nil
        }
    }

    private mutating func addSettings() {
        let world = world
        @Sendable func configure(_ value: AttributeValue) throws(HostCallError) -> LuaValue {
            let (config, findings) = world.manifest.config.check(value)
            guard findings.isEmpty else {
                throw HostCallError("test.config: " + findings.map { "\($0.path) \($0.problem)" }.joined(separator: "; "))
            }
            for pattern in world.manifest.permissions.http {
                do { _ = try pattern.filled { config.setting($0) } } catch { throw HostCallError("test.config: \(error.message)") }
            }
            world.state.withLock { $0.config = config }
            return LuaValue(config)
        }
        api.sync("test_config") { _, arguments in try configure(.complex(AttributeMap(arguments.object(0)))) }
        api.sync("test_current_config") { _, _ in
            if let config = world.state.withLock({ $0.config }) { return LuaValue(config) }
            return try configure(.complex([:]))
        }
        api.sync("test_secret") { _, arguments in
            let name = try arguments.string(0, "test.secret: the name")
            let value = try arguments.string(1, "test.secret: the value")
            guard world.manifest.permissions.secrets.contains(name) else {
                throw HostCallError("test.secret: '\(name)' is not among permissions.secrets in plugin.json")
            }
            world.state.withLock { $0.secrets[name] = value }
            return nil
        }
    }

    private mutating func addHTTP() {
        let world = world
        api.sync("test_stub") { _, arguments in
            let reply = arguments.object(2)
            let known = ["status", "headers", "body", "json"]
            for member in reply.members where !known.contains(member.key) {
                throw HostCallError("test.http.stub: a reply has no '\(member.key)'; \(NearestName.hint(member.key, among: known))")
            }
            let headers =
                reply["headers"]?.object?.members.map { HTTPHeader($0.key, $0.value.string ?? $0.value.attributeValue.jsonText) } ?? []
            let body = reply["json"].map { $0.attributeValue.jsonBytes } ?? Array((reply["body"]?.string ?? "").utf8)
            let response = OutboundResponse(status: Int(reply["status"]?.integer ?? 200), headers: headers, body: body)
            let stub = SpecWorld.Stub(
                method: try arguments.string(0, "test.http.stub: the method").uppercased(),
                url: try arguments.string(1, "test.http.stub: the URL"), response: response)
            world.state.withLock { $0.stubs.append(stub) }
            return nil
        }
        api.sync("test_calls") { _, _ in .array(world.state.withLock { $0.calls }.map(\.luaValue)) }
    }

    private mutating func addWorld() {
        let world = world
        api.sync("test_logs") { _, _ in
            let logs = world.state.withLock { $0.logs }
            var levels = LuaObject()
            for level in PluginLogEntry.Level.allCases {
                levels[level.rawValue] = .array(logs.filter { $0.level == level }.map(\.luaValue))
            }
            return .object(levels)
        }
        api.sync("test_scim_add") { _, arguments in
            let type = try arguments.string(0, "test.scim.add: the resource type")
            guard ["User", "Group"].contains(type) else { throw HostCallError("test.scim.add: the resource type is \"User\" or \"Group\"") }
            guard let value = arguments[1]?.assignedValue, let id = value["id"]?.string else {
                throw HostCallError("test.scim.add: the resource needs an id")
            }
            world.state.withLock { $0.resources[type, default: []].append((id, value)) }
            return nil
        }
        api.sync("test_scim_changed") { _, arguments in
            guard case .complex(var change)? = arguments[0]?.assignedValue else {
                throw HostCallError("test.scim.changed: the change is a table")
            }
            world.state.withLock { state in
                change["number"] = .integer(Int64(state.changes.count + 1))
                state.changes.append(.complex(change))
            }
            return nil
        }
        api.sync("test_clock_set") { _, arguments in
            guard let time = Timestamp(dateTime: try arguments.string(0, "test.clock.set: the time")) else {
                throw HostCallError("test.clock.set: the time is written as 2026-01-02T03:04:05Z")
            }
            world.state.withLock { $0.now = time }
            return nil
        }
        api.sync("test_clock_advance") { _, arguments in
            let seconds = try arguments.number(0, "test.clock.advance: the number of seconds")
            world.state.withLock { $0.now = $0.now + .milliseconds(Int64(seconds * 1000)) }
            return nil
        }
        api.sync("test_kv_get") { _, arguments in
            let key = try arguments.string(0, "test.kv.get: the key")
            return world.state.withLock { $0.value(key) }.map { LuaValue(exactly: $0.value) }
        }
        api.sync("test_kv_set") { _, arguments in
            let key = try arguments.string(0, "test.kv.set: the key")
            let value = arguments[1].map { PluginValue($0.attributeValue) }
            world.state.withLock { $0.values[key] = value }
            return nil
        }
    }
}

extension OutboundRequest {
    /// A call as specs see it; `json` where the body is JSON.
    fileprivate var luaValue: LuaValue {
        var call: LuaObject = [
            "method": .string(method), "url": .string(url), "body": .string(String(decoding: body, as: UTF8.self)),
            "headers": .object(LuaObject(headers.map { .init(key: $0.name, value: .string($0.value)) })),
        ]
        if let json = try? AttributeValue(json: body) { call["json"] = LuaValue(exactly: json) }
        return .object(call)
    }
}

extension PluginLogEntry {
    fileprivate var luaValue: LuaValue {
        ["message": .string(message), "fields": .object(LuaObject(fields.map { .init(key: $0.name, value: .string($0.value)) }))]
    }
}

extension AttributeMap {
    /// The members of a table that a spec wrote.
    init(_ object: LuaObject) {
        self.init(object.members.map { Member(name: $0.key, value: $0.value.attributeValue) })
    }
}
