import Logging
import Metrics

extension PluginHost {
    /// The version of a plugin that is to run from now on: the one that runs already, where nothing has changed; the one of
    /// the folder, where it is good; else the last good one.
    func good(_ loader: PluginLoader, _ pinning: (PluginFolder) -> Diagnostic?) async -> PluginLoader.Result {
        let (folder, entry) = (loader.folder, loader.entry)
        let running = current.results.first { $0.report.name == folder.name && $0.plugin != nil }
        let identity = loader.identity
        let pin = pinning(folder)
        if pin == nil, let running, let origin = running.origin, origin.identity == identity {
            return PluginLoader.Result(plugin: running.plugin, report: origin.report, origin: origin)
        }
        var result = await loader.load(.running, refusing: pin)
        if result.plugin != nil {
            result.origin = identity.map { .init(identity: $0, report: result.report) }
            keep(folder)
            return result
        }
        // Who switches a plugin off means it.
        guard entry.isEnabled != false else { return result }
        if let running {
            let report = (running.origin?.report ?? running.report).refusing(result.report)
            return PluginLoader.Result(plugin: running.plugin, report: report, origin: running.origin)
        }
        return result.report.state == .failed ? await kept(entry, result, pinning) : result
    }

    /// After a start beside a broken version: the version that was kept, where that still runs.
    private func kept(
        _ entry: PluginSettings.Entry, _ broken: PluginLoader.Result, _ pinning: (PluginFolder) -> Diagnostic?
    ) async -> PluginLoader.Result {
        guard let folder = stash?.version(of: broken.report.name), pinning(folder) == nil else { return broken }
        let loader = PluginLoader(folder: folder, entry: entry, host: self)
        let loaded = await loader.load(.running)
        guard loaded.plugin != nil, let identity = loader.identity else { return broken }
        return PluginLoader.Result(
            plugin: loaded.plugin, report: loaded.report.refusing(broken.report), origin: .init(identity: identity, report: loaded.report))
    }

    private func keep(_ folder: PluginFolder) {
        do { try stash?.keep(folder) } catch {
            logger.warning(
                "the last good version of plugin '\(folder.name)' cannot be kept: \(error)", metadata: ["plugin.name": .string(folder.name)]
            )
        }
    }

    /// Tells the operator what a load has changed.
    /// - Parameter isFirst: Whether the host has just started, in which case nobody asks who came.
    func tell(_ changes: [PluginSet.Change], isFirst: Bool) {
        for change in changes where !isFirst || change.kind != .came {
            let metadata: Logger.Metadata = ["plugin.name": .string(change.name)]
            switch change.kind {
            case .came, .replaced: logger.info("plugin \(change.line)", metadata: metadata)
            case .went: logger.notice("plugin '\(change.name)' runs no more", metadata: metadata)
            case .refused: logger.error("plugin \(change.line)", metadata: metadata)
            }
            for finding in change.findings { logger.error("plugin '\(change.name)': \(finding)", metadata: metadata) }
            Counter(
                label: "muster_plugin_loads_total", dimensions: [("plugin", change.name), ("outcome", change.kind.rawValue)]
            ).increment()
        }
    }
}

extension PluginSet {
    /// What has become of a plugin.
    struct Change: Sendable, Hashable {
        enum Kind: String, Sendable {
            /// It runs now and did not before.
            case came
            /// Another version of it runs.
            case replaced
            /// It runs no more.
            case went
            /// The version in its folder is broken.
            case refused
        }
        var kind: Kind
        var name: String
        var line: String
        var findings: [String] = []
    }

    /// What differs from the set before. A version that is refused again for the same reason is no news.
    func differences(from old: PluginSet) -> [Change] {
        var changes: [Change] = []
        for result in results {
            let before = old.results.first { $0.report.name == result.report.name }
            let report = result.report
            func change(_ kind: Change.Kind) -> Change { Change(kind: kind, name: report.name, line: report.line) }
            if report.isBroken {
                guard before?.report.diagnostics != report.diagnostics || before?.report.refusal != report.refusal else { continue }
                var refused = change(.refused)
                refused.findings = report.diagnostics.map(\.description)
                changes.append(refused)
            } else if let plugin = result.plugin {
                if before?.plugin !== plugin { changes.append(change(before?.plugin == nil ? .came : .replaced)) }
            } else if before?.plugin != nil {
                changes.append(change(.went))
            }
        }
        for gone in old.results where gone.plugin != nil && !results.contains(where: { $0.report.name == gone.report.name }) {
            changes.append(Change(kind: .went, name: gone.report.name, line: gone.report.line))
        }
        return changes
    }
}
