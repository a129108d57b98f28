import Metrics
import MusterCore
import SCIM
import Synchronization

/// The provisioner's numbers. Labels are bounded: targets that administrators made, and fixed lists of words.
final class ProvisioningMetrics: Sendable {
    private struct Key: Hashable {
        var target: Provisioner.TargetKey
        var words: [String]
    }

    private let counters = Mutex<[Key: Counter]>([:])
    private let gauges = Mutex<[Key: Gauge]>([:])

    /// Counts a plan that came to an end.
    /// - Parameter outcome: `done` or `failed`.
    func count(_ action: String, _ outcome: String, at target: Provisioner.TargetKey) {
        counters.withLock { counters in
            let key = Key(target: target, words: [action, outcome])
            if let counter = counters[key] { return counter }
            let counter = Counter(
                label: "muster_provisioning_plans_total", dimensions: target.labels + [("action", action), ("outcome", outcome)])
            counters[key] = counter
            return counter
        }.increment()
    }

    /// Shows how many people there is open work for at each target, by its state, and which targets are in quarantine.
    func show(_ targets: [ProvisioningTarget], _ summaries: [ProvisioningSummary]) {
        var values: [Key: Int] = [:]
        for row in targets {
            let target = Provisioner.TargetKey(tenant: row.tenant, name: row.name)
            let counts = summaries.first { $0.tenant == row.tenant && $0.target == row.name }?.counts ?? [:]
            for state in ProvisioningTask.State.allCases { values[Key(target: target, words: [state.rawValue])] = counts[state] ?? 0 }
            values[Key(target: target, words: [])] = row.state == .quarantined ? 1 : 0
        }
        gauges.withLock { gauges in
            // What is shown of a target that is gone ends at nothing.
            for (key, gauge) in gauges where values[key] == nil { gauge.record(0) }
            for (key, value) in values {
                let gauge = gauges[key] ?? Self.gauge(key)
                gauge.record(value)
                gauges[key] = gauge
            }
        }
    }

    private static func gauge(_ key: Key) -> Gauge {
        guard let state = key.words.first else { return Gauge(label: "muster_target_quarantined", dimensions: key.target.labels) }
        return Gauge(label: "muster_provisioning_backlog", dimensions: key.target.labels + [("state", state)])
    }
}

extension Provisioner.TargetKey {
    /// The target as labels.
    fileprivate var labels: [(String, String)] { [("tenant", tenant.name), ("target", name)] }
}
