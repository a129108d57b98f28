public import SCIM

/// A search over the queue; what is named must all be so.
public struct DeliveryQuery: Sendable {
    /// The states wanted; empty for all.
    public var states: [Delivery.State]
    /// The subscriber wanted; nil for all.
    public var subscriber: String?
    /// The id of one delivery; nil for all.
    public var id: Int64?
    /// The kinds of event wanted; empty for all.
    public var kinds: [LifecycleEvent.Kind] = []
    /// Whose deliveries are wanted; nil for those of all tenants.
    public var tenant: Tenant?
    /// The id of the user or group that the event is about, for membership the member; nil for all.
    public var subject: String?
    /// Only what was committed at this time or later.
    public var since: Timestamp?
    /// Only what was committed before this time.
    public var until: Timestamp?
    /// A part of ``Delivery/lastError``, with its case; nil for all, those without an error included.
    public var error: String?
    /// How many at most, newest first.
    public var limit: Int

    /// Creates a query.
    public init(states: [Delivery.State] = [], subscriber: String? = nil, id: Int64? = nil, limit: Int = 100) {
        self.states = states
        self.subscriber = subscriber
        self.id = id
        self.limit = limit
    }
}
