/// What a server describes in its OpenAPI document besides the SCIM endpoints.
public struct OpenAPISupplement: Sendable {
    /// The names of the groups of operations.
    public var tags: [String]
    /// Path items by path; each names its own `servers` where it is not below the SCIM base URL.
    public var paths: AttributeMap
    /// Schemas by name. A dot in a name keeps it apart from those of resource types.
    public var schemas: AttributeMap
    /// Answers by name.
    public var responses: AttributeMap

    /// Creates a supplement.
    public init(tags: [String], paths: AttributeMap, schemas: AttributeMap, responses: AttributeMap) {
        self.tags = tags
        self.paths = paths
        self.schemas = schemas
        self.responses = responses
    }
}

extension AttributeMap {
    /// The members of both; where both have a name, those of the first.
    func supplemented(by other: AttributeMap?) -> AttributeMap {
        guard let other else { return self }
        return AttributeMap(members + other.members.filter { self[$0.name] == nil })
    }
}
