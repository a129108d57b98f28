import MusterCore

extension PluginHost {
    /// Lets `mapOutbound` shape what is sent of a person to a target: in the plugins' order, each after its predecessor, until
    /// one skips or rejects.
    /// - Throws: ``OutboundFailure`` when a plugin fails and its manifest says `refuse`; `CancellationError`.
    package func map(_ outbound: OutboundInput) async throws -> OutboundDecision {
        var outbound = outbound
        for plugin in current.plugins where plugin.hooks.contains(.mapOutbound) {
            switch try await plugin.map(outbound) {
            case .document(let document): outbound.document = document
            case let decision: return decision
            }
        }
        return .document(outbound.document)
    }

    /// Tells the plugins how a plan ended, all at once: `onProvisioned` or, with an error, `onProvisionFailed`. What fails is
    /// tried again within ten seconds, and then logged.
    package func tell(_ ending: OutboundEnding) async { await tell(ending, OutboundRetry()) }

    func tell(_ ending: OutboundEnding, _ retry: OutboundRetry) async {
        let hook: HookName = ending.error == nil ? .onProvisioned : .onProvisionFailed
        let plugins = current.plugins.filter { $0.hooks.contains(hook) }
        guard !plugins.isEmpty else { return }
        // In a task of its own: whoever is cancelled would write the end down without having told of it.
        await Task { [world] in
            await withTaskGroup(of: Void.self) { group in
                for plugin in plugins { group.addTask { await plugin.hear(hook, ending, in: world, retry) } }
            }
        }.value
    }
}
