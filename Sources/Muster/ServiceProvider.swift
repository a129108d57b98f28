public import Foundation
public import Hummingbird
public import Logging
public import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins
import MusterServer
import NIOCore
import SCIM
public import ServiceLifecycle

/// A SCIM service provider (RFC 7643 §1.2) that runs in your process.
///
///     let provider = try await ServiceProvider(store: SQLiteStore(path: "people.sqlite"), plugins: "Plugins")
///     provider.addRoutes(to: router.group("scim/v2"))
///
/// With a server of your own, run ``deliveries`` beside it in your service group: it hands events to hooks. Without
/// one, ``run()`` serves HTTP and delivers until graceful shutdown.
public struct ServiceProvider: Service {
    /// How a plugin stands after the start.
    public struct PluginStatus: Sendable, Hashable {
        /// The name of its folder.
        public var name: String
        /// Whether it runs.
        public var isLoaded: Bool
        /// Whether it is broken, rather than switched off.
        public var isFailed: Bool
        /// One line for a person: version, hooks, or why it does not run.
        public var line: String
        /// What has to be repaired, with file and line.
        public var findings: [String]
    }

    /// The configuration that it runs with.
    public let configuration: Configuration
    private let store: any Store
    private let directory: Directory
    private let host: PluginHost
    private let worker: DeliveryWorker
    private let transport: AsyncHTTPTransport
    private let authentication: BearerAuthentication
    private let logger: Logger

    /// Opens a directory: brings the index up to date and loads the plugins.
    /// - Parameters:
    ///   - store: Keeps everything.
    ///   - plugins: The folder with one folder for each plugin; nil for none.
    ///   - configuration: What the site decides.
    ///   - hooks: Hooks in Swift; they come before the plugins'. Names must differ.
    ///   - isStrict: Whether a broken plugin keeps the provider from starting.
    ///   - environment: Where `MUSTER_SECRET_…` are looked for.
    ///   - logger: Used for what no request is the cause of.
    /// - Throws: ``ConfigurationError``; `StoreError`; what reading the folder throws.
    public init(
        store: any Store, plugins: String? = nil, configuration: Configuration = .init(), hooks: [LifecycleHooks] = [],
        isStrict: Bool = false, environment: [String: String] = ProcessInfo.processInfo.environment,
        logger: Logger = Logger(label: "muster")
    ) async throws {
        guard Set(hooks.map(\.name)).count == hooks.count, !hooks.contains(where: \.name.isEmpty) else {
            throw ConfigurationError(["hooks: each LifecycleHooks needs a name of its own"])
        }
        let index = try Self.index(configuration.directory)
        let settings = DirectorySettings(
            defaultCount: configuration.directory.defaultCount, maximumCount: configuration.directory.maximumCount,
            patchBodyMemberLimit: configuration.directory.patchBodyMemberLimit)
        let makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
        // What plugins ask of the directory needs none of the hooks, which in turn need the plugins.
        let reading = Directory(store: store, registry: .standard, index: index, settings: settings, makeID: makeID)
        let transport = AsyncHTTPTransport()
        let host = PluginHost(
            directory: plugins.map { URL(filePath: $0, directoryHint: .isDirectory) }, store: store, transport: transport,
            settings: PluginSettings(configuration, environment: environment), scim: ScimAccess(reading), logger: logger)
        var deliverySettings = DeliverySettings()
        deliverySettings.retention = .seconds(configuration.delivery.retentionDays * 86_400)
        deliverySettings.gracePeriod = .seconds(configuration.delivery.graceSeconds)
        let worker = DeliveryWorker(
            store: store, subscriptions: { host.workerSubscriptions + hooks.compactMap(\.subscription) },
            concurrency: configuration.delivery.concurrency, settings: deliverySettings, logger: logger)
        self.configuration = configuration
        self.store = store
        self.host = host
        self.worker = worker
        self.transport = transport
        self.logger = logger
        authentication = BearerAuthentication(store: store)
        directory = Directory(
            store: store, registry: .standard, index: index, settings: settings,
            interceptors: hooks.map(\.interceptor) + [host.interceptor],
            subscribers: { kind in
                hooks.filter { $0.kinds.contains(kind) }.map(\.subscriber) + host.subscribers(of: kind)
            },
            didCommit: { worker.wake() }, makeID: makeID)
        do {
            try await directory.prepare { done in
                if done.isMultiple(of: 5000) { logger.info("indexing", metadata: ["index.done": "\(done)"]) }
            }
            let reports = plugins == nil ? [] : try await host.load()
            if isStrict, let broken = reports.first(where: { $0.state == .failed }) {
                throw ConfigurationError(
                    reports.filter { $0.state == .failed }.flatMap { $0.diagnostics.map(\.description) + [broken.line] })
            }
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    // MARK: Serving

    /// Adds SCIM to a router of yours, below its path: `router.group("scim/v2")`. Authentication, limits and errors
    /// come along; the router's own context is left alone.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        SCIMRoutes<Context>(directory: directory, authentication: authentication, settings: serverSettings(port: configuration.server.port))
            .add(to: router)
    }

    /// Adds `/health/live` and `/health/ready` to a router of yours.
    public func addHealthRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        HealthRoutes<Context>(store: store).add(to: router)
    }

    /// Hands events to hooks until graceful shutdown; for a service group beside a server of your own.
    public var deliveries: any Service { DeliveryService(worker: worker, transport: transport) }

    /// Serves HTTP and hands events to hooks until the surrounding service group shuts down or the task is cancelled.
    public func run() async throws { try await run(onListening: { _ in }) }

