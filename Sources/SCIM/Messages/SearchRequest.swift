/// A query over resources: the parameters of a GET, or the body of a `POST .search` (RFC 7644 §3.4.2, §3.4.3).
public struct SearchRequest: Sendable, Hashable {
    /// What resources must fulfil; nil for all.
    public var filter: Filter?
    /// The number of the first result, counted from 1; smaller values mean 1. Without meaning where there is a ``cursor``.
    public var startIndex: Int
    /// How many results are wanted; negative values mean 0, nil leaves it to the server.
    public var count: Int?
    /// Which attributes are returned.
    public var selection: AttributeSelection
    /// The attribute whose values order the results (RFC 7644 §3.4.2.3); nil leaves the order to the server.
    ///
    /// A name as the client wrote it: ``sortAttribute(of:in:)`` looks it up.
    public var sortBy: AttributePath?
    /// Whether the greatest value comes first. Without meaning where there is no ``sortBy``.
    public var isDescending: Bool
    /// What leads to a page (RFC 9865 §2): "" for the first page, otherwise what the server gave as `nextCursor` or
    /// `previousCursor`. Nil when the client did not ask for pages by cursor.
    public var cursor: String?

    /// Creates a request.
    public init(
        filter: Filter? = nil, startIndex: Int = 1, count: Int? = nil, selection: AttributeSelection = .default,
        sortBy: AttributePath? = nil, isDescending: Bool = false, cursor: String? = nil
    ) {
        self.filter = filter
        self.startIndex = startIndex
        self.count = count
        self.selection = selection
        self.sortBy = sortBy
        self.isDescending = isDescending
        self.cursor = cursor
    }

    /// The quirks with which the request was written, see ``Filter/init(parsing:limits:noting:)``.
    public internal(set) var quirks: Set<Quirk> = []
}
