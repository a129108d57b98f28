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
    static let specs = specs(.specs)

    /// The preludes of specs with a reference; the last one compares them with it.
    static func specs(_ reference: APIReference) -> [LuaPrelude] {
        let files = [
            ("expect", PackageResources.expect_lua), ("describe", PackageResources.describe_lua), ("world", PackageResources.world_lua),
            ("testkit", PackageResources.testkit_lua),
        ]
        return files.map { LuaPrelude(name: $0.0, source: String(decoding: $0.1, as: UTF8.self)) }
            + [LuaPrelude(name: "seen", source: source(PackageResources.seen_lua, reference))]
    }

    /// The table stands on the first line, so that the numbers of lines in errors stay right.
    static func source(_ file: [UInt8], _ reference: APIReference) -> String {
        "local reference = \(reference.luaValue.luaSource) " + String(decoding: file, as: UTF8.self)
    }
}
