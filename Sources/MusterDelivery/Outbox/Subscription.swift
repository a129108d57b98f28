package import MusterCore

/// Who hears of events after the commit.
package struct Subscription: Sendable {
    /// The name that deliveries carry, such as `plugin:welcome-mail`.
    package var name: String
    /// How failures are retried.
    package var retry: RetryPolicy
    /// How many deliveries it is handed at the same time at most; never two of one subject.
    package var concurrency: Int
    /// How many deliveries begin in a second on average, and at most at once; nil for no limit. Those that wait for it are
    /// not claimed: they use up no attempt and hold up no other subscriber.
    package var ratePerSecond: Double?
    /// Handles one delivery, and puts down what it did where that is to be kept. Should return soon after its task is
    /// cancelled.
    package var handle: @Sendable (Delivery) async -> (outcome: DeliveryOutcome, record: [UInt8]?)

    /// Creates a subscription.
    /// - Parameters:
    ///   - concurrency: At least 1. The worker gives it no more than half of the places that others leave, so that those which
    ///     are slow cannot take all of them.
    ///   - ratePerSecond: At least one in a day.
    package init(
        name: String, retry: RetryPolicy = RetryPolicy(), concurrency: Int = 32, ratePerSecond: Double? = nil,
        handle: @escaping @Sendable (Delivery) async -> DeliveryOutcome
    ) {
        self.init(name: name, retry: retry, concurrency: concurrency, ratePerSecond: ratePerSecond, recording: { (await handle($0), nil) })
    }

    /// Creates a subscription of which is kept what its attempts do.
    package init(
        name: String, retry: RetryPolicy = RetryPolicy(), concurrency: Int = 32, ratePerSecond: Double? = nil,
        recording handle: @escaping @Sendable (Delivery) async -> (outcome: DeliveryOutcome, record: [UInt8]?)
    ) {
        self.name = name
        self.retry = retry
        self.concurrency = max(1, concurrency)
        self.ratePerSecond = ratePerSecond.map { max(1 / 86_400, $0) }
        self.handle = handle
    }
}
