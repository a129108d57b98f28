public import SCIM

/// How one subscriber's part of the queue stands.
public struct QueueSummary: Sendable, Hashable {
    /// How many deliveries there are in each state, those that are delivered or dropped left out.
    public var counts: [Delivery.State: Int]
    /// When the delivery became due that has been due for longest and is not at work; may lie ahead. Nil where none waits.
    public var oldestDue: Timestamp?
    /// When the oldest event happened of those whose delivery is neither finished nor set aside, whenever it is due. Nil where
    /// there is none.
    public var oldestEvent: Timestamp?

    /// Creates a summary.
    public init(counts: [Delivery.State: Int] = [:], oldestDue: Timestamp? = nil, oldestEvent: Timestamp? = nil) {
        self.counts = counts
        self.oldestDue = oldestDue
        self.oldestEvent = oldestEvent
    }
}

extension ReadTransaction {
    /// The number of deliveries in each state that is not finished, by subscriber.
    public func backlog() throws -> [String: [Delivery.State: Int]] {
        try queueSummary().mapValues { $0.counts.filter { $0.key != .setAside } }.filter { !$0.value.isEmpty }
    }
}
