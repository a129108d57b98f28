package import Metrics
import Synchronization

/// Keeps the numbers of this process for Prometheus, which asks for them as text (exposition format 0.0.4).
///
/// Counters and gauges stand as they are, timers as histograms in seconds, recorders as summaries. Labels that would make too
/// many series, or a name that is in use for something of another kind, are counted by `muster_metrics_refused_total` and
/// otherwise ignored: metrics never stop a server.
package final class PrometheusMetrics: MetricsFactory {
    /// How many series are kept at most.
    package static let seriesLimit = 10_000

    private struct Family {
        var kind: SeriesKind
        var series: [String: any Series] = [:]
    }

    private struct State {
        var families: [String: Family] = [:]
        var count = 0
        var refused = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// Creates an empty collection.
    package init(seriesLimit: Int = PrometheusMetrics.seriesLimit) { limit = seriesLimit }

    /// Makes a collection the one that all of this process reports to; at most once in a process.
    package static func bootstrap() { MetricsSystem.bootstrap(PrometheusMetrics()) }

    /// The collection that this process reports to, where it is one of ours.
    package static var current: PrometheusMetrics? { MetricsSystem.factory as? PrometheusMetrics }

    /// Everything as text, in the order of names and labels.
    package var text: String {
        let (families, refused) = state.withLock { ($0.families, $0.refused) }
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            if let help = MetricHelp.texts[name] { text += "# HELP \(name) \(help)\n" }
            text += "# TYPE \(name) \(family.kind.rawValue)\n"
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) { series.write(name, labels, to: &text) }
        }
        text += "# TYPE muster_metrics_refused_total counter\nmuster_metrics_refused_total \(refused)\n"
        return text
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, .counter) { CounterSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)]) -> any FloatingPointCounterHandler {
        find(label, dimensions, .counter) { NumberSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions, .gauge) { NumberSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return find(label, dimensions, .summary) { SummarySeries() } ?? NOOPMetricsHandler.instance }
        return find(label, dimensions, .gauge) { NumberSeries() } ?? NOOPMetricsHandler.instance
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, .histogram) { HistogramSeries() } ?? NOOPMetricsHandler.instance
    }

    package func destroyCounter(_ handler: any CounterHandler) { forget(handler) }
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) { forget(handler) }
    package func destroyMeter(_ handler: any MeterHandler) { forget(handler) }
    package func destroyRecorder(_ handler: any RecorderHandler) { forget(handler) }
    package func destroyTimer(_ handler: any TimerHandler) { forget(handler) }

    // MARK: Series

    /// The series of a name and labels, new if need be; nil where it cannot be had.
    private func find<Found: Series>(
        _ label: String, _ dimensions: [(String, String)], _ kind: SeriesKind, _ make: () -> Found
    ) -> Found? {
        let (name, labels) = (PrometheusText.name(label), PrometheusText.labels(dimensions))
        return state.withLock { state in
            if let known = state.families[name]?.series[labels] as? Found, state.families[name]?.kind == kind { return known }
            let isFree = state.families[name].map { $0.kind == kind && $0.series[labels] == nil } ?? true
            guard isFree, state.count < limit else {
                state.refused += 1
                return nil
            }
            let series = make()
            state.count += 1
            state.families[name, default: Family(kind: kind)].series[labels] = series
            return series
        }
    }

    private func forget(_ handler: AnyObject) {
        state.withLock { state in
            for (name, family) in state.families {
                for (labels, series) in family.series where series === handler {
                    state.families[name]?.series[labels] = nil
                    state.count -= 1
                    if family.series.count == 1 { state.families[name] = nil }
                }
            }
        }
    }
}
