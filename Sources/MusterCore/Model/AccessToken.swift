public import SCIM

/// A bearer token as the store keeps it: never the token itself.
public struct AccessToken: Sendable, Hashable {
    /// A short public id, which also opens the token's text, so that a log can name it.
    public var id: String
    /// The name, which becomes the actor of its changes. Two live tokens may share it while one replaces the other.
    public var name: String
    /// Whose directory it opens.
    public var tenant: Tenant
    /// SHA-256 of the token's text: 32 bytes.
    public var hash: [UInt8]
    /// What it allows.
    public var scopes: AccessScopes
    /// The client dialect that is assumed of whoever uses it; nil for the tenant's.
    public var dialect: String?
    /// When it was made.
    public var created: Timestamp
    /// When it stops being good; nil for never.
    public var expires: Timestamp?
    /// When it was used last, to the minute; nil for never.
    public var lastUsed: Timestamp?
    /// When it was revoked; nil while it is good.
    public var revoked: Timestamp?

    /// Creates a value.
    public init(
        id: String, name: String, tenant: Tenant, hash: [UInt8], scopes: AccessScopes = .full, dialect: String? = nil,
        created: Timestamp, expires: Timestamp? = nil, lastUsed: Timestamp? = nil, revoked: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.tenant = tenant
        self.hash = hash
        self.scopes = scopes
        self.dialect = dialect
        self.created = created
        self.expires = expires
        self.lastUsed = lastUsed
        self.revoked = revoked
    }

    /// Whether it is good at a time: neither revoked nor expired.
    public func isLive(at time: Timestamp) -> Bool {
        guard revoked == nil else { return false }
        guard let expires else { return true }
        return time < expires
    }
}