    /// The same, and tells the port once connections are accepted.
    public func run(onListening: @escaping @Sendable (_ port: Int) async -> Void) async throws {
        let router = HTTPServer.makeRouter()
        addHealthRoutes(to: router)
        addRoutes(to: router.group("scim/v2"))
        let server = configuration.server
        let application = HTTPServer.makeApplication(
            router: router, host: server.host, port: server.port, limits: limits, services: [worker],
            onServerRunning: { channel in await onListening(channel.localAddress?.port ?? server.port) }, logger: logger)
        do { try await application.run() } catch {
            await transport.shutdown()
            guard let reason = Self.listeningProblem(error) else { throw error }
            throw ConfigurationError(["cannot listen on \(server.host):\(server.port): \(reason); change server.host or server.port"])
        }
        await transport.shutdown()
    }

    /// Why a socket could not be opened; nil where it was something else.
    private static func listeningProblem(_ error: any Error) -> String? {
        switch error {
        case let error as IOError: String(cString: strerror(error.errnoCode))
        case is SocketAddressError: "there is no such address"
        default: nil
        }
    }

    /// Hands out events until nothing is due. For tests.
    public func drainDeliveries() async throws { try await worker.drain() }

    /// Ends the provider's connections. Needed only where neither ``run()`` nor ``deliveries`` has run.
    public func shutdown() async { await transport.shutdown() }

    // MARK: Knowing

    /// How the plugins stand, in the order of their names.
    public var plugins: [PluginStatus] {
        host.reports.map { report in
            PluginStatus(
                name: report.name, isLoaded: report.state == .loaded, isFailed: report.state == .failed, line: report.line,
                findings: report.diagnostics.map(\.description))
        }
    }

    /// Makes a bearer token. Its text is kept nowhere.
    /// - Parameter name: Becomes the actor of what is done with it.
    /// - Returns: The text that the client sends.
    @discardableResult
    public func createToken(name: String) async throws -> String {
        let minted = try TokenMinter().mint(name: name)
        try await store.write { try $0.insert(minted.token) }
        return minted.text
    }

    /// Whether there has ever been a token.
    public func hasTokens() async throws -> Bool { try await store.read { try !$0.accessTokens().isEmpty } }

    // MARK: Settings

    private var limits: ServerLimits {
        ServerLimits(
            maximumBodyBytes: configuration.server.maximumBodyBytes,
            requestTimeout: .seconds(configuration.server.requestTimeoutSeconds),
            maximumConnections: configuration.server.maximumConnections)
    }

    private func serverSettings(port: Int) -> ServerSettings {
        ServerSettings(
            publicURL: configuration.server.publicURL.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 },
            listenAddress: "\(configuration.server.host):\(port)",
            trustsForwardedHeaders: configuration.server.trustForwardedHeaders, limits: limits)
    }

    /// The attributes that every site has in its index, and those that this one adds.
    private static func index(_ configuration: Configuration.Directory) throws -> AttributeIndex {
        do {
            let index = try AttributeIndex(
                names: [
                    ResourceType.user.name: ["userName", "externalId", "displayName", "emails.value", "active"] + configuration.indexUser,
                    ResourceType.group.name: ["displayName", "externalId"] + configuration.indexGroup,
                ], registry: .standard)
            guard configuration.uniqueGroupNames else { return index }
            var attributes = index.attributes
            attributes[ResourceType.group.name] = attributes[ResourceType.group.name]?.map { attribute in
                var attribute = attribute
                if attribute.name == "displayName" { attribute.isUnique = true }
                return attribute
            }
            return AttributeIndex(attributes: attributes)
        } catch let error { throw ConfigurationError(["directory.indexUser, directory.indexGroup: \(error.detail)"]) }
    }
}

/// The queue's worker with the way out over HTTP, which ends after it.
private struct DeliveryService: Service {
    let worker: DeliveryWorker
    let transport: AsyncHTTPTransport

    func run() async throws {
        do { try await worker.run() } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }
}

extension PluginHost {
    fileprivate var workerSubscriptions: [Subscription] {
        subscriptions.map { subscription in
            Subscription(
                name: subscription.name,
                retry: RetryPolicy(
                    maximumAttempts: subscription.retry.maximumAttempts, base: subscription.retry.base, maximum: subscription.retry.maximum),
                handle: { await self.handle($0) })
        }
    }
}

extension LifecycleHooks {
    fileprivate var subscription: Subscription? {
        handle.map { Subscription(name: subscriber, handle: $0) }
    }
}

extension PluginSettings {
    /// What a configuration says about plugins.
    package init(_ configuration: Configuration, environment: [String: String]) {
        self.init(
            plugins: configuration.plugins.mapValues { plugin in
                Entry(isEnabled: plugin.isEnabled, config: plugin.config, privateHosts: plugin.privateHosts)
            },
            secret: SecretSource.environment(environment, folder: configuration.secretsFolder.map { URL(filePath: $0) }))
    }
}

extension ScimAccess {
    /// What `muster.scim` answers: as a client would see it, without a base URL of its own.
    fileprivate init(_ directory: Directory) {
        self.init(
            get: { name, id, tenant in
                guard let type = directory.registry.resourceType(named: name) else { return nil }
                do {
                    let answer = try await directory.get(type, id: id, in: tenant, AnswerOptions(baseURL: ""))
                    return try answer.body.map { try AttributeValue(json: $0) }
                } catch let error as SCIMError where error.status == 404 { return nil }
            },
            find: { name, filter, startIndex, count, tenant in
                guard let type = directory.registry.resourceType(named: name) else {
                    throw SCIMError.invalidValue("there is no resource type '\(name)'")
                }
                let request = SearchRequest(filter: try filter.map { try Filter(parsing: $0) }, startIndex: startIndex, count: count)
                return try await AttributeValue(json: directory.search(type, request, in: tenant, baseURL: ""))
            })
    }
}
