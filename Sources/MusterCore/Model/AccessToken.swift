public import SCIM

/// A bearer token as the store keeps it: never the token itself.
public struct AccessToken: Sendable, Hashable {
    /// A short public id, which also opens the token's text, so that a log can name it.
    public var id: String
    /// The name, which becomes the actor of its changes.
    public var name: String
    /// Whose directory it opens.
    public var tenant: Tenant
    /// SHA-256 of the token's text: 32 bytes.
    public var hash: [UInt8]
    /// When it was made.
    public var created: Timestamp
    /// When it was revoked; nil while it is good.
    public var revoked: Timestamp?

    /// Creates a value.
    public init(id: String, name: String, tenant: Tenant, hash: [UInt8], created: Timestamp, revoked: Timestamp? = nil) {
        self.id = id
        self.name = name
        self.tenant = tenant
        self.hash = hash
        self.created = created
        self.revoked = revoked
    }
}
