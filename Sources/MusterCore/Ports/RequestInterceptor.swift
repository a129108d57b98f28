/// A request of an authenticated client before it is understood.
public struct RawRequest: Sendable, Hashable {
    /// The HTTP method.
    public var method: String
    /// The path below the base URL, percent-encoded: `/Users/42`.
    public var path: String
    /// The query, as it was sent, without the question mark; nil where there is none.
    public var query: String?
    /// The headers, their names in lower case, without those that carry credentials. Changing them has no effect.
    public var headers: [HTTPHeader]
    /// The body; empty where there is none.
    public var body: [UInt8]

    /// Creates a value.
    public init(method: String, path: String, query: String? = nil, headers: [HTTPHeader] = [], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// What repairs the requests of clients that speak a dialect of their own. What it makes of one is routed, authorized and
/// checked as if the client had sent it.
///
/// A thrown `SCIMError` is the client's answer.
public struct RequestInterceptor: Sendable {
    /// Whether requests are of interest now. Asked for every request, so it must be quick.
    public var isNeeded: @Sendable () -> Bool
    /// Returns the request as it shall be understood.
    public var rewrite: @Sendable (RawRequest, RequestOrigin) async throws -> RawRequest

    /// Creates an interceptor.
    public init(
        isNeeded: @escaping @Sendable () -> Bool = { true },
        rewrite: @escaping @Sendable (RawRequest, RequestOrigin) async throws -> RawRequest
    ) {
        self.isNeeded = isNeeded
        self.rewrite = rewrite
    }
}
