/// A query over resources: the parameters of a GET, or the body of a `POST .search` (RFC 7644 §3.4.2, §3.4.3).
public struct SearchRequest: Sendable, Hashable {
    /// What resources must fulfil; nil for all.
    public var filter: Filter?
    /// The number of the first result, counted from 1; smaller values mean 1.
    public var startIndex: Int
    /// How many results are wanted; negative values mean 0, nil leaves it to the server.
    public var count: Int?
    /// Which attributes are returned.
    public var selection: AttributeSelection

    /// Creates a request.
    public init(
        filter: Filter? = nil, startIndex: Int = 1, count: Int? = nil, selection: AttributeSelection = .default
    ) {
        self.filter = filter
        self.startIndex = startIndex
        self.count = count
        self.selection = selection
    }
}
