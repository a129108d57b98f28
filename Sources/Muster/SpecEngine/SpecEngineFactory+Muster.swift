import Foundation
import Logging
import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins
import MusterServer
import MusterSQLite

extension SpecEngineFactory {
    /// Engines made of what ``ServiceProvider`` is made of, on SQLite in temporary files.
    package static func muster() -> SpecEngineFactory {
        let stores = SpecStores()
        return SpecEngineFactory(
            makeStore: { try await stores.make() },
            open: { opening in try await SpecEngine(opening, tokens: stores.tokens) }, close: { stores.removeTemplate() })
    }
}

extension SpecEngine {
    /// Wires an engine as a server is wired, but for its clock, its ids and its ways out.
    fileprivate init(_ opening: SpecEngineOpening, tokens: [String: String]) async throws {
        var configuration = Configuration()
        if let dialect = opening.dialect { configuration.directory.dialect = dialect }
        let directories = try TenantDirectories(
            TenantDirectories.Shared(
                store: opening.store, configuration: configuration, hooks: [],
                makeHost: { _, tenant, directory in
                    var world = opening.world
                    (world.scim, world.changes) = (ScimAccess(directory), .stored(in: opening.store))
                    return PluginHost(
                        directory: opening.plugins, store: opening.store, world: world, settings: opening.settings, tenant: tenant,
                        logger: opening.logger, recordsCoverage: opening.recordsCoverage)
                },
                pluginSettings: { _ in opening.settings },
                didCommit: { _ in },
                // A hash that costs nothing: nobody asks for passwords here.
                hashSecret: { Array($0.utf8.reversed()) }, logger: opening.logger, clock: opening.world.clock, makeID: opening.makeID))
        try await directories.defaultHost.load()
        try await directories.start { _ in }
        // One delivery at a time, so that the order of calls is the same in each run.
        let worker = DeliveryWorker(
            store: opening.store, subscriptions: { directories.defaultHost.workerSubscriptions(keepsRecords: false) },
            clock: opening.world.clock,
            concurrency: 1, random: { 0.5 }, logger: opening.logger)
        let routes = SCIMRoutes<SpecRequestContext>(
            directories: { try await directories.directory(of: $0) },
            authentication: Authentication(store: opening.store, clock: opening.world.clock),
            settings: ServerSettings(publicURL: SpecRoutes.baseURL))
        let responder = SpecRoutes(routes, tokens: tokens, logger: opening.logger)
        let scheduler = PluginScheduler(
            hosts: { try await directories.hostsWithTenants() }, clock: opening.world.clock, logger: opening.logger)
        self.init(
            host: directories.defaultHost, send: { try await responder.respond(to: $0) }, drain: { try await worker.drain() },
            runSchedules: { try await scheduler.runDue().nextLook })
        // Time begins for the schedules too.
        _ = try await runSchedules()
    }
}
