package import Foundation
package import Logging
package import MusterCore
import MusterLua
import SCIM
import Synchronization

/// Finds the plugins of a folder, loads them, and lets their hooks take part in changes and hear of events.
///
/// Each plugin's Lua runs on a thread of its own: a hook that computes holds up neither the event loops nor the tasks of the
/// server, and one that waits holds no thread at all.
package final class PluginHost: Sendable {
    let directory: URL?
    let store: any Store
    let world: PluginWorld
    /// The only tenant that the plugins work for; nil for all that have no host of their own.
    package let tenant: Tenant?
    let logger: Logger
    let recordsCoverage: Bool
    let stash: PluginStash?
    let pins: PinPolicy?
    private let loaded: Mutex<(set: PluginSet, settings: PluginSettings)>
    private let loading = InTurn()

    /// Creates a host without plugins; ``load()`` finds them.
    /// - Parameters:
    ///   - directory: The folder with one folder for each plugin; nil for none.
    ///   - store: Where the documents are that events are about.
    ///   - world: What the plugins can reach.
    ///   - settings: What the site says about its plugins.
    ///   - tenant: The only tenant that the plugins work for, which then is part of the subscribers' names; nil for all
    ///     that have no host of their own.
    ///   - stash: Keeps the last good version of each plugin; nil for the memory alone.
    ///   - pins: Whether plugins must be as they were pinned; nil for never.
    ///   - recordsCoverage: Whether the plugins' lines are counted as they run.
    package init(
        directory: URL?, store: any Store, world: PluginWorld, settings: PluginSettings, tenant: Tenant? = nil,
        stash: PluginStash? = nil, pins: PinPolicy? = nil, logger: Logger, recordsCoverage: Bool = false
    ) {
        self.directory = directory
        self.store = store
        self.world = world
        loaded = Mutex((PluginSet(), settings))
        self.tenant = tenant
        self.stash = stash
        self.pins = pins
        self.logger = logger
        self.recordsCoverage = recordsCoverage
    }

    /// What the site says about its plugins now.
    var settings: PluginSettings { loaded.withLock { $0.settings } }

    /// Reads all plugins anew, loads those that are not as they were, and puts those that are good to work, all at once.
    ///
    /// A version that is broken does not keep the others from working; where an earlier one of the same plugin runs, that goes
    /// on, and its report tells why. Runs under way finish on the version with which they began.
    /// - Parameter settings: What the site says from now on; nil for the same as before.
    /// - Returns: How each stands, in the order of their names.
    /// - Throws: When the folder cannot be read. All is as before then.
    @discardableResult
    package func load(_ settings: PluginSettings? = nil) async throws -> [PluginReport] {
        try await loading.run { [self] in
            let (old, before) = loaded.withLock { loaded in
                defer { if let settings { loaded.settings = settings } }
                return (loaded.set, loaded.settings)
            }
            do {
                var set = PluginSet(try await loadAll(.running), subscriber: subscriber)
                let shadows = await addShadows(to: &set, before: old)
                loaded.withLock { [set] in $0.set = set }
                for plugin in set.plugins { plugin.shadow = shadows[plugin.name] }
                tell(set.differences(from: old), isFirst: old.isNew)
                return set.reports
            } catch {
                loaded.withLock { $0.settings = before }
                throw error
            }
        }
    }

    /// How each plugin stands now.
    package var reports: [PluginReport] {
        current.reports.map { report in
            var report = report
            report.heldBack = world.breakers?.reports(of: report.name) ?? []
            return report
        }
    }

    /// The lines that have run so far, for each plugin.
    func coverage() async -> [LuaCoverage] {
        var found: [LuaCoverage] = []
        for plugin in current.plugins { found.append(await plugin.machine.coverage()) }
        return found
    }

    /// What takes part in changes before their commit: the hooks map, check and conflict, in the plugins' order.
    package var interceptor: ChangeInterceptor {
        ChangeInterceptor(
            concerns: { [self] type in current.plugins.contains { $0.isConcerned(with: type) } },
            map: { [self] change in
                guard let hook = HookName(.map, of: change.key.type) else { return change }
                var change = change
                for plugin in current.plugins where plugin.hooks.contains(hook) { change = try await plugin.map(hook, change) }
                return change
            },
            check: { [self] change in
                guard let hook = HookName(.check, of: change.key.type) else { return }
                for plugin in current.plugins where plugin.hooks.contains(hook) { try await plugin.check(hook, change) }
            },
            resolve: { [self] change, conflict in
                for plugin in current.plugins where plugin.hooks.contains(.onConflict) {
                    if let proposed = try await plugin.resolve(change, conflict) { return proposed }
                }
                return nil
            })
    }

    /// Who is to hear of events of this kind, such as `plugin:welcome-mail`.
    package func subscribers(of kind: LifecycleEvent.Kind) -> [String] { current.subscribers[kind] ?? [] }

    /// The plugins that hear of events.
    package var subscriptions: [PluginSubscription] {
        current.plugins.filter { $0.hooks.contains(where: \.isOfEvents) }
            .map { PluginSubscription(name: subscriber($0.name), retry: $0.manifest.retry, delivery: $0.manifest.delivery) }
    }

    /// Handles one delivery to a plugin.
    package func handle(_ delivery: Delivery) async -> DeliveryOutcome { await run(delivery).outcome }

    /// Handles one delivery to a plugin, and tells what that did where the world takes it down; see ``PluginWorld/journaling``
    /// and ``RecordingWorld``.
    /// - Parameter record: What an earlier run of the same event was told; in a ``RecordingWorld`` this one is told the same.
    package func run(_ delivery: Delivery, as record: RunRecord? = nil) async -> (outcome: DeliveryOutcome, record: RunRecord) {
        guard let plugin = current.plugins.first(where: { subscriber($0.name) == delivery.subscriber }) else {
            return (.postpone(.seconds(60)), RunRecord())
        }
        return await plugin.handle(delivery, store: store, tape: record.map { RunTape($0) })
    }

    /// What a plugin is called in the queue: `plugin:NAME`, or `plugin:NAME@TENANT` where it works for one tenant alone.
    package func subscriber(_ name: String) -> String { "plugin:\(name)" + (tenant.map { "@" + $0.name } ?? "") }

    /// Those at work now.
    var current: PluginSet { loaded.withLock { $0.set } }
}

