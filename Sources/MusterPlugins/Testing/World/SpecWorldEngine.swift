import Foundation
import MusterCore
import MusterLua
import SCIM

/// One world of a spec: a real engine, the clients that drive it, and what was said between them.
actor SpecWorldEngine {
    /// What a spec asked for.
    struct Options: Sendable {
        /// The clients' settings, the first client's name among them.
        var client: ClientOptions
        /// The plugins that run, with what is said about them.
        var plugins: [String: PluginSettings.Entry]
        /// Secrets beside those of `test.secret`.
        var secrets: [String: String] = [:]
        /// How clients' messages are read; nil for the usual way.
        var dialect: String?
    }

    let world: SpecWorld
    private let factory: SpecEngineFactory
    private let directory: URL
    private let options: Options
    private let recordsCoverage: Bool
    let store: any Store
    private(set) var engine: SpecEngine
    private(set) var lifeline: Lifeline
    private var clients: [any SimulatedClient]
    private(set) var exchanges: [WireExchange] = []

    /// Opens a world with one client.
    /// - Parameter directory: The folder with one folder for each plugin.
    /// - Throws: `HostCallError` when a plugin does not load; what the store throws.
    init(_ options: Options, world: SpecWorld, directory: URL, factory: SpecEngineFactory, recordsCoverage: Bool) async throws {
        (self.options, self.world, self.directory, self.factory) = (options, world, directory, factory)
        self.recordsCoverage = recordsCoverage
        clients = [try options.client.make()]
        store = try await factory.makeStore()
        (engine, lifeline) = try await Self.open(
            options, world: world, directory: directory, store: store, factory: factory, recordsCoverage: recordsCoverage)
    }

    // MARK: The engine's life

    /// Starts the process that serves the store.
    private static func open(
        _ options: Options, world: SpecWorld, directory: URL, store: any Store, factory: SpecEngineFactory,
        recordsCoverage: Bool
    ) async throws -> (SpecEngine, Lifeline) {
        let lifeline = Lifeline()
        var entries = options.plugins
        for folder in try PluginFolder.all(in: directory) where entries[folder.name] == nil {
            entries[folder.name] = PluginSettings.Entry(isEnabled: false)
        }
        let log = SpecLog(
            line: { plugin, entry in if !lifeline.isCut { world.hear(entry, of: plugin) } },
            failure: { failure in if !lifeline.isCut { world.hear(failure) } })
        let secrets = options.secrets
        let engine = try await factory.open(
            SpecEngineOpening(
                plugins: directory,
                settings: PluginSettings(plugins: entries, secret: { name in world.secret(name) ?? secrets[name] }),
                store: lifeline.store(store), world: lifeline.world(world.pluginWorld), makeID: { world.nextID() },
                dialect: options.dialect,
                recordsCoverage: recordsCoverage, logger: log.logger))
        for report in engine.host.reports where options.plugins[report.name] != nil && report.state != .loaded {
            throw HostCallError("test.world: \(report.diagnostics.first?.description ?? report.line)")
        }
        return (engine, lifeline)
    }

    /// Kills the process, if nobody has yet, and starts a new one on the same store.
    func restart() async throws {
        lifeline.cut()
        // What the old one counted would be lost with it.
        await keepCoverage()
        (engine, lifeline) = try await Self.open(
            options, world: world, directory: directory, store: store, factory: factory, recordsCoverage: recordsCoverage)
    }

    // MARK: Clients

    /// Lets another client in.
    /// - Returns: Its number.
    func add(_ client: ClientOptions) throws -> Int {
        clients.append(try client.make())
        return clients.count - 1
    }

    /// Lets a client do something.
    /// - Returns: What the operation answers; nil for nothing.
    /// - Throws: ``WireRefusal`` when the server refuses one of its requests; `HostCallError` for what the client never does.
    func perform(_ operation: ClientOperation, by number: Int) async throws -> AttributeValue? {
        guard clients.indices.contains(number) else { throw HostCallError("the world has no such client") }
        var client = clients[number]
        defer { clients[number] = client }
        return try await operation.run(with: &client, over: ClientWire { try await self.exchange($0) })
    }

    /// Sends a request and keeps it with its answer.
    func exchange(_ request: WireRequest) async throws -> OutboundResponse {
        guard exchanges.count < 10_000 else { throw HostCallError("a world takes at most 10000 requests") }
        let response = try await engine.send(request)
        exchanges.append(WireExchange(request: request, response: response))
        return response
    }

    // MARK: Coverage

    private var kept: [LuaCoverage] = []

    private func keepCoverage() async {
        if recordsCoverage { kept += await engine.host.coverage() }
    }

    /// The lines that ran in the plugins' machines: one part for each machine, to be added up.
    func coverage() async -> [LuaCoverage] {
        recordsCoverage ? kept + (await engine.host.coverage()) : []
    }
}
