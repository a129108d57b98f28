package import MusterCore

/// What a site decides about who may use the directory. Without any of it, only the store's access tokens are good.
package struct AuthenticationSettings: Sendable, Hashable {
    /// Proxies whose `X-Forwarded-For` is believed.
    package var trustedProxies: [AddressRange]
    /// Where clients may come from; empty for anywhere.
    package var allowedAddresses: [AddressRange]
    /// Where the clients of a tenant may come from, by its name, beside ``allowedAddresses``.
    package var tenantAllowedAddresses: [String: [AddressRange]]
    /// Whose JSON Web Tokens are good.
    package var issuers: [JWTSettings]
    /// Users who send name and password.
    package var users: [BasicUser]
    /// Whom client certificates stand for.
    package var certificates: [CertificateMapping]
    /// How many wrong credentials are looked at.
    package var failureLimits: FailureLimits

    package init(
        trustedProxies: [AddressRange] = [], allowedAddresses: [AddressRange] = [],
        tenantAllowedAddresses: [String: [AddressRange]] = [:], issuers: [JWTSettings] = [], users: [BasicUser] = [],
        certificates: [CertificateMapping] = [], failureLimits: FailureLimits = .init()
    ) {
        self.trustedProxies = trustedProxies
        self.allowedAddresses = allowedAddresses
        self.tenantAllowedAddresses = tenantAllowedAddresses
        self.issuers = issuers
        self.users = users
        self.certificates = certificates
        self.failureLimits = failureLimits
    }
}

/// A user who sends name and password (RFC 7617).
package struct BasicUser: Sendable, Hashable {
    /// The name, which becomes the actor of its changes. It holds no colon.
    package var name: String
    /// The password as ``PasswordHash`` writes it.
    package var passwordHash: String
    package var tenant: Tenant
    package var scopes: AccessScopes
    package var dialect: String?

    package init(name: String, passwordHash: String, tenant: Tenant = .default, scopes: AccessScopes = .full, dialect: String? = nil) {
        self.name = name
        self.passwordHash = passwordHash
        self.tenant = tenant
        self.scopes = scopes
        self.dialect = dialect
    }
}

/// Whom a client certificate stands for (mutual TLS).
package struct CertificateMapping: Sendable, Hashable {
    /// What the certificate must say; see ``CertificateIdentity``.
    package var identity: CertificateIdentity
    /// The name, which becomes the actor of its changes.
    package var name: String
    package var tenant: Tenant
    package var scopes: AccessScopes
    package var dialect: String?

    package init(
        identity: CertificateIdentity, name: String, tenant: Tenant = .default, scopes: AccessScopes = .full, dialect: String? = nil
    ) {
        self.identity = identity
        self.name = name
        self.tenant = tenant
        self.scopes = scopes
        self.dialect = dialect
    }
}
