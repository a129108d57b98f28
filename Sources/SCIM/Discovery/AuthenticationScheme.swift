extension ServiceProviderConfig {
    /// A way to authenticate (RFC 7643 §5).
    public struct AuthenticationScheme: Sendable, Hashable {
        /// The kind. RFC 7643 defines `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` and `httpdigest`.
        public var type: String
        /// The name to show.
        public var name: String
        /// What it is.
        public var description: String
        /// The URL of its specification, or nil.
        public var specURI: String?
        /// The URL of help about it, or nil.
        public var documentationURI: String?
        /// Whether it is the preferred one.
        public var isPrimary: Bool

        /// Creates a value.
        public init(
            type: String, name: String, description: String, specURI: String? = nil, documentationURI: String? = nil,
            isPrimary: Bool = false
        ) {
            self.type = type
            self.name = name
            self.description = description
            self.specURI = specURI
            self.documentationURI = documentationURI
            self.isPrimary = isPrimary
        }
    }
}

extension ServiceProviderConfig.AuthenticationScheme {
    /// A token in the `Authorization` header (RFC 6750).
    public static let bearerToken = Self(
        type: "oauthbearertoken", name: "Bearer token",
        description: "A token in the Authorization header, issued by the administrator",
        specURI: "https://www.rfc-editor.org/info/rfc6750", isPrimary: true)

    /// A signed access token of an authorization server (RFC 9068).
    public static let oauth2 = Self(
        type: "oauth2", name: "OAuth 2.0 access token",
        description: "A signed JSON Web Token of a known authorization server, as a bearer token in the Authorization header",
        specURI: "https://www.rfc-editor.org/info/rfc9068")

    /// A name and a password in the `Authorization` header (RFC 7617).
    public static let httpBasic = Self(
        type: "httpbasic", name: "HTTP Basic", description: "A name and a password in the Authorization header",
        specURI: "https://www.rfc-editor.org/info/rfc7617")

    /// A certificate of the client (RFC 7644 §2, "TLS Client Authentication"; RFC 8446 §4.4.2).
    ///
    /// RFC 7644 names the method, but RFC 7643 §5 has no word for it among the types it defines, which are no closed list.
    public static let mutualTLS = Self(
        type: "mutualtls", name: "Mutual TLS", description: "A certificate of the client that the server trusts",
        specURI: "https://www.rfc-editor.org/info/rfc8446")
}
