/// The resource types and schemas that a server offers; every rule that depends on a schema asks here.
public struct SchemaRegistry: Sendable {
    /// The resource types in the order of their publication.
    public let resourceTypes: [ResourceType]
    /// The schemas in the order of their publication.
    public let schemas: [Schema]

    /// Creates a registry.
    /// - Precondition: every schema that a resource type names is among `schemas`.
    public init(resourceTypes: [ResourceType], schemas: [Schema]) {
        self.resourceTypes = resourceTypes
        self.schemas = schemas
        for type in resourceTypes {
            for urn in [type.schema] + type.schemaExtensions.map(\.schema) {
                precondition(schemas.contains { $0.id.isSameName(as: urn) }, "schema \(urn) is missing")
            }
        }
    }

    /// The resource type called `name` (such as `User`), or nil.
    public func resourceType(named name: String) -> ResourceType? {
        resourceTypes.first { $0.name.isSameName(as: name) }
    }

    /// The schema named by `urn`, found without regard to case, or nil.
    public func schema(_ urn: String) -> Schema? {
        schemas.first { $0.id.isSameName(as: urn) }
    }
}
