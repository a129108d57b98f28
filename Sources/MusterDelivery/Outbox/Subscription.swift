package import MusterCore

/// Who hears of events after the commit.
package struct Subscription: Sendable {
    /// The name that deliveries carry, such as `plugin:welcome-mail`.
    package var name: String
    /// How failures are retried.
    package var retry: RetryPolicy
    /// How many deliveries it is handed at the same time; never two of one subject.
    package var concurrency: Int
    /// Handles one delivery, and puts down what it did where that is to be kept. Should return soon after its task is
    /// cancelled.
    package var handle: @Sendable (Delivery) async -> (outcome: DeliveryOutcome, record: [UInt8]?)

    /// Creates a subscription.
    /// - Parameter concurrency: At least 1; half of the worker's own, so that one slow subscriber cannot take all of it.
    package init(
        name: String, retry: RetryPolicy = RetryPolicy(), concurrency: Int = 32,
        handle: @escaping @Sendable (Delivery) async -> DeliveryOutcome
    ) {
        self.init(name: name, retry: retry, concurrency: concurrency, recording: { (await handle($0), nil) })
    }

    /// Creates a subscription of which is kept what its attempts do.
    package init(
        name: String, retry: RetryPolicy = RetryPolicy(), concurrency: Int = 32,
        recording handle: @escaping @Sendable (Delivery) async -> (outcome: DeliveryOutcome, record: [UInt8]?)
    ) {
        self.name = name
        self.retry = retry
        self.concurrency = max(1, concurrency)
        self.handle = handle
    }
}
