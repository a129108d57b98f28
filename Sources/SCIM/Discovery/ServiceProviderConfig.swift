/// What the service provider can do, for `/ServiceProviderConfig` (RFC 7643 §5).
public struct ServiceProviderConfig: Sendable, Hashable {
    /// The limits of bulk requests; nil where they are not supported.
    public struct Bulk: Sendable, Hashable {
        /// The most operations in one request.
        public var maximumOperations: Int
        /// The largest request in bytes.
        public var maximumPayloadBytes: Int

        /// Creates a value.
        public init(maximumOperations: Int, maximumPayloadBytes: Int) {
            self.maximumOperations = maximumOperations
            self.maximumPayloadBytes = maximumPayloadBytes
        }
    }

    /// How results are paged through (RFC 9865 §4).
    public struct Pagination: Sendable, Hashable {
        /// A way to page.
        public enum Method: String, Sendable, Hashable {
            case cursor, index
        }

        /// Whether there are pages by cursor.
        public var supportsCursor: Bool
        /// Whether there are pages by `startIndex`.
        public var supportsIndex: Bool
        /// The way that is taken when a request names none; nil when it is not told.
        public var defaultMethod: Method?
        /// How many results a page has when a request does not say; nil when it is not told.
        public var defaultPageSize: Int?
        /// How many results a page has at most, whatever a request says; nil when it is not told.
        public var maximumPageSize: Int?
        /// How long a cursor is good at least; nil when it does not end, or is not told. Fractions of a second are dropped.
        public var cursorTimeout: Duration?

        /// Creates a value.
        public init(
            supportsCursor: Bool, supportsIndex: Bool = true, defaultMethod: Method? = .index, defaultPageSize: Int? = nil,
            maximumPageSize: Int? = nil, cursorTimeout: Duration? = nil
        ) {
            self.supportsCursor = supportsCursor
            self.supportsIndex = supportsIndex
            self.defaultMethod = defaultMethod
            self.defaultPageSize = defaultPageSize
            self.maximumPageSize = maximumPageSize
            self.cursorTimeout = cursorTimeout
        }
    }

    /// Which changes are told as Security Event Tokens (RFC 9967 §4).
    public struct SecurityEvents: Sendable, Hashable {
        /// When a request is answered before it is done, with an event that tells the outcome.
        public enum AsyncRequest: String, Sendable, Hashable {
            /// Never.
            case none
            /// When the server finds that it takes long.
            case long
            /// When the client asks for it.
            case request
        }

        /// When requests are answered before they are done.
        public var asyncRequest: AsyncRequest
        /// The URIs of the events that may be sent: `urn:ietf:params:scim:event:prov:create:full`.
        public var eventURIs: [String]

        /// Creates a value.
        public init(asyncRequest: AsyncRequest = .none, eventURIs: [String]) {
            self.asyncRequest = asyncRequest
            self.eventURIs = eventURIs
        }
    }

    /// The URL of help for people, or nil.
    public var documentationURI: String?
    /// Whether PATCH is understood.
    public var supportsPatch: Bool
    /// The limits of bulk requests, or nil when there are none.
    public var bulk: Bulk?
    /// The most resources in one answer to a filter; nil when filters are not understood.
    public var filterMaximumResults: Int?
    /// Whether passwords can be changed.
    public var supportsChangePassword: Bool
    /// Whether results can be sorted.
    public var supportsSort: Bool
    /// Whether entity tags are honoured.
    public var supportsETag: Bool
    /// The ways to authenticate.
    public var authenticationSchemes: [AuthenticationScheme]
    /// How results are paged through; nil when it is not told, which means pages by `startIndex`.
    public var pagination: Pagination?
    /// The events that are told; nil when there are none.
    public var securityEvents: SecurityEvents?

    /// Creates a configuration.
    public init(
        documentationURI: String? = nil, supportsPatch: Bool = true, bulk: Bulk? = nil, filterMaximumResults: Int? = 1000,
        supportsChangePassword: Bool = false, supportsSort: Bool = false, supportsETag: Bool = false,
        authenticationSchemes: [AuthenticationScheme] = [.bearerToken], pagination: Pagination? = nil,
        securityEvents: SecurityEvents? = nil
    ) {
        self.documentationURI = documentationURI
        self.supportsPatch = supportsPatch
        self.bulk = bulk
        self.filterMaximumResults = filterMaximumResults
        self.supportsChangePassword = supportsChangePassword
        self.supportsSort = supportsSort
        self.supportsETag = supportsETag
        self.authenticationSchemes = authenticationSchemes
        self.pagination = pagination
        self.securityEvents = securityEvents
    }
}
