/// One customer's directory; data of two tenants never meet.
public struct Tenant: Sendable, Hashable {
    /// The name, as it stands in URLs and configuration.
    public var name: String

    /// Creates a tenant's name.
    public init(name: String) { self.name = name }

    /// The tenant of a server that serves only one.
    public static let `default` = Tenant(name: "default")
}
