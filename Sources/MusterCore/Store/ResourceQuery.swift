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
    /// Where the page begins.
    public var start: PageStart
    /// How many resources the page holds at most; 0 to count only.
    public var limit: Int
    /// The order; nil for that of creation.
    public var sort: ResourceSort?
    /// Whether ``ResourcePage/totalResults`` is wanted, which may cost as much as there are matching resources.
    public var countsTotal: Bool

    /// Creates a query.
    public init(
        tenant: Tenant = .default, type: String, filter: Filter? = nil, index: AttributeIndex,
        matches: @escaping Predicate = { _, _ in true }, start: PageStart = .offset(0), limit: Int = 100,
        sort: ResourceSort? = nil, countsTotal: Bool = true
    ) {
        self.tenant = tenant
        self.type = type
        self.filter = filter
        self.index = index
        self.matches = matches
        self.start = start
        self.limit = limit
        self.sort = sort
        self.countsTotal = countsTotal
    }
}

/// Where a page of a search begins.
public enum PageStart: Sendable, Hashable {
    /// Behind this many matching resources: `startIndex - 1`.
    case offset(Int)
    /// Right behind a resource, or where it stood. The cost does not depend on how far in it is.
    case after(PagePosition)
    /// The page that ends right before a resource, or where it stood.
    case before(PagePosition)
}

/// The place of a resource in the order of a search, which it keeps while others come and go. The store uses no number
/// twice.
public struct PagePosition: Sendable, Hashable {
    /// What it is sorted by; nil where it has no value, or the order is that of creation.
    public var key: IndexValue?
    /// The store's number of the resource, which decides among equal keys and grows with time.
    public var number: Int64

    /// Creates a position.
    public init(key: IndexValue?, number: Int64) {
        self.key = key
        self.number = number
    }

    /// Whether this place comes first in ascending order; in descending order it comes last.
    public func precedes(_ other: PagePosition) -> Bool {
        switch (key, other.key) {
        case (let left?, let right?):
            if left.precedes(right) { return true }
            return !right.precedes(left) && number < other.number
        case (_?, nil): return true
        case (nil, _?): return false
        case (nil, nil): return number < other.number
        }
    }
}

/// The order of a search (RFC 7644 §3.4.2.3). Resources without a value come last when ascending, first when descending.
/// Resources with equal keys stand in the order of creation, in the reverse one when descending: one order is exactly
/// the other, backward.
public struct ResourceSort: Sendable {
    /// What a resource is sorted by; nil where it has no value.
    public typealias Key = @Sendable (StoredResource, any ReadTransaction) throws -> IndexValue?

    /// The name of the indexed attribute with one value only, or `id`, `meta.created`, `meta.lastModified`, by which
    /// the store can order by itself; nil where each key has to be computed. A name that the query's index lacks counts
    /// as nil.
    public var attribute: String?
    /// Whether the greatest comes first.
    public var isDescending: Bool
    /// Computes the key of one resource; must agree with the index where ``attribute`` is set.
    public var key: Key

    /// Creates an order.
    public init(attribute: String?, isDescending: Bool = false, key: @escaping Key) {
        self.attribute = attribute
        self.isDescending = isDescending
        self.key = key
    }
}

/// One page of a search.
public struct ResourcePage: Sendable {
    /// How many resources match in all; nil when it was not wanted.
    public var totalResults: Int?
    /// The page.
    public var resources: [StoredResource]
    /// Where the next page begins, for ``PageStart/after(_:)``; nil at the end. A page that is empty since its limit is 0
    /// or its offset lies behind the end has neither this nor ``previous``.
    public var next: PagePosition?
    /// Where the page before ends, for ``PageStart/before(_:)``; nil at the beginning.
    public var previous: PagePosition?

    /// Creates a page.
    public init(totalResults: Int?, resources: [StoredResource], next: PagePosition? = nil, previous: PagePosition? = nil) {
        self.totalResults = totalResults
        self.resources = resources
        self.next = next
        self.previous = previous
    }
}
