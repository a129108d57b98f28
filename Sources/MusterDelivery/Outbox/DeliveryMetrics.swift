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
        var ages: [String: Gauge] = [:]
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

    /// Shows how many deliveries there are by subscriber and state, and for how long the oldest has been due.
    func show(_ summaries: [String: QueueSummary], subscribers: Set<String>, now: Timestamp) {
        show(summaries.mapValues(\.counts), subscribers: subscribers)
        var oldest: [String: Timestamp] = [:]
        for (subscriber, summary) in summaries {
            guard let due = summary.oldestDue else { continue }
            let name = subscribers.contains(subscriber) ? subscriber : Self.absent
            oldest[name] = min(due, oldest[name] ?? due)
        }
        let ages = instruments.withLock { instruments in
            for name in subscribers.union([Self.absent]) where instruments.ages[name] == nil {
                instruments.ages[name] = Gauge(label: "muster_delivery_oldest_due_seconds", dimensions: [("subscriber", name)])
            }
            return instruments.ages
        }
        for (name, gauge) in ages {
            gauge.record(oldest[name].map { Double(max(0, now.milliseconds - $0.milliseconds)) / 1000 } ?? 0)
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
