/// Who asked for a change, and through what.
public struct RequestOrigin: Sendable, Hashable {
    /// The request's id, which also stands in the answer and in the log.
    public var id: String
    /// The actor: the name of the access token, `plugin:NAME`, or `console`.
    public var client: String
    /// The HTTP method, or "" where there was no HTTP request.
    public var method: String
    /// The path below the base URL, such as `/Users/42`.
    public var path: String
    /// Whose directory is meant.
    public var tenant: Tenant
    /// How many hooks stand between this change and an outside request: 0 for a client's own.
    public var depth: Int

    /// The deepest change that is carried out: hooks whose changes call each other without end are stopped there.
    public static let maximumDepth = 3

    /// Creates a value.
    public init(
        id: String, client: String, method: String = "", path: String = "", tenant: Tenant = .default, depth: Int = 0
    ) {
        self.id = id
        self.client = client
        self.method = method
        self.path = path
        self.tenant = tenant
        self.depth = depth
    }
}
