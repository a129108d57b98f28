public import SCIM

/// A search over the resources of one type and tenant.
public struct ResourceQuery: Sendable {
    /// Decides about one row where SQL cannot: parses the document and evaluates the whole filter.
    public typealias Predicate = @Sendable (StoredResource, any ReadTransaction) throws -> Bool

    /// Whose directory.
    public var tenant: Tenant
    /// The name of the resource type.
    public var type: String
    /// What resources must fulfil; nil for all.
    public var filter: Filter?
    /// Which attributes the store may answer from its index.
    public var index: AttributeIndex
    /// Evaluates ``filter`` on one row; the store calls it for each candidate that SQL could not decide about.
    public var matches: Predicate
    /// How many matching resources come before the page: `startIndex - 1`.
    public var offset: Int
    /// How many resources the page holds at most; 0 to count only.
    public var limit: Int

    /// Creates a query.
    public init(
        tenant: Tenant = .default, type: String, filter: Filter? = nil, index: AttributeIndex,
        matches: @escaping Predicate = { _, _ in true }, offset: Int = 0, limit: Int = 100
    ) {
        self.tenant = tenant
        self.type = type
        self.filter = filter
        self.index = index
        self.matches = matches
        self.offset = offset
        self.limit = limit
    }
}

/// One page of a search, in the order in which resources were created.
public struct ResourcePage: Sendable {
    /// How many resources match in all.
    public var totalResults: Int
    /// The page.
    public var resources: [StoredResource]

    /// Creates a page.
    public init(totalResults: Int, resources: [StoredResource]) {
        self.totalResults = totalResults
        self.resources = resources
    }
}

/// A search over the queue.
public struct DeliveryQuery: Sendable {
    /// The states wanted; empty for all.
    public var states: [Delivery.State]
    /// The subscriber wanted; nil for all.
    public var subscriber: String?
    /// The id of one delivery; nil for all.
    public var id: Int64?
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
