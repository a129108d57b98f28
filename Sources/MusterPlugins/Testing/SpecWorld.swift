import MusterCore
import MusterLua
import SCIM
import Synchronization

/// The made-up world of one spec: settings, secrets, web services, directory, values, time and log.
final class SpecWorld: Sendable {
    struct State: Sendable {
        var config: AttributeValue?
        var secrets: [String: String] = [:]
        var stubs: [SpecStub] = []
        var calls: [OutboundRequest] = []
        var mails: [OutboundMail] = []
        /// Why the next mails are refused.
        var mailProblems: [String] = []
        /// What is wrong with the first request that no stub answered.
        var unanswered: String?
        var logs: [PluginLogEntry] = []
        var resources: [String: [(id: String, value: AttributeValue)]] = [:]
        /// What `muster.scim.changes` finds; the number of the first one is 1.
        var changes: [AttributeValue] = []
        var values: [String: PluginValue] = [:]
        /// The values of plugins that run beside this one in a world, by plugin.
        var otherValues: [String: [String: PluginValue]] = [:]
        /// What went wrong in the hooks of worlds since somebody last asked.
        var failures: [SpecLog.Failure] = []
        var now = SpecWorld.start
        var lastUUID = 0
        var lastID = 0
        var random = PredictableRandom(seed: 1)
        /// What the hook may use that is running now in `test.run`.
        var running: HookBudget?
    }

    /// 2026-01-01T00:00:00Z: where time starts in every spec.
    static let start = Timestamp(milliseconds: 1_767_225_600_000)

    let manifest: PluginManifest
    let state = Mutex(State())
    private let marks = Mutex<[State]>([])

    init(_ manifest: PluginManifest) { self.manifest = manifest }

    /// Forgets everything, between two specs.
    func reset() {
        state.withLock { $0 = State() }
        marks.withLock { $0 = [] }
    }

    /// Remembers how the world is now.
    /// - Returns: The mark's number.
    func mark() -> Int64 {
        let now = state.withLock { $0 }
        return marks.withLock { marks in
            marks.append(now)
            return Int64(marks.count - 1)
        }
    }

    /// Lets stubs and clock be as they were at a mark, so that a second run of a hook meets what the first one met.
    func replay(_ mark: Int64) {
        guard let then = marks.withLock({ marks in Int(exactly: mark).flatMap { marks.indices.contains($0) ? marks[$0] : nil } }) else {
            return
        }
        state.withLock { ($0.stubs, $0.now) = (then.stubs, then.now) }
    }

    /// Forgets what happened since a mark, but not the values: a run that needs them to be untouched cannot be repeated.
    func rewind(_ mark: Int64) {
        guard let then = marks.withLock({ marks in Int(exactly: mark).flatMap { marks.indices.contains($0) ? marks[$0] : nil } }) else {
            return
        }
        state.withLock { ($0.stubs, $0.now, $0.calls, $0.logs) = (then.stubs, then.now, then.calls, then.logs) }
        marks.withLock { $0 = [] }
    }

    /// The real guards before the made-up ways out.
    var environment: PluginEnvironment {
        PluginEnvironment(
            name: manifest.name, permissions: manifest.permissions, patterns: { [self] in patterns }, privateHosts: [], world: pluginWorld,
            secret: { [self] name in state.withLock { $0.secrets[name] } },
            log: { [self] entry in state.withLock { $0.logs.append(entry) } },
            mask: { [self] in SecretMask(state.withLock { Array($0.secrets.values) }) })
    }

    /// What plugins reach: the test's own, or those of an engine, which adds its directory.
    var pluginWorld: PluginWorld {
        var world = PluginWorld(
            transport: StubTransport(world: self), values: { [self] in values(of: $0) }, scim: scim, changes: changes,
            clock: WallClock { [self] in state.withLock { $0.now } },
            sleep: { [self] duration in try pass(duration) }, makeUUID: { [self] in nextUUID() },
            random: { [self] count in state.withLock { $0.random.bytes(count) } })
        (world.mail, world.mailSender) = (SpecMail(world: self), try? MailAddress("muster@example.com"))
        return world
    }

