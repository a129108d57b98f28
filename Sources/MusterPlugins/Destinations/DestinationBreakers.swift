import Metrics
package import MusterCore
import SCIM
import Synchronization

/// The breakers of all plugins of a host: one for each plugin and destination (scheme, host and port).
///
/// Plugins do not share them, so that one with wrong credentials or bad manners stops no other. They outlive a reload.
package final class DestinationBreakers: Sendable {
    private struct Key: Hashable {
        var plugin: String
        var destination: String
    }

    private let clock: WallClock
    private let random: @Sendable () -> Double
    private let breakers = Mutex<[Key: DestinationBreaker]>([:])
    /// What the metrics say, by plugin.
    private let shown = Mutex<[String: Int]>([:])

    /// How many destinations are known at most; those that work are forgotten first.
    static let limit = 1024

    /// Creates breakers that are all closed.
    /// - Parameter random: Numbers in 0..<1 that spread the waits.
    package init(clock: WallClock, random: @escaping @Sendable () -> Double = { .random(in: 0..<1) }) {
        self.clock = clock
        self.random = random
    }

    /// The time as breakers see it.
    var now: Timestamp { clock.now() }

    /// Lets a call go, or says why not; who was let go calls ``record(_:plugin:destination:)`` afterwards.
    func refusal(plugin: String, destination: String) -> DestinationRefusal? {
        let now = clock.now()
        defer { show(plugin) }
        return breakers.withLock { breakers in
            let key = Key(plugin: plugin, destination: destination)
            guard var breaker = breakers[key] else { return nil }
            let phase = breaker.phase
            defer { breakers[key] = breaker }
            return breaker.admit(at: now).map {
                DestinationRefusal(destination: destination, phase: phase, failures: breaker.failures, wait: $0)
            }
        }
    }

    /// Notes how a call ended.
    func record(_ finding: DestinationBreaker.Finding, plugin: String, destination: String) {
        let (now, random) = (clock.now(), random())
        let didOpen = breakers.withLock { breakers in
            let key = Key(plugin: plugin, destination: destination)
            // What works is no news.
            if breakers[key] == nil, finding == .works || finding == .unknown { return false }
            if breakers[key] == nil, breakers.count >= Self.limit { Self.forget(&breakers) }
            return breakers[key, default: DestinationBreaker()].record(finding, at: now, random: random)
        }
        show(plugin)
        if didOpen { Counter(label: "muster_plugin_breaker_openings_total", dimensions: [("plugin", plugin)]).increment() }
    }

    /// Shows how many destinations of a plugin are held back, where there is news.
    private func show(_ plugin: String) {
        let count = breakers.withLock { $0.count { $0.key.plugin == plugin && $0.value.phase != .closed } }
        let isNew = shown.withLock { shown in
            defer { shown[plugin] = count }
            return shown[plugin, default: 0] != count
        }
        if isNew { Gauge(label: "muster_plugin_destinations_held_back", dimensions: [("plugin", plugin)]).record(count) }
    }

    private static func forget(_ breakers: inout [Key: DestinationBreaker]) {
        breakers = breakers.filter { $0.value.phase != .closed }
        if breakers.count >= limit { breakers.removeAll() }
    }

    /// The destinations of a plugin that are held back, by name.
    package func reports(of plugin: String) -> [DestinationReport] {
        let now = clock.now()
        return breakers.withLock { $0 }
            .filter { $0.key.plugin == plugin && $0.value.phase != .closed }
            .map { DestinationReport(destination: $0.key.destination, phase: $0.value.phase.rawValue, wait: $0.value.wait(at: now)) }
            .sorted { $0.destination < $1.destination }
    }
}

/// Why a call was not let go.
struct DestinationRefusal: Sendable, Hashable {
    var destination: String
    var phase: DestinationBreaker.Phase
    var failures: Int
    /// How long to wait before another try.
    var wait: Duration

    /// For the script.
    var message: String {
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        let reason =
            switch phase {
            case .paused: "it asked for a pause"
            case .trial: "one call tries whether it works again"
            case .open, .closed: "\(failures) calls in a row failed"
            }
        return "\(destination) is left alone for \(seconds) s: \(reason)"
    }
}

/// A destination that a plugin's calls are held back from.
package struct DestinationReport: Sendable, Hashable {
    /// Scheme, host and port.
    package var destination: String
    /// `open`, `paused` or `trial`.
    package var phase: String
    /// How long still.
    package var wait: Duration
}

extension DestinationBreaker.Finding {
    /// What an answer shows.
    init(_ response: OutboundResponse, now: Timestamp) {
        let wait = [429, 503].contains(response.status) ? response.retryAfter(now: now) : nil
        self = wait.map { .pauses($0) } ?? (500...599 ~= response.status ? .fails : .works)
    }

    /// What an error shows.
    init(_ error: any Error) {
        switch (error as? TransportError)?.code {
        case .connectionFailed, .timeout, .unresolvedHost: self = .fails
        case .responseTooLarge: self = .works
        case .cancelled, .invalidURL, .refusedAddress, .invalidCertificate, nil: self = .unknown
        }
    }
}
