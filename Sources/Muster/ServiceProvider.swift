public import Foundation
public import Hummingbird
public import Logging
import MusterAdmin
public import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins
package import MusterProvisioner
import MusterServer
import NIOCore
import SCIM
public import ServiceLifecycle
import Synchronization

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
        /// The version that runs, or that is in the folder where none does.
        public var version: String
        /// Whether it runs.
        public var isLoaded: Bool
        /// Whether it is broken, rather than switched off.
        public var isFailed: Bool
        /// Whether the version in its folder is refused, so that an earlier good one runs in its place.
        public var isRefused: Bool
        /// One line for a person: version, hooks, or why it does not run.
        public var line: String
        /// What has to be repaired, with file and line.
        public var findings: [String]
    }

    /// The configuration that it runs with.
    public let configuration: Configuration
    private let store: any Store
    private let directories: TenantDirectories
    private let worker: DeliveryWorker
    private let scheduler: PluginScheduler
    private let transport: AsyncHTTPTransport
    private let authentication: Authentication
    private let events: EventFeed
    private let watch: PluginWatch
    private let data: DataFolder?
    /// The outbound engine.
    package let provisioner: Provisioner
    private let reconciliations = Reconciliations()
    let logger: Logger

    /// Opens a directory: brings the index up to date and loads the plugins.
    /// - Parameters:
    ///   - store: Keeps everything.
    ///   - plugins: The folder with one folder for each plugin; nil for none.
    ///   - data: Where the last good versions of plugins are kept and their pins are looked for; nil for neither.
    ///   - configuration: What the site decides.
    ///   - hooks: Hooks in Swift; they come before the plugins'. Names must differ.
    ///   - isStrict: Whether a broken plugin keeps the provider from starting.
    ///   - environment: Where `MUSTER_SECRET_…` are looked for.
    ///   - logger: Used for what no request is the cause of.
    /// - Throws: ``ConfigurationError``; `StoreError`; what reading the folder throws.
    public init(
        store: any Store, plugins: String? = nil, data: DataFolder? = nil, configuration: Configuration = .init(),
        hooks: [LifecycleHooks] = [],
        isStrict: Bool = false, environment: [String: String] = ProcessInfo.processInfo.environment,
        logger: Logger = Logger(label: "muster")
    ) async throws {
        guard Set(hooks.map(\.name)).count == hooks.count, !hooks.contains(where: \.name.isEmpty) else {
            throw ConfigurationError(["hooks: each LifecycleHooks needs a name of its own"])
        }
        let authenticationSettings = try AuthenticationSettings(configuration)
        _ = try ServerTLS(configuration.server.tls)
        // One hook that calls one host may have as many calls under way as there are hooks.
        let transport = try configuration.transport(connectionsPerHost: max(32, configuration.delivery.concurrency))
        let (mail, mailSender) = (configuration.mail.transport(environment: environment), try configuration.mail.sender())
        var deliverySettings = DeliverySettings()
        deliverySettings.retention = .seconds(configuration.delivery.retentionDays * 86_400)
        deliverySettings.gracePeriod = .seconds(configuration.delivery.graceSeconds)
        let wake = LateSignal()
        let events = EventFeed(
            settings: try EventSettings(configuration.events, secretsFolder: configuration.secretsFolder, environment: environment))
        let pluginSettings: @Sendable ([String: Configuration.Plugin]) -> PluginSettings = { settings in
            PluginSettings(settings, secretsFolder: configuration.secretsFolder, environment: environment)
        }
        watch = PluginWatch(plugins: plugins, data: data, configuration: configuration)
        let directories = try TenantDirectories(
            TenantDirectories.Shared(
                store: store, configuration: configuration, hooks: hooks,
                makeHost: { settings, tenant, directory in
                    // Shadows follow what was taken down; whether it is also kept is decided with the subscriptions.
                    let world = PluginWorld(
                        store: store, transport: transport, mail: mail, mailSender: mailSender, scim: ScimAccess(directory))
                    return PluginHost(
                        directory: plugins.map { URL(filePath: $0, directoryHint: .isDirectory) }, store: store,
                        world: world.journaling, settings: pluginSettings(settings), tenant: tenant,
                        stash: data?.stash(for: tenant ?? .default),
                        pins: data?.pins(configuration), logger: logger)
                },
                pluginSettings: pluginSettings,
                didCommit: { hasDeliveries in
                    events.didCommit()
                    if hasDeliveries { wake() }
                },
                hashSecret: { try await PasswordHash.make($0) }, logger: logger))
        let keepsRecords = configuration.delivery.recordCalls
        let provisioner = Provisioner(
            store: store, transport: transport, configuration: configuration,
            hooks: ProvisioningHooks(
                plugins: { tenant in
                    // Makes the tenant's plugins, where nobody has asked for its directory yet.
                    _ = try await directories.directory(of: tenant)
                    return directories.host(of: tenant)
                },
                untold: { logger.error("nobody is told how a plan ended", metadata: ["error": "\($0)"]) }),
            environment: environment, isOnlyWorker: true, logger: logger)
        let provisioning = Subscription(name: Provisioner.subscriber) { await provisioner.notice($0) }
        let worker = DeliveryWorker(
            store: store,
            subscriptions: {
                directories.hosts.flatMap { $0.workerSubscriptions(keepsRecords: keepsRecords) } + hooks.compactMap(\.subscription)
                    + [provisioning]
            },
            concurrency: configuration.delivery.concurrency, settings: deliverySettings, logger: logger)
        wake.connect { worker.wake() }
        self.configuration = configuration
        self.store = store
        self.directories = directories
        self.worker = worker
        self.provisioner = provisioner
        scheduler = PluginScheduler(hosts: { try await directories.hostsWithTenants() }, logger: logger)
        self.transport = transport
        self.logger = logger
        self.data = data
        self.events = events
        authentication = try Authentication(store: store, settings: authenticationSettings, transport: transport, logger: logger)
        do {
            let reports = plugins == nil ? [] : try await directories.defaultHost.load()
            try await directories.start { done in
                if done.isMultiple(of: 5000) { logger.info("indexing", metadata: ["index.done": "\(done)"]) }
            }
            try await RecordingPeriod(store: store).note(isRecording: keepsRecords)
            data?.note(plugins: reports.map { PluginStatus($0) }, logger)
            if isStrict, let broken = reports.first(where: \.isBroken) {
                throw ConfigurationError(
                    reports.filter(\.isBroken).flatMap { $0.diagnostics.map(\.description) + [broken.line] })
            }
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// The engine of a tenant; nil when there is no such tenant.
    func directory(of tenant: Tenant) async throws -> Directory? { try await directories.directory(of: tenant) }

    // MARK: Serving

    /// Adds SCIM to a router of yours, below its path: `router.group("scim/v2")`. Authentication, limits and errors
    /// come along; the router's own context is left alone.
    ///
    /// Where the path has a parameter `:tenant`, as in `router.group("tenants/:tenant/scim/v2")`, it names the tenant;
    /// else the default tenant is meant.
    public func addRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        routes().add(to: router)
    }

    private func routes<Context: RequestContext>() -> SCIMRoutes<Context> {
        SCIMRoutes(
            directories: { [directories] in try await directories.directory(of: $0) }, authentication: authentication,
            settings: serverSettings(port: configuration.server.port), events: events)
    }

    /// Adds `/health/live` and `/health/ready` to a router of yours.
    public func addHealthRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        HealthRoutes<Context>(store: store).add(to: router)
    }

    /// Adds `/health/detail`, and `/metrics` where this process keeps its metrics for Prometheus and `server.metrics` is not
    /// `off`, to a router of yours.
    public func addOperatorRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        let access = configuration.server.metrics
        let health = HealthDetail(
            store: store, clock: .system, subscribers: { [worker] in worker.subscribers }, plugins: { [directories] in directories.hosts },
            targets: { [provisioner] in try await provisioner.health() })
        OperatorRoutes<Context>(
            authentication: authentication, metrics: access == "off" ? nil : PrometheusMetrics.current, metricsAreOpen: access == "open",
            detail: { try await health.document() }
        ).add(to: router)
    }

    /// Adds administration as JSON, targets, mapping rules, approvals and the audit, to a router of yours, below its path:
    /// `router.group("admin/api")`. It wants tokens with the scope `admin` or `admin:read`.
    ///
    /// Where the path has a parameter `:tenant`, as in `router.group("tenants/:tenant/admin/api")`, it names the tenant;
    /// else the default tenant is meant.
    public func addAdminRoutes<Context: RequestContext>(to router: some RouterMethods<Context>) {
        AdminRoutes<Context>(
            provisioner: provisioner, authentication: authentication, settings: serverSettings(port: configuration.server.port),
            reconciliations: reconciliations
        ).add(to: router)
    }

    /// Hands events to hooks until graceful shutdown; for a service group beside a server of your own.
    public var deliveries: any Service {
        DeliveryService(
            worker: worker, schedules: ScheduleService(scheduler: scheduler), provisioner: ProvisionerService(provisioner: provisioner),
            watcher: watcher, transport: transport)
    }

    /// Serves HTTP and hands events to hooks until the surrounding service group shuts down or the task is cancelled.
    public func run() async throws { try await run(onListening: { _ in }) }

    /// The same, and tells the port once connections are accepted.
    public func run(onListening: @escaping @Sendable (_ port: Int) async -> Void) async throws {
        let router = HTTPServer.makeRouter()
        addHealthRoutes(to: router)
        addOperatorRoutes(to: router)
        addRoutes(to: router.group("scim/v2"))
        addRoutes(to: router.group("tenants/:tenant/scim/v2"))
        addAdminRoutes(to: router.group("admin/api"))
        addAdminRoutes(to: router.group("tenants/:tenant/admin/api"))
        routes().addDescription(to: router, supplement: AdminDescription.supplement)
        let server = configuration.server
        // The keys of issuers are read while nobody waits for them.
        let preparation = Task { [authentication] in await authentication.prepare() }
        defer { preparation.cancel() }
        do {
            let application = HTTPServer.makeApplication(
                router: router, host: server.host, port: server.port, limits: limits, tls: try ServerTLS(server.tls)?.configuration(),
                services: [worker, ScheduleService(scheduler: scheduler), ProvisionerService(provisioner: provisioner), watcher],
                onServerRunning: { channel in await onListening(channel.localAddress?.port ?? server.port) },
                logger: logger)
            try await application.run()
        } catch {
            await transport.shutdown()
            if let problem = error as? ServerTLS.Invalid { throw ConfigurationError(["server.tls: \(problem)"]) }
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

    /// Hands out events and provisions until nothing is due. For tests.
    public func drainProvisioning() async throws {
        try await worker.drain()
        await provisioner.drain()
    }

    /// Ends the provider's connections. Needed only where neither ``run()`` nor ``deliveries`` has run.
    public func shutdown() async { await transport.shutdown() }

    // MARK: Knowing

    /// How the plugins stand, in the order of their names.
    public var plugins: [PluginStatus] {
        directories.defaultHost.reports.map { PluginStatus($0) }
    }

    /// Reads all plugins anew: those that are good take the place of the ones before, all at once, and where one is broken its
    /// last good version goes on. What is under way finishes on the version with which it began.
    /// - Parameter configuration: What the site says about plugins from now on; the rest of it needs a restart. Nil: as before.
    /// - Throws: When the folder of the plugins cannot be read. All is as before then.
    @discardableResult
    public func reloadPlugins(_ configuration: Configuration? = nil) async throws -> PluginReload {
        let sections = configuration.map { PluginSections($0) }
        if let configuration { watch.use(configuration) }
        let reports = try await directories.reload(sections)
        data?.note(plugins: directories.defaultHost.reports.map { PluginStatus($0) }, logger)
        return PluginReload(
            plugins: reports.flatMap { tenant, reports in reports.map { PluginStatus($0, of: tenant) } },
            needingRestart: configuration.map { self.configuration.partsNeedingRestart(for: $0) } ?? [])
    }

    private var watcher: PluginWatcher {
        PluginWatcher(watch: watch, logger: logger) { try await reloadPlugins() }
    }

    /// Makes a bearer token. Its text is kept nowhere.
    /// - Parameters:
    ///   - name: Becomes the actor of what is done with it.
    ///   - tenant: Whose directory it opens.
    /// - Returns: The text that the client sends.
    @discardableResult
    public func createToken(name: String, tenant: Tenant = .default) async throws -> String {
        let minted = try TokenMinter().mint(name: name, tenant: tenant)
        try await store.write { try $0.insert(minted.token) }
        return minted.text
    }

    /// Whether there has ever been a token.
    public func hasTokens() async throws -> Bool { try await store.read { try !$0.accessTokens().isEmpty } }

    /// Makes a tenant, which is served at once.
    /// - Throws: `StoreError` `conflict` when there is one of this name; ``ConfigurationError`` when none can have it.
    public func createTenant(_ tenant: Tenant) async throws {
        guard Tenant.isValid(name: tenant.name) else { throw ConfigurationError([Tenant.nameRule]) }
        try await store.write { try $0.createTenant(tenant) }
    }

    /// Deletes a tenant with all that it holds, for good.
    /// - Throws: `StoreError` `notFound`.
    public func deleteTenant(_ tenant: Tenant) async throws { try await store.write { try $0.deleteTenant(tenant) } }

    /// Whether a user's password is this one. Takes as long as a slow hash does, also where there is no such user or
    /// password, so that time tells nothing.
    /// - Parameter user: The user's id.
    public func verifyPassword(_ password: String, ofUser user: String, in tenant: Tenant = .default) async throws -> Bool {
        let key = ResourceKey(tenant: tenant, type: ResourceType.user.name, id: user)
        let hash = try await store.read { try $0.secret("password", of: key) }
        return await PasswordHash.verify(password, against: hash ?? [])
    }

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
}

/// Tells of a commit to whoever is connected later: the worker needs the plugins, which need the directories.
private final class LateSignal: Sendable {
    private let signal = Mutex<(@Sendable () -> Void)?>(nil)
    func connect(_ signal: @escaping @Sendable () -> Void) { self.signal.withLock { $0 = signal } }
    func callAsFunction() { signal.withLock { $0 }?() }
}

/// Runs the plugins' schedules; what is at work at the end is given back.
private struct ScheduleService: Service {
    let scheduler: PluginScheduler

    func run() async { await cancelWhenGracefulShutdown { await scheduler.run() } }
}

/// Provisions; what is at work at the end is given back.
private struct ProvisionerService: Service {
    let provisioner: Provisioner

    func run() async { await cancelWhenGracefulShutdown { await provisioner.run() } }
}

/// The queue's worker, the schedules and the provisioner with the way out over HTTP, which ends after them.
private struct DeliveryService: Service {
    let worker: DeliveryWorker
    let schedules: ScheduleService
    let provisioner: ProvisionerService
    let watcher: PluginWatcher
    let transport: AsyncHTTPTransport

    func run() async throws {
        let watching = Task { try await watcher.run() }
        defer { watching.cancel() }
        do {
            async let scheduled: Void = schedules.run()
            async let provisioned: Void = provisioner.run()
            try await worker.run()
            await scheduled
            await provisioned
        } catch {
            await transport.shutdown()
            throw error
        }
        await transport.shutdown()
    }
}

extension PluginHost {
    /// The plugins that hear of events, for the queue's worker.
    func workerSubscriptions(keepsRecords: Bool) -> [Subscription] {
        subscriptions.map { subscription in
            Subscription(
                name: subscription.name,
                retry: RetryPolicy(
                    maximumAttempts: subscription.retry.maximumAttempts, base: subscription.retry.base, maximum: subscription.retry.maximum),
                concurrency: subscription.delivery.concurrency ?? 32, ratePerSecond: subscription.delivery.ratePerSecond,
                recording: { delivery in
                    let (outcome, record) = await self.run(delivery)
                    return (outcome, keepsRecords && !record.isTrivial ? record.bytes : nil)
                })
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
    package init(_ plugins: [String: Configuration.Plugin], secretsFolder: String?, environment: [String: String]) {
        self.init(
            plugins: plugins.mapValues { plugin in
                Entry(isEnabled: plugin.isEnabled, config: plugin.config, privateHosts: plugin.privateHosts, shadow: plugin.shadow)
            },
            secret: SecretSource.environment(environment, folder: secretsFolder.map { URL(filePath: $0) }))
    }
}
