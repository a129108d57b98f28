import MusterLua

/// The code of a plugin as it was read: enough to make its machine again at any time.
struct PluginSource: Sendable {
    var entry: PluginFolder.Source
    var library: [PluginFolder.Source]

    init(entry: PluginFolder.Source, library: [PluginFolder.Source]) {
        self.entry = entry
        self.library = library
    }

    init(_ folder: PluginFolder) throws(Diagnostic) { self.init(entry: try folder.entry(), library: try folder.library()) }
}

/// The Lua that is ours, with the API's table in front.
enum Prelude {
    /// What every state runs before the plugin.
    static let plugin = LuaPrelude(name: "muster", source: source(PackageResources.prelude_lua, .plugins))
    /// What a console's state runs after that.
    static let console = LuaPrelude(name: "console", source: String(decoding: PackageResources.console_lua, as: UTF8.self))
    /// What a spec's state runs after that.
    static let testkit = LuaPrelude(name: "testkit", source: source(PackageResources.testkit_lua, .specs))

    /// What opens worlds; testkit.lua shows it to specs.
    static let world = LuaPrelude(name: "world", source: String(decoding: PackageResources.world_lua, as: UTF8.self))

    /// The table stands on the first line, so that the numbers of lines in errors stay right.
    static func source(_ file: [UInt8], _ reference: APIReference) -> String {
        "local reference = \(reference.luaValue.luaSource) " + String(decoding: file, as: UTF8.self)
    }
}
