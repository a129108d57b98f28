import MusterCore
import MusterLua
import SCIM

/// What stands behind `muster.*` for one plugin: its permissions, and the ways out that they guard.
///
/// In a server the ways lead to the world, in a spec to a made-up one; the guards are the same.
struct PluginEnvironment: Sendable {
    /// The plugin's name.
    var name: String
    /// What it may do.
    var permissions: PluginManifest.Permissions
    /// `permissions.http` with the settings filled in.
    var patterns: @Sendable () -> [URLPattern]
    /// Hosts that may have private addresses.
    var privateHosts: [String]
    /// What there is behind the guards.
    var world: PluginWorld
    /// Gives a secret.
    var secret: @Sendable (String) -> String?
    /// Takes what is logged.
    var log: @Sendable (PluginLogEntry) -> Void
    /// Blots out the secrets.
    var mask: @Sendable () -> SecretMask

    /// As whom a plugin changes the directory: the actor of its changes.
    static func actor(_ name: String) -> String { "plugin:\(name)" }

    /// The plugin's own values.
    var values: PluginValues { world.values(name) }
}

/// One line of a plugin's log.
struct PluginLogEntry: Sendable {
    /// The levels.
    enum Level: String, Sendable, CaseIterable {
        case debug, info, warn, error
    }

    var level: Level
    var message: String
    var fields: [(name: String, value: String)]
    /// The run, or nil while the plugin is being loaded.
    var run: RunContext?
}
