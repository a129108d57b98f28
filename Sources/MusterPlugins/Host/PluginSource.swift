import MusterLua

/// The code of a plugin as it was read: enough to make its machine again at any time.
struct PluginSource: Sendable {
    var entry: PluginFolder.Source
    var library: [PluginFolder.Source]

    init(_ folder: PluginFolder) throws(Diagnostic) {
        entry = try folder.entry()
        library = try folder.library()
    }
}

/// The Lua that is ours.
enum Prelude {
    /// What every state runs before the plugin.
    static let source = String(decoding: PackageResources.prelude_lua, as: UTF8.self)
    /// What a spec's state runs after that.
    static let testkit = String(decoding: PackageResources.testkit_lua, as: UTF8.self)
}
