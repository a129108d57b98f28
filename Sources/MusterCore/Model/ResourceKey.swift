/// What names a resource: tenant, resource type and id.
public struct ResourceKey: Sendable, Hashable {
    /// Whose directory it is in.
    public var tenant: Tenant
    /// The name of the resource type, such as `User`.
    public var type: String
    /// The SCIM id.
    public var id: String

    /// Creates a key.
    public init(tenant: Tenant = .default, type: String, id: String) {
        self.tenant = tenant
        self.type = type
        self.id = id
    }
}
