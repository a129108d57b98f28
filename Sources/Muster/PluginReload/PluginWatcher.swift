import Foundation
import Logging
import MusterCore
import MusterPlugins
import ServiceLifecycle
import Synchronization

/// What of the disk decides whether plugins are to be read anew.
final class PluginWatch: Sendable {
    private struct State {
        var watch: FolderWatch
        var shadows: [URL]
    }
    private let plugins: URL?
    private let pins: URL?
    /// Whether anybody wants to look at all.
    let isOn: Bool
    private let state: Mutex<State>

    /// Looks for the first time; to be made before the plugins are read.
    init(plugins: String?, data: DataFolder?, configuration: Configuration) {
        let plugins = plugins.map { URL(filePath: $0, directoryHint: .isDirectory) }
        let pins = data.map { URL(filePath: $0.pinsPath) }
        let shadows = Self.shadows(configuration)
        self.plugins = plugins
        self.pins = pins
        isOn = plugins != nil && configuration.pluginReload == "watch"
        state = Mutex(State(watch: FolderWatch(loaded: Self.look(plugins, shadows, pins)), shadows: shadows))
    }

    /// Looks at the shadows that a configuration names from now on.
    func use(_ configuration: Configuration) { state.withLock { $0.shadows = Self.shadows(configuration) } }

    /// Looks again.
    /// - Returns: Whether changes have come to rest.
    func look() -> Bool {
        let shadows = state.withLock { $0.shadows }
        let now = Self.look(plugins, shadows, pins)
        return state.withLock { $0.watch.note(now) }
    }

    private static func look(_ plugins: URL?, _ shadows: [URL], _ pins: URL?) -> FolderState {
        FolderState(plugins: plugins.map { [$0] } ?? [], single: shadows, files: pins.map { [$0] } ?? [])
    }

    private static func shadows(_ configuration: Configuration) -> [URL] {
        let sections = PluginSections(configuration)
        return ([sections.site] + sections.tenants.values).flatMap(\.values).compactMap(\.shadow)
            .map { URL(filePath: $0, directoryHint: .isDirectory) }
    }
}

/// Reads plugins anew when their files have changed: looks at sizes and times each second, and waits until two looks are alike.
struct PluginWatcher: Service {
    static let interval = Duration.seconds(1)

    let watch: PluginWatch
    let logger: Logger
    let reload: @Sendable () async throws -> PluginReload

    func run() async throws {
        guard watch.isOn else {
            try? await gracefulShutdown()
            return
        }
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: Self.interval)) != nil {
                guard watch.look() else { continue }
                do { _ = try await reload() } catch { logger.error("the changed plugins cannot be read, all is as before: \(error)") }
            }
        }
    }
}

extension DataFolder {
    /// Where the last good versions of a tenant's plugins are kept.
    func stash(for tenant: Tenant) -> PluginStash {
        PluginStash(folder: URL(filePath: goodPluginsPath, directoryHint: .isDirectory).appending(path: tenant.name))
    }
}
