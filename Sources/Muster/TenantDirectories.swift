import Foundation
import Logging
import MusterCore
import MusterDirectory
import MusterPlugins
import MusterProvisioner
import SCIM
import Synchronization

/// The engines of all tenants: each with its schemas, its settings and, where the configuration says so, its own plugins.
final class TenantDirectories: Sendable {
    /// What all tenants share.
    struct Shared: Sendable {
        let store: any Store
        let configuration: Configuration
        let hooks: [LifecycleHooks]
        /// Makes a host of plugins, which have yet to be loaded; `directory` gives the engine of a tenant.
        let makeHost:
            @Sendable (
                _ settings: [String: Configuration.Plugin], _ tenant: Tenant?,
                _ directory: @escaping @Sendable (Tenant) async throws -> Directory?
            ) -> PluginHost
        /// Makes what hosts are told of the settings of plugins.
        let pluginSettings: @Sendable ([String: Configuration.Plugin]) -> PluginSettings
        let didCommit: @Sendable (_ hasDeliveries: Bool) -> Void
        let hashSecret: @Sendable (String) async throws -> [UInt8]
        let logger: Logger
        var clock = WallClock.system
        /// Makes the ids of resources and changes.
        var makeID: @Sendable () -> String = { UUID().uuidString.lowercased() }
    }

    /// A tenant that is served.
    private struct Served: Sendable {
        let directory: Directory
        /// Its own plugins; nil where it has those of the site.
        let host: PluginHost?
        /// Until when it counts as being there without another look at the store.
        var checked: ContinuousClock.Instant
    }

    /// How long a tenant that was deleted by another process may still be served.
    private static let lifetime = Duration.seconds(1)

    private let shared: Shared
    private let main: Directory
    private let siteHost: PluginHost
    private let served = Mutex<[Tenant: Served]>([:])
    private let late = LateDirectories()
    /// What is said about plugins now, of which a reload takes up more than of the rest.
    private let plugins: Mutex<PluginSections>

    /// Makes the engine of the default tenant.
    /// - Throws: ``ConfigurationError`` when the schemas or the index make no sense.
    init(_ shared: Shared) throws {
        self.shared = shared
        plugins = Mutex(PluginSections(shared.configuration))
        let site = shared.configuration.directory
        (main, siteHost) = try Self.engine(shared, site, plugins: shared.configuration.plugins, tenant: nil, host: nil, late)
        // Faults in what the file says about tenants are found now rather than with their first request.
        for (name, tenant) in shared.configuration.tenants {
            _ = try SiteSchemas(folder: tenant.directory.schemas, context: "tenants.\(name).directory")
        }
        late.connect(self)
    }

    /// The plugins of the site.
    var defaultHost: PluginHost { siteHost }

    /// All plugins that are at work.
    var hosts: [PluginHost] { [siteHost] + served.withLock { $0.values.compactMap(\.host) } }

    /// The plugins that work for a tenant whose engine has been asked for.
    func host(of tenant: Tenant) -> PluginHost { served.withLock { $0[tenant]?.host } ?? siteHost }

    /// All plugins that are at work, each with the tenants that they work for.
    func hostsWithTenants() async throws -> [(host: PluginHost, tenants: [Tenant])] {
        let own = served.withLock { $0.compactMapValues(\.host) }
        // One that was deleted is served no more, though nobody has asked for it since.
        let tenants = try await shared.store.read { try $0.tenants() }
        return [(siteHost, tenants.filter { own[$0] == nil })]
            + tenants.compactMap { tenant in own[tenant].map { ($0, [tenant]) } }
    }

    /// Brings indexes up to date and loads the plugins of those tenants that have their own.
    func start(progress: @escaping @Sendable (Int) -> Void) async throws {
        try await main.prepare(progress: progress)
        for name in shared.configuration.tenants.keys.sorted() { _ = try await directory(of: Tenant(name: name)) }
    }

    /// The engine of a tenant; nil when there is no such tenant.
    func directory(of tenant: Tenant) async throws -> Directory? {
        if tenant == .default { return main }
        let now = ContinuousClock.now
        let known = served.withLock { $0[tenant] }
        if let known, known.checked > now { return known.directory }
        guard Tenant.isValid(name: tenant.name), try await shared.store.read({ try $0.hasTenant(tenant) }) else {
            served.withLock { $0[tenant] = nil }
            return nil
        }
        var found = known
        if found == nil { found = try await serve(tenant) }
        found?.checked = now + Self.lifetime
        // Two first requests may have made two engines; both are good, one is kept.
        return served.withLock { served in
            if let other = served[tenant]?.directory, known == nil { return other }
            served[tenant] = found
            return found?.directory
        }
    }

    /// Reads all plugins anew, with the settings of now or with others; see ``PluginHost/load(_:)``.
    ///
    /// Whether a tenant has plugins of its own is decided once: at the start, or with its first request.
    /// - Returns: How they stand, by tenant: nil for the site's.
    func reload(_ sections: PluginSections?) async throws -> [(tenant: Tenant?, reports: [PluginReport])] {
        let sections = plugins.withLock { plugins in
            if let sections { plugins = sections }
            return plugins
        }
        var found: [(Tenant?, [PluginReport])] = [(nil, try await siteHost.load(shared.pluginSettings(sections.site)))]
        let own = served.withLock { $0.compactMap { tenant, served in served.host.map { (tenant, $0) } } }
        for (tenant, host) in own.sorted(by: { $0.0.name < $1.0.name }) {
            found.append((tenant, try await host.load(shared.pluginSettings(sections.own(tenant.name) ?? sections.site))))
        }
        return found
    }

