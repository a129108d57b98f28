extension Configuration {
    /// Who may use the directory, beside those who have an access token.
    public struct Authentication: Sendable, Hashable {
        /// `authentication.trustedProxies` (list, none): addresses and ranges such as `10.0.0.0/8` of proxies whose
        /// `X-Forwarded-For` is believed.
        public var trustedProxies: [String] = []
        /// `authentication.allowedAddresses` (list, none): addresses and ranges from which clients may come; without it,
        /// from anywhere. A tenant's own list is `tenants.NAME.allowedAddresses`.
        public var allowedAddresses: [String] = []
        /// `authentication.failureBurst` (number, 20): how many wrong credentials may come from one address at once.
        public var failureBurst = 20
        /// `authentication.failureIntervalSeconds` (number, 3): after how long an address may send one more.
        public var failureIntervalSeconds = 3
        /// `authentication.jwt` (list of objects, none): whose JSON Web Tokens are good.
        public var jwt: [JWT] = []
        /// `authentication.basic` (list of objects, none): users who send name and password.
        public var basic: [BasicUser] = []
        /// `authentication.certificates` (list of objects, none): whom client certificates stand for; see
        /// ``Configuration/TLS/clientCertificates``.
        public var certificates: [Certificate] = []

        /// Creates the defaults.
        public init() {}
    }

    /// An issuer of OAuth 2 access tokens in the form of JSON Web Tokens (RFC 9068), `authentication.jwt`.
    public struct JWT: Sendable, Hashable {
        /// `issuer` (text): the tokens' `iss`, to the letter.
        public var issuer = ""
        /// `audience` (text or list): what must be in the tokens' `aud`; one of several.
        public var audience: [String] = []
        /// `jwks` (text): the URL of the issuer's keys, or a file with them.
        public var jwks = ""
        /// `algorithms` (list, RS256 and ES256): what may sign a token.
        public var algorithms = ["RS256", "ES256"]
        /// `refreshSeconds` (number, 60): the shortest time between two looks for new keys.
        public var refreshSeconds = 60
        /// `scopes` (names with scopes, `scim.read: read` and `scim.write: write`): what the issuer's scopes mean here.
        public var scopes = ["scim.read": "read", "scim.write": "write"]
        /// `defaultScopes` (text, none): what a token allows that has none of ``scopes``.
        public var defaultScopes = ""
        /// `tenantClaim` (text, none): the claim that names the tenant.
        public var tenantClaim: String?
        /// `tenant` (text, `default`): whose directory the tokens open where no claim says so.
        public var tenant = "default"
        /// `dialect` (text, the tenant's): the dialect of the clients.
        public var dialect: String?

        /// Creates the defaults.
        public init() {}
    }

    /// A user who sends name and password (RFC 7617), `authentication.basic`.
    public struct BasicUser: Sendable, Hashable {
        /// `name` (text): the user's name.
        public var name = ""
        /// `passwordHash` (text): what `muster token hash-password` prints.
        public var passwordHash = ""
        /// `tenant` (text, `default`): whose directory the user opens.
        public var tenant = "default"
        /// `scopes` (text or list, everything): what the user may do, such as `read` or `write:User`.
        public var scopes = "*"
        /// `dialect` (text, the tenant's): the dialect of the client.
        public var dialect: String?

        /// Creates the defaults.
        public init() {}
    }

    /// Whom a client certificate stands for, `authentication.certificates`.
    public struct Certificate: Sendable, Hashable {
        /// `subject` (text): what the certificate says: `CN=NAME`, `DNS:NAME`, `URI:URI` or `SHA256:FINGERPRINT`.
        public var subject = ""
        /// `name` (text): the client's name, which becomes the actor of its changes.
        public var name = ""
        /// `tenant` (text, `default`): whose directory the client opens.
        public var tenant = "default"
        /// `scopes` (text or list, everything): what the client may do, such as `read` or `write:User`.
        public var scopes = "*"
        /// `dialect` (text, the tenant's): the client's dialect.
        public var dialect: String?

        /// Creates the defaults.
        public init() {}
    }

    /// TLS on the server's own socket, `server.tls`; off without a certificate. TLS 1.2 and later.
    public struct TLS: Sendable, Hashable {
        /// `certificate` (text, none): a PEM file with the server's certificate and those between it and the authority.
        public var certificate: String?
        /// `privateKey` (text, none): a PEM file with its private key.
        public var privateKey: String?
        /// `clientAuthority` (text, none): a PEM file with the authorities of clients' certificates.
        public var clientAuthority: String?
        /// `clientCertificates` (`none`, `optional` or `required`, `none`): whether clients show certificates.
        public var clientCertificates = "none"

        /// Creates the defaults.
        public init() {}
    }
}

extension ConfigurationKey {
    /// The keys of one value of authentication and TLS.
    static let authentication: [ConfigurationKey] = [
        optional("server.tls.certificate", \.server.tls.certificate),
        optional("server.tls.privateKey", \.server.tls.privateKey),
        optional("server.tls.clientAuthority", \.server.tls.clientAuthority),
        choice("server.tls.clientCertificates", \.server.tls.clientCertificates, ["none", "optional", "required"]),
        addresses("authentication.trustedProxies", \.authentication.trustedProxies),
        addresses("authentication.allowedAddresses", \.authentication.allowedAddresses),
        number("authentication.failureBurst", \.authentication.failureBurst, 1...10_000),
        number("authentication.failureIntervalSeconds", \.authentication.failureIntervalSeconds, 1...86_400),
    ]
}
