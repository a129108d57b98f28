/// A delivery with what is kept of its last attempt.
public struct RecordedDelivery: Sendable, Hashable {
    /// The number of the change that it belongs to; see ``NumberedChange``.
    public var change: Int64
    /// The delivery as it stands.
    public var delivery: Delivery
    /// What the attempt did, as its subscriber put it down; nil where nothing was.
    public var record: [UInt8]?

    /// Creates a value.
    public init(change: Int64, delivery: Delivery, record: [UInt8]?) {
        self.change = change
        self.delivery = delivery
        self.record = record
    }
}
