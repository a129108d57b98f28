import Foundation
import Logging
import MusterCore
import MusterDelivery
import MusterDirectory
import MusterPlugins
import SCIM
import Synchronization

/// A directory with a set of plugins beside no server: the same engine, on a store that is handed in.
struct RehearsalEngine: Sendable {
    /// What the world around the plugins is.
    enum World: Sendable {
        /// Nothing is sent; calls are taken down and answered. Secrets that are missing are made up.
        case recorded(answers: @Sendable (OutboundRequest) -> OutboundResponse?)
        /// The real one, with plugins that are as they were pinned.
        case real(AsyncHTTPTransport, pins: PinPolicy?)
    }

    let directory: Directory
    let host: PluginHost
    /// What has to be known about the plugins: that there are none, those that do not run, and secrets that are made up.
    let notes: [String]
    private let observed: ObservedCalls
    /// The plugins reach the directory through it.
    private let directories: TenantDirectories

    /// - Parameter plugins: The folder with one folder for each plugin; nil for none.
    /// - Throws: ``ConfigurationError`` with every finding when a plugin is broken or the tenant is not there.
    init(
        store: any Store, plugins: URL?, configuration: Configuration, tenant: Tenant, world: World, environment: [String: String]
    ) async throws {
        let logger = Logger(label: "muster.rehearsal", factory: { _ in SwiftLogNoOpLogHandler() })
        let (observed, secrets) = (ObservedCalls(), MissingSecrets())
        let pluginSettings = configuration.pluginSettingsWithoutShadows(environment: environment)
        let (mail, mailSender) = (configuration.mail.transport(environment: environment), try configuration.mail.sender())
        let directories = try TenantDirectories(
            TenantDirectories.Shared(
                store: store, configuration: configuration, hooks: [],
                makeHost: { settings, tenant, directory in
                    var settings = pluginSettings(settings)
                    let scim = ScimAccess(directory)
                    let (pluginWorld, pins): (PluginWorld, PinPolicy?)
                    switch world {
                    case .real(let transport, let policy):
                        pins = policy
                        pluginWorld = PluginWorld(store: store, transport: transport, mail: mail, mailSender: mailSender, scim: scim)
                    case .recorded(let answers):
                        pins = nil
                        let base = PluginWorld(store: store, transport: NoTransport(), mailSender: mailSender, scim: scim)
                        pluginWorld = RecordingWorld(over: base, answers: answers) { observed.add($0) }.world
                        settings.secret = secrets.filling(settings.secret)
                    }
                    return PluginHost(
                        directory: plugins, store: store, world: pluginWorld, settings: settings, tenant: tenant, pins: pins,
                        logger: logger)
                },
                pluginSettings: pluginSettings, didCommit: { _ in },
                hashSecret: { _ in throw StoreError(.unavailable, "no password is changed here") }, logger: logger))
        if plugins != nil { try await directories.defaultHost.load() }
        try await directories.start { _ in }
        guard let directory = try await directories.directory(of: tenant) else {
            throw ConfigurationError(["there is no tenant '\(tenant.name)'; see 'muster tenant list'"])
        }
        self.directory = directory
        self.directories = directories
        host = directories.host(of: tenant)
        self.observed = observed
        let reports = host.reports
        let broken = reports.filter { $0.state == .failed }
        guard broken.isEmpty else {
            throw ConfigurationError(broken.flatMap { $0.diagnostics.isEmpty ? [$0.line] : $0.diagnostics.map(\.description) })
        }
        notes =
            (plugins == nil ? ["no plugin takes part: there is no folder Plugins here; --plugins names another"] : [])
            + reports.filter { $0.state == .off }.map(\.line)
            + secrets.names.map { "the secret \($0) is not here; a made-up text stands for it" }
    }

    /// The calls that hooks before the commit made for a request, which are forgotten by that.
    func takeCalls(of request: String) -> [RehearsalDifference.Call] { observed.take(request) }
}

/// What hooks before the commit did, by request.
private final class ObservedCalls: Sendable {
    private let calls = Mutex<[String: [RehearsalDifference.Call]]>([:])

    func add(_ observation: RecordingWorld.Observation) {
        // What hooks after the commit do is in the record of their run.
        guard observation.hook.phase != .on else { return }
        let call = RehearsalDifference.Call(plugin: observation.plugin, hook: observation.hook.rawValue, call: observation.call)
        calls.withLock { $0[observation.requestID, default: []].append(call) }
    }

    func take(_ request: String) -> [RehearsalDifference.Call] { calls.withLock { $0.removeValue(forKey: request) } ?? [] }
}

/// Stands in for secrets that only the server has: since nothing is sent, any text will do.
private final class MissingSecrets: Sendable {
    private let missing = Mutex<Set<String>>([])

    var names: [String] { missing.withLock { $0.sorted() } }

    func filling(_ secret: @escaping @Sendable (String) -> String?) -> @Sendable (String) -> String? {
        { [self] name in
            if let value = secret(name) { return value }
            missing.withLock { _ = $0.insert(name) }
            return "made-up-\(name)"
        }
    }
}

/// Never asked: a world that records answers by itself.
private struct NoTransport: HTTPTransport {
    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        throw TransportError(.connectionFailed, "nothing is sent in a rehearsal")
    }
}
