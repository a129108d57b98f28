/// A kind of resource with its endpoint and schemas (RFC 7643 §6).
public struct ResourceType: Sendable, Hashable {
    /// An extension that resources of the type may or must carry.
    public struct Extension: Sendable, Hashable {
        /// The URN of the extension's schema.
        public var schema: String
        /// Whether each resource must carry it.
        public var isRequired: Bool

        /// Creates a value.
        public init(schema: String, isRequired: Bool) {
            self.schema = schema
            self.isRequired = isRequired
        }
    }

    /// The name, such as `User`; it is also the id and `meta.resourceType`.
    public var name: String
    /// The path below the base URL, such as `/Users`.
    public var endpoint: String
    /// What resources of the type stand for.
    public var description: String
    /// The URN of the base schema.
    public var schema: String
    /// The extensions.
    public var schemaExtensions: [Extension]

    /// Creates a resource type.
    public init(name: String, endpoint: String, description: String, schema: String, schemaExtensions: [Extension]) {
        self.name = name
        self.endpoint = endpoint
        self.description = description
        self.schema = schema
        self.schemaExtensions = schemaExtensions
    }
}
