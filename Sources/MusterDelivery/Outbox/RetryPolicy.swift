/// How often, and how long apart, a subscriber is asked again after it failed.
package struct RetryPolicy: Sendable, Hashable {
    /// Attempts in all, the first included; at least 1. After the last one the delivery is set aside.
    package var maximumAttempts: Int
    /// The longest wait after the first failed attempt; it doubles with each further one.
    package var base: Duration
    /// What the doubling ends at.
    package var maximum: Duration

    /// Creates a policy; values that make no sense are brought to the nearest that does.
    package init(maximumAttempts: Int = 12, base: Duration = .seconds(2), maximum: Duration = .seconds(3600)) {
        self.maximumAttempts = max(1, maximumAttempts)
        self.base = max(.milliseconds(1), base)
        self.maximum = max(self.base, maximum)
    }

    /// The longest wait that a subscriber may ask for itself, by `retry` with `after` or by `postpone`: 24 hours.
    package static let longestWait: Duration = .seconds(86_400)
    /// The shortest wait after `postpone`, so that a subscriber that is not ready cannot make the worker spin.
    package static let shortestPostponement: Duration = .milliseconds(100)

    /// The wait after the failed attempt number `attempt`, counted from 1: `base * 2^(attempt - 1)`, at most
    /// ``maximum``; of that the upper half is spread by `random`, so that what failed together does not come back
    /// together, and still no wait is shorter than half of what it should be.
    /// - Parameter random: In 0..<1.
    package func wait(after attempt: Int, random: Double) -> Duration {
        var longest = base
        var doublings = attempt - 1
        while doublings > 0, longest < maximum {
            longest *= 2
            doublings -= 1
        }
        longest = min(longest, maximum)
        return longest / 2 + (longest / 2) * random
    }
}
