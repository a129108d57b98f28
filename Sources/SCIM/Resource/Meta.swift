/// The common attribute `meta` (RFC 7643 §3.1).
public struct Meta: Sendable, Hashable {
    /// The name of the resource type, such as `User`.
    public var resourceType: String
    /// When the resource was created.
    public var created: Timestamp
    /// When the resource was last changed; unchanged by requests that change nothing.
    public var lastModified: Timestamp
    /// The version, which becomes the weak ETag `W/"<version>"`.
    public var version: Int64

    /// Creates a value.
    public init(resourceType: String, created: Timestamp, lastModified: Timestamp, version: Int64) {
        self.resourceType = resourceType
        self.created = created
        self.lastModified = lastModified
        self.version = version
    }
}
