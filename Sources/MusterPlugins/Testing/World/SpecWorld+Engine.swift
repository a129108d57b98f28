import SCIM
import Synchronization

/// What an engine takes from the made-up world, and tells it.
extension SpecWorld {
    /// The settings that `test.config` gave; nil where it was not called.
    var config: AttributeValue? { state.withLock { $0.config } }

    var now: Timestamp { state.withLock { $0.now } }

    func setTime(_ time: Timestamp) { state.withLock { $0.now = time } }

    /// The next id of a resource or a change.
    func nextID() -> String {
        state.withLock { state in
            state.lastID += 1
            return SequentialUUID.text(state.lastID, group: "9")
        }
    }

    func secret(_ name: String) -> String? { state.withLock { $0.secrets[name] } }

    /// Takes a line that a plugin logged. Those of plugins beside this one say so in a field.
    func hear(_ entry: PluginLogEntry, of plugin: String) {
        var entry = entry
        if plugin != manifest.name { entry.fields.append((name: "plugin", value: plugin)) }
        state.withLock { $0.logs.append(entry) }
    }

    /// Takes what went wrong in a hook.
    func hear(_ failure: SpecLog.Failure) { state.withLock { $0.failures.append(failure) } }

    /// What went wrong since somebody last asked, the first one first.
    func takeFailures() -> [SpecLog.Failure] {
        state.withLock { state in
            defer { state.failures = [] }
            return state.failures
        }
    }

    func forgetFailures() { state.withLock { $0.failures = [] } }
}
