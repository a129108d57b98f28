import Foundation
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
    let spec: PluginFolder.Source?
    var api: HostAPI

    /// - Parameter spec: The spec's text, for messages.
    init(world: SpecWorld, registry: RunRegistry, snapshots: SnapshotFile, worlds: SpecWorlds, spec: PluginFolder.Source? = nil) {
        self.world = world
        self.worlds = worlds
        self.spec = spec
        self.registry = registry
        self.snapshots = snapshots
        api = HostAPI(environment: world.environment, runs: MachineRuns(registry))
        addRuns()
        addSettings()
        addHTTP()
        addMail()
        addWorld()
        addWorlds()
        addWords()
    }

    /// What makes messages better: the words in the spec's text, and the nearest name.
    private mutating func addWords() {
        let spec = spec
        api.sync("test_subject") { _, arguments in
            spec?.subject(at: try arguments.string(0, "the place")).map { .string($0) }
        }
        api.sync("test_hint") { _, arguments in
            let known = arguments[1]?.array?.compactMap(\.string) ?? []
            return .string(NearestName.hint(try arguments.string(0, "the name"), among: known))
        }
    }

    private mutating func addRuns() {
        let (world, registry, snapshots) = (world, registry, snapshots)
        let slowdown = worlds.recordsCoverage ? PluginTestRunner.Limits.slowdown : 1
        api.sync("test_admit") { _, arguments in
            guard let hook = HookName(rawValue: try arguments.string(0, "test.run: the hook")) else {
                throw HostCallError("test.run: there is no hook of this name")
            }
            let event = hook.phase.isQueued ? try arguments.string(1, "test.run: event.id") : nil
            let context = RunContext(hook: hook, tenant: .default, requestID: "request-1", eventID: event)
            world.state.withLock { $0.running = HookBudget(context, world.manifest.limits, slowdown: slowdown) }
            return .integer(registry.admit(context))
        }
        api.sync("test_event_key") { _, arguments in
            .string(RunContext.idempotencyKey(of: try arguments.string(0, "test.run: event.id"), for: world.manifest.name))
        }
        api.sync("test_release") { _, arguments in
            if let token = arguments[0]?.integer { registry.release(token) }
            return world.state.withLock { state in
                defer { state.running = nil }
                return state.running?.overrun.map { .string($0) }
            }
        }
        api.sync("test_changes") { _, arguments in
            func resource(_ index: Int) -> Resource? { arguments[index].flatMap { Resource(hookResult: $0) } }
            return LuaValue(AttributeChange.between(resource(0), resource(1)))
        }
        api.sync("test_mark") { _, _ in .integer(world.mark()) }
        api.sync("test_replay") { _, arguments in
            if let mark = arguments[0]?.integer { world.replay(mark) }
            return nil
        }
        api.sync("test_rewind") { _, arguments in
            if let mark = arguments[0]?.integer { world.rewind(mark) }
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
            let stub = try SpecStub(arguments)
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
            guard abs(seconds) <= HostAPI.longestLifetime / .seconds(1) else {
                throw HostCallError("test.clock.advance: at most ten years")
            }
            world.state.withLock { $0.now = $0.now + .milliseconds(Int64(seconds * 1000)) }
            return nil
        }
        api.sync("test_kv_get") { _, arguments in
            let key = try arguments.string(0, "test.kv.get: the key")
            return world.state.withLock { $0.value(key) }.map { LuaValue(exactly: $0.value) }
        }
        api.sync("test_kv_set") { _, arguments in
            let key = try arguments.string(0, "test.kv.set: the key")
            let end = try arguments.expiry(2, "test.kv.set", WallClock { world.now })
            world.state.withLock { $0.values[key] = arguments[1].map { PluginValue($0.attributeValue, expires: end) } }
            return nil
        }
        api.sync("test_seed") { _, arguments in
            guard let seed = arguments[0]?.integer else { throw HostCallError("test.random.seed: the seed is a whole number") }
            world.state.withLock { $0.random = PredictableRandom(seed: UInt64(bitPattern: seed)) }
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

extension PluginFolder.Source {
    /// What the only `expect(...)` of a line is about, where that is a plain name such as `run.user.emails[1]`.
    /// - Parameter place: As Lua's messages begin: `probe/spec/probe_spec.lua:3: `.
    func subject(at place: String) -> String? {
        guard place.hasPrefix(file + ":"), let number = Int(place.dropFirst(file.count + 1).prefix { $0.isNumber }) else { return nil }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return nil }
        let parts = lines[number - 1].components(separatedBy: "expect(")
        guard parts.count == 2, let end = parts[1].firstIndex(of: ")") else { return nil }
        let name = parts[1][..<end].trimmingCharacters(in: .whitespaces)
        let isPlain = name.wholeMatch(of: /[A-Za-z_]\w*(?:\.[A-Za-z_]\w*|\[\d+\])*/) != nil
        return isPlain && !["nil", "true", "false"].contains(name) ? name : nil
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
