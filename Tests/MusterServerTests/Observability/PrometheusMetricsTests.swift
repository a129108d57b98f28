import HTTPTypes
import Metrics
import Testing

@testable import MusterServer

@Suite struct PrometheusMetricsTests {
    /// The text without its last two lines, which count what was refused.
    private func lines(_ metrics: PrometheusMetrics) -> [String] {
        metrics.text.split(separator: "\n").dropLast(2).map(String.init)
    }

    @Test("every kind of metric is written as format 0.0.4 has it")
    func kinds() {
        let metrics = PrometheusMetrics()
        Counter(label: "runs_total", dimensions: [("b", "2"), ("a", "1")], factory: metrics).increment(by: 3)
        Counter(label: "runs_total", dimensions: [("a", "1"), ("b", "2")], factory: metrics).increment()
        FloatingPointCounter(label: "money_total", factory: metrics).increment(by: 1.5)
        Gauge(label: "depth", factory: metrics).record(2.25)
        Meter(label: "level", factory: metrics).set(7)
        let recorder = Recorder(label: "size", factory: metrics)
        for value in [1, 3] { recorder.record(value) }
        #expect(
            lines(metrics) == [
                "# TYPE depth gauge", "depth 2.25", "# TYPE level gauge", "level 7", "# TYPE money_total counter", "money_total 1.5",
                "# TYPE runs_total counter", #"runs_total{a="1",b="2"} 4"#, "# TYPE size summary", "size_sum 4", "size_count 2",
            ])
        #expect(metrics.text.hasSuffix("muster_metrics_refused_total 0\n"))
    }

    @Test("a timer is a histogram in seconds whose buckets hold those below them")
    func histogram() {
        let metrics = PrometheusMetrics()
        let timer = Timer(label: "run_seconds", dimensions: [("plugin", "p")], factory: metrics)
        timer.recordMilliseconds(1)
        timer.recordMilliseconds(40)
        timer.recordSeconds(60)
        let lines = lines(metrics)
        #expect(lines.first == "# TYPE run_seconds histogram")
        #expect(lines.count == 1 + 16 + 2)
        for line in [
            #"run_seconds_bucket{plugin="p",le="0.0005"} 0"#, #"run_seconds_bucket{plugin="p",le="0.001"} 1"#,
            #"run_seconds_bucket{plugin="p",le="0.025"} 1"#, #"run_seconds_bucket{plugin="p",le="0.05"} 2"#,
            #"run_seconds_bucket{plugin="p",le="30"} 2"#, #"run_seconds_bucket{plugin="p",le="+Inf"} 3"#,
            #"run_seconds_sum{plugin="p"} 60.041"#, #"run_seconds_count{plugin="p"} 3"#,
        ] { #expect(lines.contains(line), "\(line)") }
    }

    @Test("names and labels of others are made fit")
    func escaping() {
        let metrics = PrometheusMetrics()
        Counter(label: "http.server-requests", dimensions: [("a.b", "x\"y\\z\nw")], factory: metrics).increment()
        Gauge(label: "1st", factory: metrics).record(Double.infinity)
        #expect(
            lines(metrics) == [
                "# TYPE _1st gauge", "_1st +Inf", "# TYPE http_server_requests counter",
                #"http_server_requests{a_b="x\"y\\z\nw"} 1"#,
            ])
    }

    @Test("too many series, and a name that means something else already, are refused and counted, and stop nothing")
    func limits() {
        let metrics = PrometheusMetrics(seriesLimit: 2)
        for number in 0..<5 { Counter(label: "c", dimensions: [("n", "\(number)")], factory: metrics).increment() }
        Gauge(label: "c", dimensions: [("n", "0")], factory: metrics).record(9)
        #expect(lines(metrics) == ["# TYPE c counter", #"c{n="0"} 1"#, #"c{n="1"} 1"#])
        #expect(metrics.text.hasSuffix("muster_metrics_refused_total 4\n"))
        Counter(label: "c", dimensions: [("n", "0")], factory: metrics).destroy()
        Counter(label: "d", factory: metrics).increment()
        #expect(lines(metrics) == ["# TYPE c counter", #"c{n="1"} 1"#, "# TYPE d counter", "d 1"])
    }

    @Test("requests are counted by route, method and status, with methods of one's own under one label")
    func requests() throws {
        let metrics = PrometheusMetrics()
        let http = HTTPMetrics(factory: metrics)
        for _ in 0..<2 { http.count(route: "/scim/v2/Users/{id}", method: .get, status: 200, duration: .milliseconds(2)) }
        for name in ["PURGE", "COPY"] {
            http.count(route: nil, method: try #require(.init(name)), status: 405, duration: .zero)
        }
        let lines = lines(metrics)
        #expect(lines.contains(#"muster_http_requests_total{method="GET",route="/scim/v2/Users/{id}",status="200"} 2"#))
        #expect(lines.contains(#"muster_http_requests_total{method="other",route="none",status="405"} 2"#))
        #expect(lines.contains(#"muster_http_request_seconds_count{method="GET",route="/scim/v2/Users/{id}"} 2"#))
        #expect(lines.contains { $0.hasPrefix("# HELP muster_http_requests_total ") })
    }
}
