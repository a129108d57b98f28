package import SCIM

/// A limit of how many may begin in a second on average: a value that is told the time.
///
/// It holds what a second brings, at least one, so that after a pause so many may begin at once.
package struct TokenBucket: Sendable, Hashable {
    /// Tokens in a second.
    package let rate: Double
    private var tokens: Double
    private var filled: Timestamp

    private var capacity: Double { max(1, rate) }

    /// Creates a bucket that is full at `now`.
    package init(rate: Double, now: Timestamp) {
        self.rate = rate
        filled = now
        tokens = max(1, rate)
    }

    /// How many may begin at `now`. A clock that was set back brings nothing and takes nothing.
    package mutating func available(at now: Timestamp) -> Int {
        let elapsed = Double(max(0, now.milliseconds - filled.milliseconds)) / 1000
        tokens = min(capacity, tokens + elapsed * rate)
        filled = now
        // A sum of fractions may miss a whole by a hair.
        return Int(tokens + 1e-9)
    }

    /// Notes that `count` have begun.
    package mutating func take(_ count: Int) { tokens -= Double(count) }

    /// How long until the next may begin, as of the last ``available(at:)``.
    package var wait: Duration { tokens + 1e-9 >= 1 ? .zero : .seconds((1 - tokens) / rate) }
}
