import Metrics
import MusterCore
import SCIM
import Synchronization

/// The worker's numbers. Labels are bounded: subscribers that exist, and a fixed list of words.
final class DeliveryMetrics: Sendable {
    private struct Key: Hashable {
        var subscriber: String
        var word: String
    }

    private struct Instruments {
        var counters: [Key: Counter] = [:]
        var gauges: [Key: Gauge] = [:]
        var ages: [Key: Gauge] = [:]
    }

    private let instruments = Mutex(Instruments())

    /// What is shown for deliveries whose subscriber does not exist any more.
    static let absent = "none"

    /// Counts an end that was written.
    func count(_ ending: DeliverySlots.Ending) {
        let key = Key(subscriber: ending.delivery.subscriber, word: ending.settlement.word)
        let counter = instruments.withLock { instruments in
            if let counter = instruments.counters[key] { return counter }
            let counter = Counter(
                label: "muster_deliveries_total", dimensions: [("subscriber", key.subscriber), ("outcome", key.word)])
            instruments.counters[key] = counter
            return counter
        }
        counter.increment()
    }

    /// What is measured of the oldest delivery: since when it has been due, and since when its event has been there.
    private static let ages: [(label: String, since: @Sendable (QueueSummary) -> Timestamp?)] = [
        ("muster_delivery_oldest_due_seconds", { $0.oldestDue }), ("muster_delivery_oldest_event_seconds", { $0.oldestEvent }),
    ]

    /// Shows how many deliveries there are by subscriber and state, and how old the oldest is.
    func show(_ summaries: [String: QueueSummary], subscribers: Set<String>, now: Timestamp) {
        show(summaries.mapValues(\.counts), subscribers: subscribers)
        var oldest: [Key: Timestamp] = [:]
        for (subscriber, summary) in summaries {
            let name = subscribers.contains(subscriber) ? subscriber : Self.absent
            for (label, since) in Self.ages {
                guard let time = since(summary) else { continue }
                let key = Key(subscriber: name, word: label)
                oldest[key] = min(time, oldest[key] ?? time)
            }
        }
        let ages = instruments.withLock { instruments in
            for name in subscribers.union([Self.absent]) {
                for (label, _) in Self.ages where instruments.ages[Key(subscriber: name, word: label)] == nil {
                    instruments.ages[Key(subscriber: name, word: label)] = Gauge(label: label, dimensions: [("subscriber", name)])
                }
            }
            return instruments.ages
        }
        for (key, gauge) in ages {
            gauge.record(oldest[key].map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0)
        }
    }

    private func show(_ backlog: [String: [Delivery.State: Int]], subscribers: Set<String>) {
        let states: [Delivery.State] = [.blocked, .ready, .leased, .setAside]
        var sums: [Key: Int] = [:]
        for subscriber in subscribers.union([Self.absent]) {
            for state in states { sums[Key(subscriber: subscriber, word: state.rawValue)] = 0 }
        }
        for (subscriber, counts) in backlog {
            let name = subscribers.contains(subscriber) ? subscriber : Self.absent
            for (state, count) in counts { sums[Key(subscriber: name, word: state.rawValue), default: 0] += count }
        }
        let gone = instruments.withLock { $0.gauges.filter { sums[$0.key] == nil }.map(\.value) }
        for gauge in gone { gauge.record(0) }
        for (key, sum) in sums { gauge(key).record(sum) }
    }

    private func gauge(_ key: Key) -> Gauge {
        instruments.withLock { instruments in
            if let gauge = instruments.gauges[key] { return gauge }
            let gauge = Gauge(
                label: "muster_delivery_backlog", dimensions: [("subscriber", key.subscriber), ("state", key.word)])
            instruments.gauges[key] = gauge
            return gauge
        }
    }
}

extension DeliverySettlement {
    /// The settlement as a label.
    var word: String {
        switch self {
        case .delivered: "delivered"
        case .retry: "retried"
        case .setAside: "set_aside"
        case .release: "released"
        }
    }
}
