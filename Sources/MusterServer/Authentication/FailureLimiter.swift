import Synchronization

/// How many wrong credentials are looked at.
package struct FailureLimits: Sendable, Hashable {
    /// How many may come from one address at once.
    package var burst: Int
    /// After how long an address may send one more.
    package var interval: Duration
    /// How many may come from everywhere at once.
    package var totalBurst: Int
    /// After how long one more may come from anywhere.
    package var totalInterval: Duration
    /// Of how many addresses the failures are remembered.
    package var capacity: Int

    package init(
        burst: Int = 20, interval: Duration = .seconds(3), totalBurst: Int = 1000, totalInterval: Duration = .milliseconds(20),
        capacity: Int = 10_000
    ) {
        self.burst = burst
        self.interval = interval
        self.totalBurst = totalBurst
        self.totalInterval = totalInterval
        self.capacity = capacity
    }
}

/// Holds up whoever tries credentials: a token bucket for each address and one for all.
final class FailureLimiter: Sendable {
    /// That an address has to wait.
    struct Refusal: Sendable, Hashable {
        /// How long.
        let wait: Duration
        /// Whether this is the first refusal since the last time that it could try, so that the log tells it once.
        let isFirst: Bool
    }

    /// A bucket, as the moment at which it will be full again.
    private struct Bucket: Sendable {
        var full: ContinuousClock.Instant
        var isAnnounced = false

        /// How long until there is one token in it; nil when there is.
        func wait(burst: Int, interval: Duration, now: ContinuousClock.Instant) -> Duration? {
            let wait = now.duration(to: full) - interval * (burst - 1)
            return wait > .zero ? wait : nil
        }

        mutating func take(interval: Duration, now: ContinuousClock.Instant) { full = max(full, now) + interval }
    }

    private struct State: Sendable {
        var total: Bucket
        var addresses: LeastRecentlyUsed<IPAddress, Bucket>
    }

    private let limits: FailureLimits
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state: Mutex<State>

    init(_ limits: FailureLimits, now: @escaping @Sendable () -> ContinuousClock.Instant) {
        self.limits = limits
        self.now = now
        state = Mutex(State(total: Bucket(full: now()), addresses: LeastRecentlyUsed(capacity: limits.capacity)))
    }

    /// Whether a client has to wait before a credential of its is looked at; nil when not.
    /// - Parameter address: nil where it is not known: then only the bucket for all counts.
    func refusal(for address: IPAddress?) -> Refusal? {
        let now = now()
        return state.withLock { state in
            if let key = address?.client, var bucket = state.addresses[key] {
                if let wait = bucket.wait(burst: limits.burst, interval: limits.interval, now: now) {
                    let isFirst = !bucket.isAnnounced
                    bucket.isAnnounced = true
                    if isFirst { state.addresses[key] = bucket }
                    return Refusal(wait: wait, isFirst: isFirst)
                }
                if bucket.full <= now { state.addresses[key] = nil }
            }
            guard let wait = state.total.wait(burst: limits.totalBurst, interval: limits.totalInterval, now: now) else {
                state.total.isAnnounced = false
                return nil
            }
            let isFirst = !state.total.isAnnounced
            state.total.isAnnounced = true
            return Refusal(wait: wait, isFirst: isFirst)
        }
    }

    /// Counts a wrong credential.
    func noteFailure(of address: IPAddress?) {
        let now = now()
        state.withLock { state in
            state.total.take(interval: limits.totalInterval, now: now)
            guard let key = address?.client else { return }
            var bucket = state.addresses[key] ?? Bucket(full: now)
            bucket.take(interval: limits.interval, now: now)
            bucket.isAnnounced = false
            state.addresses[key] = bucket
        }
    }
}
