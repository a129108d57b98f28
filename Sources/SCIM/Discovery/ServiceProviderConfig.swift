/// What the service provider can do, for `/ServiceProviderConfig` (RFC 7643 §5).
public struct ServiceProviderConfig: Sendable, Hashable {
    /// A way to authenticate.
    public struct AuthenticationScheme: Sendable, Hashable {
        /// The kind: `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`.
        public var type: String
        /// The name to show.
        public var name: String
        /// What it is.
        public var description: String
        /// The URL of its specification, or nil.
        public var specURI: String?
        /// Whether it is the preferred one.
        public var isPrimary: Bool

        /// Creates a value.
        public init(type: String, name: String, description: String, specURI: String? = nil, isPrimary: Bool = false) {
            self.type = type
            self.name = name
            self.description = description
            self.specURI = specURI
            self.isPrimary = isPrimary
        }

        /// A token in the `Authorization` header (RFC 6750).
        public static let bearerToken = AuthenticationScheme(
            type: "oauthbearertoken", name: "Bearer token",
            description: "A token in the Authorization header, issued by the administrator",
            specURI: "https://www.rfc-editor.org/info/rfc6750", isPrimary: true)
    }

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

    /// Creates a configuration.
    public init(
        documentationURI: String? = nil, supportsPatch: Bool = true, bulk: Bulk? = nil, filterMaximumResults: Int? = 1000,
        supportsChangePassword: Bool = false, supportsSort: Bool = false, supportsETag: Bool = false,
        authenticationSchemes: [AuthenticationScheme] = [.bearerToken]
    ) {
        self.documentationURI = documentationURI
        self.supportsPatch = supportsPatch
        self.bulk = bulk
        self.filterMaximumResults = filterMaximumResults
        self.supportsChangePassword = supportsChangePassword
        self.supportsSort = supportsSort
        self.supportsETag = supportsETag
        self.authenticationSchemes = authenticationSchemes
    }

    /// The document that is answered.
    /// - Parameter baseURL: As the client sees it, without a slash at the end: `https://host/scim/v2`.
    public func document(baseURL: String) -> AttributeValue {
        var map: AttributeMap = ["schemas": [.string(Schema.serviceProviderConfig.id)]]
        if let documentationURI { map.append("documentationUri", .string(documentationURI)) }
        map.append("patch", ["supported": .boolean(supportsPatch)])
        map.append(
            "bulk",
            [
                "supported": .boolean(bulk != nil), "maxOperations": .integer(Int64(bulk?.maximumOperations ?? 0)),
                "maxPayloadSize": .integer(Int64(bulk?.maximumPayloadBytes ?? 0)),
            ])
        map.append(
            "filter",
            [
                "supported": .boolean(filterMaximumResults != nil),
                "maxResults": .integer(Int64(filterMaximumResults ?? 0)),
            ])
        map.append("changePassword", ["supported": .boolean(supportsChangePassword)])
        map.append("sort", ["supported": .boolean(supportsSort)])
        map.append("etag", ["supported": .boolean(supportsETag)])
        map.append("authenticationSchemes", .array(authenticationSchemes.map(\.document)))
        map.append(
            "meta", ["resourceType": "ServiceProviderConfig", "location": .string(baseURL + "/ServiceProviderConfig")])
        return .complex(map)
    }
}

extension ServiceProviderConfig.AuthenticationScheme {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = ["type": .string(type), "name": .string(name), "description": .string(description)]
        if let specURI { map.append("specUri", .string(specURI)) }
        map.append("primary", .boolean(isPrimary))
        return .complex(map)
    }
}
