/// Trusted Lua text that runs in a state before the script, with the power to define what scripts see.
///
/// The first prelude returns the driver: a table of functions which ``LuaState/start(_:_:phase:cpu:)`` calls by name.
/// A later one is called with the driver and its field `__parts`, and extends them.
package struct LuaPrelude: Sendable {
    /// The name for messages, such as `muster`.
    package var name: String
    package var source: String

    package init(name: String, source: String) {
        self.name = name
        self.source = source
    }
}

/// Text that a script may load with `require(name)`.
package struct LuaModule: Sendable {
    package var name: String
    /// The path for messages, such as `welcome-mail/lib/text.lua`.
    package var file: String
    package var source: String

    package init(name: String, file: String, source: String) {
        self.name = name
        self.file = file
        self.source = source
    }
}
