import MusterCore
import MusterPlugins
import SCIM

/// What `/health/detail` says: how the queue stands for each subscriber, and how the plugins and the targets do.
struct HealthDetail: Sendable {
    /// A subscriber is behind when a delivery has been due for so long.
    static let patience = Duration.seconds(60)

    let store: any Store
    let clock: WallClock
    /// Who hears of events now.
    let subscribers: @Sendable () -> Set<String>
    /// All hosts of plugins.
    let plugins: @Sendable () -> [PluginHost]
    /// How the targets of the provisioner stand.
    let targets: @Sendable () async throws -> AttributeValue

    /// The document.
    func document() async throws -> AttributeValue {
        let (summaries, present, now) = (try await store.read(.scan) { try $0.queueSummary() }, subscribers(), clock.now())
        let names = Set(summaries.keys).union(present).sorted()
        var (total, isBehind) = (QueueSummary(), false)
        let rows = names.map { name in
            let summary = summaries[name] ?? QueueSummary()
            total.add(summary)
            let isLate = summary.age(at: now) >= Self.patience
            isBehind = isBehind || isLate
            var row: AttributeMap = ["name": .string(name), "present": .boolean(present.contains(name)), "behind": .boolean(isLate)]
            for member in summary.document(at: now).members { row.append(member.name, member.value) }
            return AttributeValue.complex(row)
        }
        let hosts = plugins().map { host in
            let name = host.tenant.map { AttributeValue.string($0.name) } ?? .null
            return AttributeValue.complex(["tenant": name, "plugins": .array(host.reports.map(\.document))])
        }
        return [
            "status": .string(isBehind ? "behind" : "ok"), "deliveries": .complex(total.document(at: now)), "subscribers": .array(rows),
            "hosts": .array(hosts), "targets": try await targets(),
        ]
    }
}

extension QueueSummary {
    fileprivate static let states: [Delivery.State] = [.blocked, .ready, .leased, .setAside]

    fileprivate mutating func add(_ other: QueueSummary) {
        counts.merge(other.counts) { $0 + $1 }
        oldestDue = [oldestDue, other.oldestDue].compactMap { $0 }.min()
    }

    /// For how long the oldest has been due.
    fileprivate func age(at now: Timestamp) -> Duration {
        .milliseconds(max(0, now.milliseconds - (oldestDue?.milliseconds ?? now.milliseconds)))
    }

    /// The counts and the age as JSON.
    fileprivate func document(at now: Timestamp) -> AttributeMap {
        var map: AttributeMap = [:]
        for state in Self.states { map.append(state.rawValue, .integer(Int64(counts[state] ?? 0))) }
        map.append("oldestDueSeconds", .integer(Int64(age(at: now) / .seconds(1))))
        return map
    }
}
