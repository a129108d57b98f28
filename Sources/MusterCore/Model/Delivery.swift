public import SCIM

/// One event on its way to one subscriber.
public struct Delivery: Sendable, Hashable {
    /// Where the delivery stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Waits for an earlier delivery of the same subject and subscriber.
        case blocked
        /// Will be claimed when ``Delivery/due`` has come.
        case ready
        /// A worker has it until ``Delivery/leasedUntil``.
        case leased
        /// Acknowledged; kept for a while, then pruned.
        case delivered
        /// Given up after the last attempt; kept until a person redrives or drops it.
        case setAside
        /// Dropped by a person, with a reason.
        case dropped
    }

    /// The row's number; grows with time.
    public var id: Int64
    /// Who is to hear of the event, such as `plugin:welcome-mail`.
    public var subscriber: String
    /// The event.
    public var event: LifecycleEvent
    /// Where it stands.
    public var state: State
    /// Attempts made so far, counting the one under way.
    public var attempts: Int
    /// The earliest time of the next attempt.
    public var due: Timestamp
    /// Until when a worker has it; nil when none does.
    public var leasedUntil: Timestamp?
    /// Distinguishes one claim from the next: an acknowledgement counts only with the lease it was claimed under.
    public var lease: Int64
    /// What the last failed attempt said, or why it was dropped.
    public var lastError: String?

    /// Creates a delivery.
    public init(
        id: Int64, subscriber: String, event: LifecycleEvent, state: State, attempts: Int, due: Timestamp,
        leasedUntil: Timestamp?, lease: Int64, lastError: String?
    ) {
        self.id = id
        self.subscriber = subscriber
        self.event = event
        self.state = state
        self.attempts = attempts
        self.due = due
        self.leasedUntil = leasedUntil
        self.lease = lease
        self.lastError = lastError
    }
}

/// What a subscriber answers to a delivery.
public enum DeliveryOutcome: Sendable, Hashable {
    /// It was handled, or there was nothing to do.
    case delivered
    /// Try again: after the given time, or after the usual back-off where it is nil.
    case retry(after: Duration?, reason: String)
    /// Never try again by itself: set it aside now.
    case fail(reason: String)
    /// The subscriber cannot take any now; the attempt does not count.
    case postpone(Duration)
}
