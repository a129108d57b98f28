package import MusterCore

/// Whom a request comes from, once that is known.
package struct Principal: Sendable, Hashable {
    /// The public id of the access token; for what is no token of ours `jwt:`, `basic:` or `certificate:` and an id.
    package var tokenID: String
    /// The name, which becomes the actor of its changes.
    package var name: String
    /// Whose directory it opens.
    package var tenant: Tenant
    /// What it may do there.
    package var scopes: AccessScopes
    /// The client dialect that is assumed of it; nil for the tenant's.
    package var dialect: String?

    package init(tokenID: String, name: String, tenant: Tenant, scopes: AccessScopes = .full, dialect: String? = nil) {
        self.tokenID = tokenID
        self.name = name
        self.tenant = tenant
        self.scopes = scopes
        self.dialect = dialect
    }
}
