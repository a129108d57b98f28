import Logging

/// Hears what the plugins of an engine log, and what goes wrong in them.
struct SpecLog: Sendable {
    /// A hook that did not end by its own word.
    struct Failure: Sendable {
        /// The plugin.
        var plugin: String
        /// The hook.
        var hook: String
        /// What went wrong, behind the place: `welcome-mail/init.lua:12: attempt to index a nil value`.
        var text: String
    }

    /// Takes a line of a plugin.
    var line: @Sendable (_ plugin: String, PluginLogEntry) -> Void
    /// Takes a failure.
    var failure: @Sendable (Failure) -> Void

    /// A logger that leads here. What the server itself says is left out.
    var logger: Logger { Logger(label: "muster.spec") { _ in Handler(log: self) } }

    private struct Handler: LogHandler {
        let log: SpecLog
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.debug

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            guard let plugin = all["plugin.name"].map({ "\($0)" }) else { return }
            let message = "\(event.message)"
            // What the host says of a plugin, rather than the plugin itself, begins so.
            let own = "plugin '\(plugin)' "
            if message.hasPrefix(own + "failed: ") || message.hasPrefix(own + "changed its copy") {
                let (hook, place) = (all["plugin.hook"].map { "\($0)" } ?? "", all["plugin.place"].map { "\($0)" } ?? "")
                return log.failure(Failure(plugin: plugin, hook: hook, text: Self.text(message, plugin: plugin, place: place)))
            }
            guard !message.hasPrefix(own) else { return }
            let prefix = "plugin.field."
            let fields = all.filter { $0.key.hasPrefix(prefix) }.sorted { $0.key < $1.key }
                .map { (name: String($0.key.dropFirst(prefix.count)), value: "\($0.value)") }
            log.line(plugin, PluginLogEntry(level: PluginLogEntry.Level(event.level), message: message, fields: fields))
        }

        /// The operator's line with the place in front, where an editor finds it.
        private static func text(_ message: String, plugin: String, place: String) -> String {
            var text = Substring(message)
            for prefix in ["plugin '\(plugin)' failed: ", "runtime error: "] where text.hasPrefix(prefix) {
                text = text.dropFirst(prefix.count)
            }
            guard !place.isEmpty else { return String(text) }
            return "\(place): \(text.replacing("\(place): ", with: "", maxReplacements: 1))"
        }
    }
}

extension PluginLogEntry.Level {
    fileprivate init(_ level: Logger.Level) {
        self =
            switch level {
            case .trace, .debug: .debug
            case .info, .notice: .info
            case .warning: .warn
            case .error, .critical: .error
            }
    }
}
