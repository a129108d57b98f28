package import Foundation
package import Logging
package import MusterCore
import MusterDelivery
package import MusterPlugins
package import MusterProvisioner

extension Provisioner {
    /// The provisioner of a site: secrets are looked up as those of plugins are.
    package convenience init(
        store: any Store, transport: any HTTPTransport, configuration: Configuration, hooks: ProvisioningHooks = ProvisioningHooks(),
        environment: [String: String], isOnlyWorker: Bool, logger: Logger
    ) {
        var settings = ProvisionerSettings()
        settings.isOnlyWorker = isOnlyWorker
        self.init(
            store: store, transport: transport,
            secret: SecretSource.environment(environment, folder: configuration.secretsFolder.map { URL(filePath: $0) }), hooks: hooks,
            settings: settings, makeID: { UUID().uuidString.lowercased() }, logger: logger)
    }

    /// Runs `body` with a provisioner for a command, beside a server or without one, and closes its connections afterwards.
    ///
    /// Its plugins are loaded when the first person is planned. A plugin that is broken keeps it from planning anybody: what it
    /// then planned would be something else than what the server does.
    /// - Parameters:
    ///   - plugins: The folder with one folder for each plugin; nil for none.
    ///   - pins: Whether plugins must be as they were pinned; nil for never.
    ///   - note: Takes what has to be known about the plugins: that there are none, those that do not run, and ends of which none
    ///     could be told.
    package static func standalone<Value: Sendable>(
        store: any Store, plugins: URL?, pins: PinPolicy?, configuration: Configuration,
        environment: [String: String] = ProcessInfo.processInfo.environment,
        logger: Logger = Logger(label: "muster.provisioner"), note: @escaping @Sendable (String) -> Void,
        _ body: (Provisioner) async throws -> Value
    ) async throws -> Value {
        let transport = try configuration.transport(connectionsPerHost: 16)
        let loaded = CommandPlugins { tenant in
            let engine = try await RehearsalEngine(
                store: store, plugins: plugins, configuration: configuration, tenant: tenant, world: .real(transport, pins: pins),
                environment: environment)
            for line in engine.notes { note(line) }
            return engine
        }
        let hooks = ProvisioningHooks(
            plugins: { try await loaded.host(of: $0) }, untold: { note("no plugin is told how a plan ended: \($0)") })
        let provisioner = Provisioner(
            store: store, transport: transport, configuration: configuration, hooks: hooks, environment: environment, isOnlyWorker: false,
            logger: logger)
        do {
            let value = try await body(provisioner)
            await transport.shutdown()
            return value
        } catch {
            await transport.shutdown()
            throw error
        }
    }
}