    private func serve(_ tenant: Tenant) async throws -> Served {
        let own = shared.configuration.tenants[tenant.name]
        let settings = own?.directory ?? shared.configuration.directory
        let plugins = plugins.withLock { $0.own(tenant.name) }
        let (directory, host) = try Self.engine(
            shared, settings, plugins: plugins ?? [:], tenant: tenant, host: plugins == nil ? siteHost : nil, late)
        try await directory.prepare(tenant)
        if plugins != nil { try await host.load() }
        return Served(directory: directory, host: plugins == nil ? nil : host, checked: .now)
    }

    /// Makes an engine with its plugins.
    /// - Parameter host: The plugins that it shares with others; nil for its own.
    private static func engine(
        _ shared: Shared, _ settings: Configuration.Directory, plugins: [String: Configuration.Plugin], tenant: Tenant?, host: PluginHost?,
        _ late: LateDirectories
    ) throws -> (Directory, PluginHost) {
        let schemas = try SiteSchemas(folder: settings.schemas, context: tenant.map { "tenants.\($0.name).directory" } ?? "directory")
        let index = try schemas.index(settings)
        let directorySettings = try DirectorySettings(settings)
        let host = host ?? shared.makeHost(plugins, tenant) { try await late.directory(of: $0) }
        let hooks = shared.hooks
        let directory = Directory(
            store: shared.store, registry: schemas.registry, index: index, settings: directorySettings,
            interceptors: hooks.map(\.interceptor) + [host.interceptor],
            answerInterceptors: hooks.compactMap(\.answerInterceptor) + [host.answerInterceptor],
            requestInterceptors: hooks.compactMap(\.requestInterceptor) + [host.requestInterceptor],
            subscribers: { transaction, tenant in
                // Who provisions nobody has no deliveries for it.
                let isProvisioned = try transaction.hasOpenTargets(in: tenant)
                return { kind in
                    hooks.filter { $0.kinds.contains(kind) }.map(\.subscriber) + host.subscribers(of: kind)
                        + (isProvisioned && Provisioner.kinds.contains(kind) ? [Provisioner.subscriber] : [])
                }
            },
            didCommit: shared.didCommit, hashSecret: settings.passwords == "hash" ? shared.hashSecret : nil, clock: shared.clock,
            makeID: shared.makeID)
        return (directory, host)
    }
}

/// The engines for the plugins, which are made before them: an engine's hooks are the plugins, and what plugins do in hooks goes
/// through the engines. Nobody holds the other one alive.
private final class LateDirectories: Sendable {
    private struct Target: Sendable { weak var directories: TenantDirectories? }
    private let target = Mutex(Target())

    func connect(_ directories: TenantDirectories) { target.withLock { $0.directories = directories } }

    func directory(of tenant: Tenant) async throws -> Directory? {
        guard let directories = target.withLock({ $0.directories }) else {
            throw StoreError(.unavailable, "the directory is not open")
        }
        return try await directories.directory(of: tenant)
    }
}

/// What a configuration says about plugins: the part of it that a reload takes up.
struct PluginSections: Sendable, Hashable {
    /// The site's settings.
    var site: [String: Configuration.Plugin]
    /// Those of tenants that have their own.
    var tenants: [String: [String: Configuration.Plugin]]

    init(_ configuration: Configuration) {
        site = configuration.plugins
        tenants = configuration.tenants.compactMapValues(\.plugins)
    }

    /// The settings for a tenant with plugins of its own: the site's, with the tenant's in place of them; nil for others.
    func own(_ tenant: String) -> [String: Configuration.Plugin]? {
        tenants[tenant].map { own in site.merging(own) { _, own in own } }
    }
}

extension DirectorySettings {
    /// What a configuration says about a directory.
    fileprivate init(_ settings: Configuration.Directory) throws {
        guard var dialect = ClientDialect(named: settings.dialect) else {
            throw ConfigurationError(["directory.dialect: there is no dialect '\(settings.dialect)'"])
        }
        if let unknown = settings.unknownAttributes.flatMap(ClientDialect.UnknownAttributes.init) { dialect.unknownAttributes = unknown }
        if let answer = settings.patchAnswer.flatMap(ClientDialect.PatchAnswer.init) { dialect.patchAnswer = answer }
        if settings.uniqueGroupNames { dialect.groupNames = .distinct }
        self.init(
            defaultCount: settings.defaultCount, maximumCount: settings.maximumCount,
            patchBodyMemberLimit: settings.patchBodyMemberLimit, cursorLifetime: .seconds(settings.cursorLifetimeSeconds),
            bulk: BulkLimits(
                maximumOperations: settings.bulkMaximumOperations, maximumPayloadBytes: settings.bulkMaximumPayloadBytes),
            dialect: dialect)
    }
}
