import MusterCore
import MusterLua
import SCIM
import Synchronization

/// The made-up world of one spec: settings, secrets, web services, directory, values, time and log.
final class SpecWorld: Sendable {
    struct Stub: Sendable {
        var method: String
        var url: String
        var response: OutboundResponse
    }

    struct State: Sendable {
        var config: AttributeValue?
        var secrets: [String: String] = [:]
        var stubs: [Stub] = []
        var calls: [OutboundRequest] = []
        var logs: [PluginLogEntry] = []
        var resources: [String: [(id: String, value: AttributeValue)]] = [:]
        /// What `muster.scim.changes` finds; the number of the first one is 1.
        var changes: [AttributeValue] = []
        var values: [String: PluginValue] = [:]
        var now = SpecWorld.start
        var lastUUID = 0
        var lastByte: UInt8 = 0
        /// The hook that is running now, so that one which had to be stopped can be named.
        var runningHook: HookName?
    }

    /// 2026-01-01T00:00:00Z: where time starts in every spec.
    static let start = Timestamp(milliseconds: 1_767_225_600_000)

    let manifest: PluginManifest
    let state = Mutex(State())

    init(_ manifest: PluginManifest) { self.manifest = manifest }

    /// Forgets everything, between two specs.
    func reset() { state.withLock { $0 = State() } }

    /// The real guards before the made-up ways out.
    var environment: PluginEnvironment {
        PluginEnvironment(
            name: manifest.name, permissions: manifest.permissions, patterns: { [self] in patterns }, privateHosts: [], world: world,
            secret: { [self] name in state.withLock { $0.secrets[name] } },
            log: { [self] entry in state.withLock { $0.logs.append(entry) } },
            mask: { [self] in SecretMask(state.withLock { Array($0.secrets.values) }) })
    }

    private var world: PluginWorld {
        PluginWorld(
            transport: StubTransport(world: self), values: { [self] _ in values }, scim: scim, changes: changes,
            clock: WallClock { [self] in state.withLock { $0.now } },
            sleep: { [self] duration in state.withLock { $0.now = $0.now + duration } }, makeUUID: { [self] in nextUUID() },
            random: { [self] in nextBytes($0) })
    }

    private var patterns: [URLPattern] {
        let config = state.withLock { $0.config } ?? .complex([:])
        return manifest.permissions.http.compactMap { try? $0.filled { config.setting($0) } }
    }

    private var values: PluginValues {
        PluginValues(
            get: { [self] key, _ in state.withLock { $0.value(key)?.bytes } },
            update: { [self] key, _, change in try state.withLock { $0.values[key] = try change($0.value(key)?.bytes) } })
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

    /// Counts through all bytes, so that specs know what comes.
    private func nextBytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state.lastByte &+= 1
                return state.lastByte
            }
        }
    }

    func nextUUID() -> String {
        let number = state.withLock { state in
            state.lastUUID += 1
            return state.lastUUID
        }
        let digits = String(number)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }
}

extension SpecWorld.State {
    func value(_ key: String) -> PluginValue? {
        values[key].flatMap { value in value.expires.map { $0 > now } ?? true ? value : nil }
    }
}

/// Answers with what a spec has stubbed, the newest stub first.
private struct StubTransport: HTTPTransport {
    let world: SpecWorld

    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        let stub = world.state.withLock { state in
            state.calls.append(request)
            return state.stubs.last { $0.matches(request) }
        }
        guard let stub else {
            throw HostCallError(
                "no stub for \(request.method) \(request.url); add test.http.stub(\"\(request.method)\", \"\(request.url)\", {...})")
        }
        return stub.response
    }
}

extension SpecWorld.Stub {
    fileprivate func matches(_ request: OutboundRequest) -> Bool {
        let urlFits = url.hasSuffix("*") ? request.url.hasPrefix(url.dropLast()) : request.url == url
        return urlFits && (method == "*" || method == request.method)
    }
}
