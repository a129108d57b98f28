import Metrics
import Synchronization

/// The types of the exposition format that we use.
enum SeriesKind: String, Sendable {
    case counter, gauge, summary, histogram
}

/// The numbers under one name and set of labels.
protocol Series: AnyObject, Sendable {
    /// Adds its lines.
    /// - Parameter labels: As they stand between the braces; "" for none.
    func write(_ name: String, _ labels: String, to text: inout String)
}

/// Counts whole things.
final class CounterSeries: Series, CounterHandler {
    private let value = Atomic<Int64>(0)

    func increment(by amount: Int64) { value.wrappingAdd(amount, ordering: .relaxed) }
    func reset() { value.store(0, ordering: .relaxed) }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += PrometheusText.line(name, labels, Double(value.load(ordering: .relaxed)))
    }
}

/// A number that goes up, or up and down.
final class NumberSeries: Series, FloatingPointCounterHandler, MeterHandler, RecorderHandler {
    private let value = Mutex(0.0)

    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func reset() { value.withLock { $0 = 0 } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }

    func write(_ name: String, _ labels: String, to text: inout String) {
        text += PrometheusText.line(name, labels, value.withLock { $0 })
    }
}

/// How many values there were, and their sum.
final class SummarySeries: Series, RecorderHandler {
    private let state = Mutex((count: 0, sum: 0.0))

    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) {
        state.withLock { state in
            state.count += 1
            state.sum += value
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let (count, sum) = state.withLock { $0 }
        text += PrometheusText.line(name + "_sum", labels, sum) + PrometheusText.line(name + "_count", labels, Double(count))
    }
}

/// Durations by size.
final class HistogramSeries: Series, TimerHandler {
    /// The upper ends of the buckets, in nanoseconds, as they are written in seconds; the last one has none.
    private static let bounds: [(nanoseconds: Int64, seconds: String)] = [
        (500_000, "0.0005"), (1_000_000, "0.001"), (2_500_000, "0.0025"), (5_000_000, "0.005"), (10_000_000, "0.01"),
        (25_000_000, "0.025"), (50_000_000, "0.05"), (100_000_000, "0.1"), (250_000_000, "0.25"), (500_000_000, "0.5"),
        (1_000_000_000, "1"), (2_500_000_000, "2.5"), (5_000_000_000, "5"), (10_000_000_000, "10"), (30_000_000_000, "30"),
    ]

    private struct State {
        var counts = [Int](repeating: 0, count: HistogramSeries.bounds.count + 1)
        var nanoseconds = 0.0
    }

    private let state = Mutex(State())

    func recordNanoseconds(_ duration: Int64) {
        let index = Self.bounds.firstIndex { duration <= $0.nanoseconds } ?? Self.bounds.count
        state.withLock { state in
            state.counts[index] += 1
            state.nanoseconds += Double(duration)
        }
    }

    func write(_ name: String, _ labels: String, to text: inout String) {
        let state = state.withLock { $0 }
        let more = labels.isEmpty ? "" : labels + ","
        var sum = 0
        for (bound, count) in zip(Self.bounds.map(\.seconds) + ["+Inf"], state.counts) {
            sum += count
            text += PrometheusText.line(name + "_bucket", more + #"le="\#(bound)""#, Double(sum))
        }
        text +=
            PrometheusText.line(name + "_sum", labels, state.nanoseconds / 1e9) + PrometheusText.line(name + "_count", labels, Double(sum))
    }
}
