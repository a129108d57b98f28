/// A SCIM resource (RFC 7643 §3): its attributes in one ordered map, extensions as complex values under their URN.
public struct Resource: Sendable, Hashable {
    /// All attributes as they stand in the JSON document: `schemas`, `id`, `externalId`, `meta`, the core
    /// attributes, and one complex value for each extension, named by its schema URN.
    public var attributes: AttributeMap

    /// Creates a resource.
    public init(attributes: AttributeMap = .init()) { self.attributes = attributes }

    /// The service provider's identifier (RFC 7643 §3.1), or "" when there is none yet.
    public var id: String {
        get { attributes["id"]?.string ?? "" }
        set { attributes["id"] = .string(newValue) }
    }

    /// The schema URNs of the resource (RFC 7643 §3).
    public var schemas: [String] {
        get { attributes["schemas"]?.array?.compactMap(\.string) ?? [] }
        set { attributes["schemas"] = .array(newValue.map { .string($0) }) }
    }

    /// The value of a top-level attribute, found without regard to case.
    public subscript(name: String) -> AttributeValue? {
        get { attributes[name] }
        set { attributes[name] = newValue }
    }
}
