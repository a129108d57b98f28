/// A schema: a named set of attribute definitions (RFC 7643 §7).
public struct Schema: Sendable, Hashable {
    /// The URN that names the schema in `schemas`.
    public var id: String
    /// A name for a person, such as `User`.
    public var name: String
    /// What the schema is for.
    public var description: String
    /// The attributes, without the common ones of RFC 7643 §3.1.
    public var attributes: [AttributeDefinition]

    /// Creates a schema.
    public init(id: String, name: String, description: String, attributes: [AttributeDefinition]) {
        self.id = id
        self.name = name
        self.description = description
        self.attributes = attributes
    }

    /// The attribute `name`, found without regard to case, or nil.
    public func attribute(_ name: String) -> AttributeDefinition? {
        attributes.first { $0.name.isSameName(as: name) }
    }
}
