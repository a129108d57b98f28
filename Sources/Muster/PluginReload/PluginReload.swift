import MusterCore
import MusterPlugins

/// What came of reading the plugins anew.
public struct PluginReload: Sendable, Hashable {
    /// How each plugin stands, those of tenants with plugins of their own at the end.
    public var plugins: [ServiceProvider.PluginStatus]
    /// The parts of the new configuration that differ from the running one and need a restart.
    public var needingRestart: [String]

    /// Whether a version is broken, be it that an earlier one goes on in its place.
    public var isRefused: Bool { plugins.contains { $0.isFailed || $0.isRefused } }
}

extension ServiceProvider.PluginStatus {
    /// How a plugin stands.
    /// - Parameter tenant: Whose it is; nil for the site's.
    init(_ report: PluginReport, of tenant: Tenant? = nil) {
        self.init(
            name: report.name, version: report.version, isLoaded: report.state == .loaded, isFailed: report.state == .failed,
            isRefused: report.refusal != nil,
            line: (tenant.map { "tenant \($0.name): " } ?? "") + report.line, findings: report.diagnostics.map(\.description))
    }
}

extension Configuration {
    /// Makes what hosts are told of the settings of plugins, for tools that try something out: a shadow says nothing about that.
    func pluginSettingsWithoutShadows(environment: [String: String]) -> @Sendable ([String: Configuration.Plugin]) -> PluginSettings {
        { [secretsFolder] plugins in
            let plugins = plugins.mapValues { plugin in
                var plugin = plugin
                plugin.shadow = nil
                return plugin
            }
            return PluginSettings(plugins, secretsFolder: secretsFolder, environment: environment)
        }
    }

    /// Which parts of another configuration would take effect with a restart only.
    func partsNeedingRestart(for new: Configuration) -> [String] {
        var parts: [String] = []
        func compare(_ name: String, _ part: (Configuration) -> some Equatable) { if part(self) != part(new) { parts.append(name) } }
        compare("server") { $0.server }
        compare("authentication") { $0.authentication }
        compare("directory") { $0.directory }
        compare("delivery") { $0.delivery }
        compare("events") { $0.events }
        compare("mail") { $0.mail }
        compare("tenants") { configuration in
            configuration.tenants.mapValues { tenant in
                var tenant = tenant
                // Settings can change, but not whether a tenant has its own.
                tenant.plugins = tenant.plugins.map { _ in [:] }
                return tenant
            }
        }
        compare("pluginReload") { $0.pluginReload }
        compare("pluginPins") { $0.pluginPins }
        compare("secretsFolder") { $0.secretsFolder }
        compare("logLevel") { $0.logLevel }
        return parts
    }
}
