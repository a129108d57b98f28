/// The resource types and schemas that a server offers; every rule that depends on a schema asks here.
public struct SchemaRegistry: Sendable {
    /// The resource types in the order of their publication.
    public let resourceTypes: [ResourceType]
    /// The schemas in the order of their publication.
    public let schemas: [Schema]
    /// The names of the types whose documents hold what an answer may not, unless it is asked for.
    private let partlyReturned: Set<String>

    /// Creates a registry.
    /// - Precondition: every schema that a resource type names is among `schemas`.
    public init(resourceTypes: [ResourceType], schemas: [Schema]) {
        self.resourceTypes = resourceTypes
        self.schemas = schemas
        let hiding = schemas.filter { $0.attributes.contains(where: \.hidesSomething) }.map(\.id)
        partlyReturned = Set(
            resourceTypes.filter { type in
                ([type.schema] + type.schemaExtensions.map(\.schema)).contains { urn in hiding.contains { $0.isSameName(as: urn) } }
            }.map(\.name))
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

    /// Whether every attribute that a stored document of `type` can hold is returned by default.
    func returnsEverything(of type: ResourceType) -> Bool { !partlyReturned.contains(type.name) }
}

extension AttributeDefinition {
    /// Whether stored values hold something that is not returned by default.
    ///
    /// What is `never` returned is not part of a document at all, see ``ResourceValidator``; only as a part of a complex
    /// value does it come into one.
    fileprivate var hidesSomething: Bool {
        // Members are rows of their own, of which an answer shows what it shall.
        if isMembership { return false }
        return returned == .request || (returned != .never && subAttributes.contains { $0.returned == .request || $0.returned == .never })
    }
}
