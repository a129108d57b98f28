import Foundation
import Logging
import MusterCore
import SCIM
import Synchronization

@testable import MusterPlugins

/// A folder of plugins with a host on it, and all that the host needs, in memory.
final class TestPlugins: Sendable {
    let directory: URL
    let store = FakeStore()
    let transport: FakeTransport
    let log = LogCapture()
    let host: PluginHost
    let time: TestClock

    init(
        settings: PluginSettings = PluginSettings(), transport: FakeTransport = FakeTransport(), mail: FakeMail = FakeMail(),
        mailSender: MailAddress? = nil, scim: ScimAccess = .none,
        changes: ChangeFeed = .none, time: TestClock = TestClock()
    ) throws {
        directory = FileManager.default.temporaryDirectory.appending(path: "muster-plugins-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        self.transport = transport
        self.time = time
        var world = PluginWorld(
            store: store, transport: transport, mail: mail, mailSender: mailSender, scim: scim, clock: time.clock)
        world.changes = changes
        host = PluginHost(directory: directory, store: store, world: world.journaling, settings: settings, logger: log.logger)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// Writes a plugin's files; `manifest` is what plugin.json holds beside name, version and api.
    @discardableResult
    func add(_ name: String, _ manifest: String = "", lua: String, files: [String: String] = [:]) throws -> TestPlugins {
        let more = manifest.isEmpty ? "" : ",\n" + manifest
        try write("\(name)/plugin.json", "{\"name\": \"\(name)\", \"version\": \"1.0.0\", \"api\": 1\(more)}")
        try write("\(name)/init.lua", lua)
        for (path, text) in files { try write("\(name)/\(path)", text) }
        return self
    }

    func write(_ path: String, _ text: String) throws {
        let file = directory.appending(path: path)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Runs the map and check hooks on a user's creation.
    @discardableResult
    func create(_ user: AttributeMap) async throws -> ResourceChange {
        try await intercept(.create(user))
    }

    @discardableResult
    func intercept(_ change: ResourceChange) async throws -> ResourceChange {
        let interceptor = host.interceptor
        let mapped = try await interceptor.map(change)
        try await interceptor.check(mapped)
        return mapped
    }

    func handle(_ plugin: String, _ event: LifecycleEvent, attempt: Int = 1) async -> DeliveryOutcome {
        let now = time.clock.now()
        return await host.handle(
            Delivery(
                id: 1, subscriber: "plugin:\(plugin)", event: event, state: .leased, attempts: attempt, due: now, leasedUntil: now,
                lease: 1, lastError: nil))
    }
}

/// A plugin that offers one hook with this body, loaded, and with every permission that tests ask for.
func plugin(
    _ hook: HookName, _ body: String, manifest: String = "", settings: PluginSettings = PluginSettings(),
    transport: FakeTransport = FakeTransport(), mail: FakeMail = FakeMail(), mailSender: MailAddress? = nil,
    scim: ScimAccess = .none, changes: ChangeFeed = .none, time: TestClock = TestClock()
) async throws -> TestPlugins {
    let plugins = try TestPlugins(
        settings: settings, transport: transport, mail: mail, mailSender: mailSender, scim: scim, changes: changes, time: time)
    try plugins.add("probe", manifest, lua: "return { \(hook.rawValue) = function(ctx)\n\(body)\nend }")
    let reports = try await plugins.host.load()
    guard reports.allSatisfy({ $0.state == .loaded }) else { throw reports[0].diagnostics.first ?? Diagnostic(.error, reports[0].line) }
    return plugins
}

extension ResourceChange {
    static let request = RequestOrigin(id: "request-1", client: "onelogin", method: "POST", path: "/Users")

    static func create(_ user: AttributeMap) -> ResourceChange {
        var resource = Resource(attributes: user)
        resource.id = "u1"
        return ResourceChange(
            operation: .create, key: ResourceKey(type: "User", id: "u1"), before: nil, after: resource, request: request)
    }

    static func patch(_ before: AttributeMap, _ after: AttributeMap) -> ResourceChange {
        var change = create(after)
        change.operation = .patch
        change.before = Resource(attributes: before)
        return change
    }
}

extension DeliveryOutcome {
    /// Why it is to be tried again, at the usual time; nil for every other outcome.
    var retryReason: String? { if case .retry(nil, let reason) = self { reason } else { nil } }
}

extension LifecycleEvent {
    /// An event about the user `u1`.
    static func user(_ kind: Kind, before: AttributeValue? = nil, after: AttributeValue? = ["id": "u1", "userName": "ada"])
        -> LifecycleEvent
    {
        let key = ResourceKey(type: "User", id: "u1")
        let change = ChangeRecord(
            id: "change-1", time: Timestamp(milliseconds: 1_767_225_600_000), resource: key,
            operation: before == nil ? .create : after == nil ? .delete : .patch, actor: "onelogin", requestID: "request-1", depth: 0,
            before: before?.jsonBytes, after: after?.jsonBytes,
            changes: AttributeChange.between(
                before.map { Resource(attributes: $0.complex ?? [:]) }, after.map { Resource(attributes: $0.complex ?? [:]) }))
        return LifecycleEvent(id: "change-1-1", kind: kind, subject: key, change: change)
    }
}

/// A clock that tests move.
final class TestClock: Sendable {
    private let now = Mutex(Timestamp(milliseconds: 1_767_225_600_000))

    var clock: WallClock { WallClock { [self] in now.withLock { $0 } } }

    func advance(by duration: Duration) { now.withLock { $0 = $0 + duration } }
}

/// Collects log lines.
final class LogCapture: Sendable {
    struct Line: Sendable {
        var level: Logger.Level
        var message: String
        var metadata: [String: String]
    }
    private let captured = Mutex<[Line]>([])

    var lines: [Line] { captured.withLock { $0 } }

    var logger: Logger { Logger(label: "test") { _ in Handler(capture: self) } }

    private struct Handler: LogHandler {
        let capture: LogCapture
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            let line = Line(level: event.level, message: "\(event.message)", metadata: all.mapValues { "\($0)" })
            capture.captured.withLock { $0.append(line) }
        }
    }
}
