package import HTTPTypes
package import Metrics
import Synchronization

/// Counts requests. Labels are bounded: patterns of routes, methods that SCIM knows, statuses.
package final class HTTPMetrics: Sendable {
    private struct Key: Hashable {
        var route: String
        var method: HTTPRequest.Method
        var status: Int
    }

    private struct Instruments: Sendable {
        var requests: Counter
        var seconds: Timer
    }

    private static let methods: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete]

    private let factory: (any MetricsFactory)?
    private let instruments = Mutex<[Key: Instruments]>([:])

    /// Creates a counter.
    /// - Parameter factory: Nil for the process's own.
    package init(factory: (any MetricsFactory)? = nil) { self.factory = factory }

    /// Counts one request.
    /// - Parameter route: The pattern of its endpoint; nil where it came to none.
    package func count(route: String?, method: HTTPRequest.Method, status: Int, duration: Duration) {
        let key = Key(route: route ?? "none", method: method, status: status)
        let instruments = instruments.withLock { instruments in
            if let known = instruments[key] { return known }
            let made = make(key)
            // Methods of one's own are many; they share one series and are not kept.
            if Self.methods.contains(method) { instruments[key] = made }
            return made
        }
        instruments.requests.increment()
        instruments.seconds.record(duration: duration)
    }

    private func make(_ key: Key) -> Instruments {
        let method = Self.methods.contains(key.method) ? key.method.rawValue : "other"
        let (factory, labels) = (factory ?? MetricsSystem.factory, [("route", key.route), ("method", method)])
        return Instruments(
            requests: Counter(
                label: "muster_http_requests_total", dimensions: labels + [("status", String(key.status))], factory: factory),
            seconds: Timer(label: "muster_http_request_seconds", dimensions: labels, factory: factory))
    }
}