    /// Lets time pass for which the run that asks for it waits; no further than its time goes.
    /// - Throws: `HostCallError` when its time is up, at which the server would stop it.
    func pass(_ time: Duration) throws(HostCallError) {
        let run = CurrentRun.now.flatMap { $0.plugin == manifest.name ? $0.context : nil }
        let left = run.map { max(.zero, manifest.limits.wall(in: $0.hook.phase) - $0.waited) }
        run?.wait(time)
        state.withLock { $0.now = $0.now + min(time, left ?? time) }
        if let run, let overrun = manifest.limits.overrun(of: run, waited: run.waited) { throw HostCallError(overrun) }
    }

    private var patterns: [URLPattern] {
        let config = state.withLock { $0.config } ?? .complex([:])
        return manifest.permissions.http.compactMap { try? $0.filled { config.setting($0) } }
    }

    private func values(of plugin: String) -> PluginValues {
        guard plugin != manifest.name else {
            return PluginValues(
                get: { [self] key, _ in state.withLock { $0.value(key)?.bytes } },
                update: { [self] key, _, change in try state.withLock { $0.values[key] = try change($0.value(key)?.bytes) } })
        }
        return PluginValues(
            get: { [self] key, _ in state.withLock { $0.unlessExpired($0.otherValues[plugin]?[key])?.bytes } },
            update: { [self] key, _, change in
                try state.withLock { state in
                    let old = state.unlessExpired(state.otherValues[plugin]?[key])?.bytes
                    state.otherValues[plugin, default: [:]][key] = try change(old)
                }
            })
    }

    private var changes: ChangeFeed {
        ChangeFeed { [self] _, cursor, limit in
            let all = state.withLock { $0.changes }
            let start = min(all.count, Int(clamping: cursor ?? 0))
            let page = all[start...].prefix(limit)
            return ChangeFeed.Page(changes: Array(page), cursor: Int64(page.endIndex))
        }
    }

    private var scim: ScimAccess {
        ScimAccess(
            get: { [self] type, id, _ in state.withLock { $0.resources[type]?.first { $0.id == id }?.value } },
            find: { [self] type, filter, start, count, _ in
                let resourceType: ResourceType = type == ResourceType.group.name ? .group : .user
                let all = state.withLock { $0.resources[type] ?? [] }.map(\.value)
                let parsed = try filter.map { try Filter(parsing: $0) }
                let found = all.filter { value in
                    parsed?.matches(Resource(attributes: value.complex ?? [:]), of: resourceType, in: .standard) ?? true
                }
                let page = found.dropFirst(start - 1).prefix(count)
                return ["totalResults": .integer(Int64(found.count)), "Resources": .array(Array(page))]
            }, write: { [self] write, _ in try change(write) })
    }

    func nextUUID() -> String {
        state.withLock { state in
            state.lastUUID += 1
            return SequentialUUID.text(state.lastUUID)
        }
    }
}

/// UUIDs in the order of counting.
enum SequentialUUID {
    /// - Parameter group: A hexadecimal digit from 8 to b, which tells kinds of UUIDs apart.
    static func text(_ number: Int, group: Character = "8") -> String {
        let digits = String(number)
        return "00000000-0000-4000-\(group)000-" + String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
}

extension SpecWorld.State {
    func value(_ key: String) -> PluginValue? { unlessExpired(values[key]) }

    func unlessExpired(_ value: PluginValue?) -> PluginValue? {
        value.flatMap { value in value.expires.map { $0 > now } ?? true ? value : nil }
    }
}

/// Random bytes that are the same each time (SplitMix64).
struct PredictableRandom: RandomNumberGenerator, Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) } }
}
