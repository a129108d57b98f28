/// How a worker works.
package struct DeliverySettings: Sendable {
    /// How long a claim holds; longer than any handler may take. A handler that has not returned shortly before its
    /// claim ends is cancelled, and the attempt counts as failed.
    package var lease: Duration = .seconds(120)
    /// How often the worker looks for deliveries that nobody woke it for, such as retries that have come due.
    package var pollInterval: Duration = .milliseconds(500)
    /// How long running handlers may go on after a graceful shutdown began, before they are cancelled.
    package var gracePeriod: Duration = .seconds(20)
    /// How long handlers have to return after that.
    package var cancellationPeriod: Duration = .seconds(2)
    /// How long finished deliveries are kept.
    package var retention: Duration = .seconds(7 * 86_400)
    /// How often the backlog is measured.
    package var backlogInterval: Duration = .seconds(15)
    /// How often finished deliveries are pruned.
    package var pruneInterval: Duration = .seconds(60)
    /// Whether this is the only worker of its store: then claims that an earlier process left are free at the start.
    package var isOnlyWorker = true

    /// Creates the usual settings.
    package init() {}

    /// How long before the end of its lease a handler is cancelled.
    var cancellationMargin: Duration { min(lease / 10, .seconds(10)) }

    /// How long a handler may take before it is cancelled.
    var longestRun: Duration { lease - cancellationMargin }
}
