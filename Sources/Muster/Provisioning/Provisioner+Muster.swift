import Foundation
package import Logging
package import MusterCore
import MusterDelivery
import MusterPlugins
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
    package static func standalone<Value: Sendable>(
        store: any Store, configuration: Configuration, environment: [String: String] = ProcessInfo.processInfo.environment,
        logger: Logger = Logger(label: "muster.provisioner"), _ body: (Provisioner) async throws -> Value
    ) async throws -> Value {
        let transport = AsyncHTTPTransport(connectionsPerHost: 16)
        let provisioner = Provisioner(
            store: store, transport: transport, configuration: configuration, environment: environment, isOnlyWorker: false, logger: logger)
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
