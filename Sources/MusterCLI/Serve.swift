import ArgumentParser
import Foundation
import Logging
import Muster
import MusterServer
import ServiceLifecycle
import UnixSignals

/// `muster serve`
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Start the server.",
        discussion: """
            On the first start a bearer token is made and printed, once. Stop the server
            with Ctrl-C or SIGTERM: requests and hooks that have begun are finished.
            Nothing is lost if it is killed.

              muster serve --data var                    listens on 127.0.0.1:8080
              muster serve --data var --port 0           takes any port that is free
              muster serve --data var --plugins hooks --strict

            Settings come from the configuration file, from environment variables such as
            MUSTER_SERVER_PORT for server.port, and from flags, in rising precedence:

              server:    host, port, publicURL, trustForwardedHeaders,
                         maximumBodyBytes, requestTimeoutSeconds, maximumConnections,
                         metrics
              server.tls: certificate, privateKey, clientAuthority, clientCertificates
              authentication: trustedProxies, allowedAddresses, failureBurst,
                         failureIntervalSeconds, jwt, basic, certificates
              directory: defaultCount, maximumCount, patchBodyMemberLimit,
                         uniqueGroupNames, dialect, unknownAttributes, patchAnswer,
                         schemas, passwords, cursorLifetimeSeconds,
                         bulkMaximumOperations, bulkMaximumPayloadBytes,
                         indexUser, indexGroup
              delivery:  concurrency, retentionDays, graceSeconds, recordCalls
              events:    mode, audience, advertised, signingKey
              mail:      sendmail, from
              plugins:   NAME: enabled, config, privateHosts, shadow
              tenants:   NAME: directory, plugins, allowedAddresses
              pluginReload, pluginPins, secretsFolder, trustedAuthorities, logLevel

            A plugin's secret NAME is the variable MUSTER_SECRET_NAME, or the file NAME
            in the secrets folder.

            Changed plugins are taken up within seconds, without a restart; where one is
            broken, its last good version goes on. SIGHUP and 'muster plugin reload' do the
            same at once and also read what the configuration says about plugins.
            pluginReload: signal leaves it at these two.
            """)

    @OptionGroup var data: DataOptions
    @OptionGroup var configuration: ConfigurationOptions
    @Option(help: "The address to listen on. (default: 127.0.0.1)") var host: String?
    @Option(help: "The port; 0 takes any that is free. (default: 8080)") var port: Int?
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Flag(help: "Do not start when a plugin is broken.") var strict = false

    func run() async throws {
        var flags: [String: String] = [:]
        flags["server.host"] = host
        flags["server.port"] = port.map(String.init)
        let settings = try configuration.load(data: data.data, flags: flags)
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "muster")
        logger.logLevel = Logger.Level(rawValue: settings.logLevel) ?? .info

        if settings.server.metrics != "off" { PrometheusMetrics.bootstrap() }

        try data.folder.create()
        let lock = try data.folder.lock()
        let store = try SQLiteStore(path: data.folder.databasePath)
        let provider = try await ServiceProvider(
            store: store, plugins: try pluginsFolder(), data: data.folder, configuration: settings, isStrict: strict, logger: logger)
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        lock.announceProcess()
        let service = ServingProvider(
            provider: provider, data: data.folder, hangups: hangups,
            readConfiguration: { [configuration, data, flags] in try configuration.load(data: data.data, flags: flags) })
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: service)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        withExtendedLifetime(lock) {}
    }

    /// The plugins folder; none where the usual one is not there and no other was named.
    private func pluginsFolder() throws -> String? {
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: plugins, isDirectory: &isFolder), isFolder.boolValue { return plugins }
        guard plugins == "Plugins" else { throw CommandFailure("there is no folder \(plugins); name the plugins folder with --plugins") }
        return nil
    }
}

/// Serves, and greets once it listens.
private struct ServingProvider: Service {
    let provider: ServiceProvider
    let data: DataFolder
    let hangups: UnixSignalsSequence
    let readConfiguration: @Sendable () throws -> Configuration

    func run() async throws {
        let token = try await provider.hasTokens() ? nil : provider.createToken(name: "default")
        let reloading = Task {
            for await _ in hangups { await provider.answerReloadRequest(in: data, configuration: readConfiguration) }
        }
        defer { reloading.cancel() }
        try await provider.run { port in greet(port: port, token: token) }
    }

    private func greet(port: Int, token: String?) {
        let server = provider.configuration.server
        let host = server.host.contains(":") ? "[\(server.host)]" : server.host
        let url = server.publicURL ?? "\(server.tls.certificate == nil ? "http" : "https")://\(host):\(port)/scim/v2"
        Output.line("SCIM base URL  \(url)")
        if let token {
            Output.line("Bearer token   \(token)")
            Output.line("               shown this once; 'muster token create --data \(data.path) --name NAME' makes more")
            Output.line("Try            curl -H 'Authorization: Bearer \(token)' '\(url)/Users'")
        } else {
            Output.line("Bearer token   made before; 'muster token create --data \(data.path) --name NAME' makes another")
        }
        let plugins = provider.plugins
        Output.line("Plugins        \(plugins.isEmpty ? "none" : "")")
        for plugin in plugins {
            Output.line("  \(plugin.line)")
            for finding in plugin.findings { Output.line("    \(finding)") }
        }
    }
}
