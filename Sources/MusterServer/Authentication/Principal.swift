package import MusterCore

/// Whom a token stands for.
package struct Principal: Sendable, Hashable {
    /// The public id of the token.
    package var tokenID: String
    /// The name of the token, which becomes the actor of its changes.
    package var name: String
    /// Whose directory it opens.
    package var tenant: Tenant

    package init(tokenID: String, name: String, tenant: Tenant) {
        self.tokenID = tokenID
        self.name = name
        self.tenant = tenant
    }
}
