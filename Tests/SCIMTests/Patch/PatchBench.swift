import SCIM
import Testing

/// A resource and what PATCH makes of it, written as JSON.
struct PatchBench {
    let type: ResourceType
    let registry: SchemaRegistry
    let resource: Resource

    init(_ json: String, type: ResourceType = .user, registry: SchemaRegistry = .standard) throws {
        self.type = type
        self.registry = registry
        resource = Resource(attributes: try #require(AttributeValue(json: json).complex))
    }

    /// The message that holds `operations`, a JSON array, or one operation.
    static func message(_ operations: String) throws -> AttributeValue {
        let list = operations.hasPrefix("[") ? operations : "[\(operations)]"
        return try AttributeValue(json: #"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":\#(list)}"#)
    }

    /// The resource after the operations.
    func patched(_ operations: String) throws -> Resource {
        let request = try PatchRequest(message: Self.message(operations)).expanded(for: type, in: registry, resourceID: resource.id)
        return try request.applied(to: resource, of: type, in: registry)
    }

    /// The attribute `name` after the operations, as JSON; "-" when there is none.
    func value(_ name: String, after operations: String) throws -> String {
        try patched(operations)[name]?.jsonText ?? "-"
    }
}