/// A plugin that hears of events, as the queue's worker knows it.
package struct PluginSubscription: Sendable, Hashable {
    /// The subscriber, such as `plugin:welcome-mail`.
    package var name: String
    /// When its deliveries are tried again.
    package var retry: PluginManifest.Retry
    /// How fast they come.
    package var delivery: PluginManifest.Delivery
}

/// The plugins that are at work together; never changed, only replaced.
struct PluginSet: Sendable {
    /// Those that run, in their order.
    var plugins: [Plugin] = []
    /// Those of them that shape answers.
    var readers: [Plugin] = []
    /// Those of them that repair requests.
    var rewriters: [Plugin] = []
    /// Those that hear of events, by kind.
    var subscribers: [LifecycleEvent.Kind: [String]] = [:]
    /// How each was loaded, those that do not run among them.
    private(set) var results: [PluginLoader.Result] = []

    /// Whether nothing was ever loaded.
    private(set) var isNew = true

    init() {}

    init(_ results: [PluginLoader.Result], subscriber: (_ name: String) -> String) {
        plugins = results.compactMap(\.plugin).sorted { ($0.manifest.order, $0.name) < ($1.manifest.order, $1.name) }
        readers = plugins.filter { $0.hooks.contains(.onRead) }
        rewriters = plugins.filter { $0.hooks.contains(.onRequest) }
        self.results = results
        isNew = false
        for kind in LifecycleEvent.Kind.allCases {
            guard let hook = HookName(kind) else { continue }
            subscribers[kind] = plugins.filter { $0.hooks.contains(hook) }.map { subscriber($0.name) }
        }
    }

    /// Changes what is told of a plugin.
    mutating func reports(_ index: Int, _ change: (inout PluginReport) -> Void) { change(&results[index].report) }

    /// How each plugin stands now.
    var reports: [PluginReport] {
        results.map { result in
            var report = result.report
            report.isPaused = result.plugin?.isPaused ?? false
            return report
        }
    }
}

extension Plugin {
    /// Whether it has a say in changes of a resource type.
    func isConcerned(with type: String) -> Bool {
        [HookPhase.map, .check].contains { phase in HookName(phase, of: type).map { hooks.contains($0) } ?? false }
    }
}
