package import Foundation
import Logging
package import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins
import SCIM

/// A plugin's machine on a copy of a directory, for `muster lua`.
package struct ConsoleWorld: Sendable {
    /// The console.
    package let console: PluginConsole
    private let transport: AsyncHTTPTransport?

    /// The plugin reaches the directory through it.
    private let directories: TenantDirectories

    /// Opens a console.
    /// - Parameters:
    ///   - store: A copy, or any store that may be written to.
    ///   - sendsRequests: Whether `muster.http` reaches the world; else requests are shown and answered with 200 and `{}`. Mails
    ///     are shown in either case.
    ///   - print: Takes what is printed, logged and called.
    /// - Throws: What is wrong with the plugin or the tenant.
    package init(
        onCopy store: any Store, plugins: URL, plugin: String, configuration: Configuration, tenant: Tenant, sendsRequests: Bool,
        environment: [String: String] = ProcessInfo.processInfo.environment, print: @escaping @Sendable (String) -> Void
    ) async throws {
        let logger = Logger(label: "muster.console", factory: { _ in SwiftLogNoOpLogHandler() })
        let transport = sendsRequests ? try configuration.transport() : nil
        self.transport = transport
        let pluginSettings = configuration.pluginSettingsWithoutShadows(environment: environment)
        let mailSender = try configuration.mail.sender()
        let directories = try TenantDirectories(
            TenantDirectories.Shared(
                store: store, configuration: configuration, hooks: [],
                makeHost: { settings, tenant, directory in
                    let scim = ScimAccess(directory)
                    let world: PluginWorld
                    if let transport {
                        world = PluginWorld(
                            store: store, transport: transport, mail: ShownMail(print: print), mailSender: mailSender, scim: scim)
                    } else {
                        let base = PluginWorld(store: store, transport: UnreachedTransport(), mailSender: mailSender, scim: scim)
                        world = RecordingWorld(over: base, observe: { print($0.call.consoleLine) }).world
                    }
                    return PluginHost(
                        directory: plugins, store: store, world: world, settings: pluginSettings(settings), tenant: tenant,
                        logger: logger)
                },
                pluginSettings: pluginSettings, didCommit: { _ in },
                hashSecret: { _ in throw StoreError(.unavailable, "no password is changed here") }, logger: logger))
        try await directories.start { _ in }
        guard try await directories.directory(of: tenant) != nil else {
            throw ConfigurationError(["there is no tenant '\(tenant.name)'; see 'muster tenant list'"])
        }
        self.directories = directories
        console = try await directories.host(of: tenant).console(plugin: plugin, tenant: tenant, print: print)
    }

    /// Ends what may still be under way.
    package func close() async { await transport?.shutdown() }
}

extension RecordedCall {
    /// `http POST https://mail.example.com/send {"to":"ada"} (not sent)`
    fileprivate var consoleLine: String {
        let text = "\(kind.rawValue) \(method) \(target)" + (body.text.isEmpty ? "" : " \(body.text.prefix(500))")
        return text + ([.http, .mail].contains(kind) ? " (not sent)" : " (not kept)")
    }
}

/// Never asked: a world that records answers by itself.
private struct UnreachedTransport: HTTPTransport {
    func send(_ request: OutboundRequest) async throws -> OutboundResponse {
        throw TransportError(.connectionFailed, "nothing is sent from a console")
    }
}

/// Shows mails in place of sending them, whatever becomes of requests: a mail cannot be taken back.
private struct ShownMail: MailTransport {
    let print: @Sendable (String) -> Void

    func send(_ mail: OutboundMail) async throws { print(RecordedCall(mail).consoleLine) }
}
