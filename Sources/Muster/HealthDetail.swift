import MusterCore
import MusterPlugins
import SCIM

/// What `/health/detail` says: how the queue stands for each subscriber, and how the plugins and the targets do.
struct HealthDetail: Sendable {
    /// A subscriber is behind when a delivery has been due for so long, or while it is held back, when its oldest event is so old.
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
        let hosts = plugins()
        let held = Set(hosts.flatMap(\.heldBack))
        var (total, isBehind) = (QueueSummary(), false)
        let rows = names.map { name in
            let summary = summaries[name] ?? QueueSummary()
            total.add(summary)
            // What is held back is put off again and again: none of it is due.
            let isLate = max(summary.dueAge(at: now), held.contains(name) ? summary.eventAge(at: now) : .zero) >= Self.patience
            isBehind = isBehind || isLate
            var row: AttributeMap = ["name": .string(name), "present": .boolean(present.contains(name)), "behind": .boolean(isLate)]
            for member in summary.document(at: now).members { row.append(member.name, member.value) }
            return AttributeValue.complex(row)
        }
        let standings = hosts.map { host in
            let name = host.tenant.map { AttributeValue.string($0.name) } ?? .null
            return AttributeValue.complex(["tenant": name, "plugins": .array(host.reports.map(\.document))])
        }
        return [
            "status": .string(isBehind ? "behind" : "ok"), "deliveries": .complex(total.document(at: now)), "subscribers": .array(rows),
            "hosts": .array(standings), "targets": try await targets(),
        ]
    }
}

extension PluginHost {
    /// The subscribers whose plugins are paused, or held back from a destination.
    fileprivate var heldBack: [String] {
        reports.filter { $0.isPaused || !$0.heldBack.isEmpty }.map { subscriber($0.name) }
    }
}

extension QueueSummary {
    fileprivate static let states: [Delivery.State] = [.blocked, .ready, .leased, .setAside]

    fileprivate mutating func add(_ other: QueueSummary) {
        counts.merge(other.counts) { $0 + $1 }
        oldestDue = [oldestDue, other.oldestDue].compactMap { $0 }.min()
        oldestEvent = [oldestEvent, other.oldestEvent].compactMap { $0 }.min()
    }

    /// For how long the oldest has been due.
    fileprivate func dueAge(at now: Timestamp) -> Duration { Self.age(of: oldestDue, at: now) }

    /// How long ago the oldest event happened that is not through.
    fileprivate func eventAge(at now: Timestamp) -> Duration { Self.age(of: oldestEvent, at: now) }

    private static func age(of time: Timestamp?, at now: Timestamp) -> Duration {
        .milliseconds(max(0, now.milliseconds - (time?.milliseconds ?? now.milliseconds)))
    }

    /// The counts and the ages as JSON.
    fileprivate func document(at now: Timestamp) -> AttributeMap {
        var map: AttributeMap = [:]
        for state in Self.states { map.append(state.rawValue, .integer(Int64(counts[state] ?? 0))) }
        map.append("oldestDueSeconds", .integer(Int64(dueAge(at: now) / .seconds(1))))
        map.append("oldestEventSeconds", .integer(Int64(eventAge(at: now) / .seconds(1))))
        return map
    }
}
