import Foundation
import Logging
import MusterCore

extension PluginHost {
    /// The shadows that the settings ask for, for the plugins of a set; those that are as they were are the ones from before.
    ///
    /// Their reports say so: a shadow that cannot run is a warning, since the live version is as good as ever.
    func addShadows(to set: inout PluginSet, before old: PluginSet) async -> [String: Shadow] {
        var shadows: [String: Shadow] = [:]
        let pinning = pins?.check(shadows: true) ?? { _ in nil }
        let host = shadowHost
        for (index, result) in set.results.enumerated() {
            guard let plugin = result.plugin, let origin = result.origin, let path = settings.plugins[plugin.name]?.shadow else { continue }
            let folder = PluginFolder(name: plugin.name, url: URL(filePath: path, directoryHint: .isDirectory)).read()
            var entry = settings.plugins[plugin.name] ?? .init()
            entry.isEnabled = true
            let (loader, pin) = (PluginLoader(folder: folder, entry: entry, host: host), pinning(folder))
            if pin == nil, let identity = loader.identity.map({ Shadow.Identity(shadow: $0, live: origin.identity) }),
                let running = old.plugins.first(where: { $0 === plugin })?.shadow, running.identity == identity
            {
                shadows[plugin.name] = running
                set.reports(index) { $0.shadow = running.ledger.report.shadowVersion }
                continue
            }
            let loaded = await loader.load(.running, refusing: pin)
            if let version = loaded.plugin, let identity = loader.identity {
                let shadow = Shadow(
                    version, identity: .init(shadow: identity, live: origin.identity), ledger: ledger(of: plugin, version, origin, identity)
                )
                shadows[plugin.name] = shadow
                set.reports(index) { $0.shadow = version.manifest.version }
                warn(of: version.hooks.subtracting(plugin.hooks), in: &set, index)
            } else {
                set.reports(index) { report in
                    report.shadow = "refused"
                    report.diagnostics += loaded.report.diagnostics.map { finding in
                        var finding = finding
                        finding.severity = .warning
                        finding.summary = "in the shadow at \(path): \(finding.summary)"
                        return finding
                    }
                }
            }
        }
        return shadows
    }

    private func warn(of hooks: Set<HookName>, in set: inout PluginSet, _ index: Int) {
        for hook in hooks.map(\.rawValue).sorted() {
            set.reports(index) {
                $0.diagnostics.append(Diagnostic(.warning, "in the shadow: \(hook) never runs, since the live version does not have it"))
            }
        }
    }

    private func ledger(
        of plugin: Plugin, _ version: Plugin, _ origin: PluginLoader.Result.Origin, _ identity: PluginIdentity
    ) -> ShadowLedger {
        let report = ShadowReport(
            liveVersion: plugin.manifest.version, shadowVersion: version.manifest.version,
            digests: [origin.identity.digest.sum, identity.digest.sum], since: world.clock.now())
        return ShadowLedger(
            report, plugin: plugin.name, tenant: tenant ?? .default,
            values: .stored(in: store, plugin: ShadowReport.owner, clock: world.clock), logger: logger)
    }

    /// What loads shadows: with all that the plugins have, but in a world in which they change nothing and log nothing.
    private var shadowHost: PluginHost {
        PluginHost(
            directory: nil, store: store, world: RecordingWorld(over: world).world, settings: settings, tenant: tenant,
            logger: Logger(label: "muster.shadow", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    /// Waits until all shadows have followed, and keeps their reports. For tests.
    package func settleShadows() async {
        for shadow in current.plugins.compactMap(\.shadow) {
            while shadow.ledger.pending > 0 { await Task.yield() }
            await shadow.ledger.flush()
        }
    }
}
