package import MusterCore
package import SCIM

/// Asks the directory on behalf of `muster.scim`. Answers are as a client sees them.
package struct ScimAccess: Sendable {
    /// The resource of a type with an id, or nil.
    package var get: @Sendable (_ type: String, _ id: String, _ tenant: Tenant) async throws -> AttributeValue?
    /// A ListResponse: the resources of a type that fulfil `filter` (nil: all), from `startIndex` on, at most `count`.
    package var find:
        @Sendable (_ type: String, _ filter: String?, _ startIndex: Int, _ count: Int, _ tenant: Tenant) async throws -> AttributeValue

    /// Changes the directory as `origin`, with all that a client's change goes through: validation, hooks, events. Answers with
    /// the resource as it is then; nil on delete.
    package var write: @Sendable (_ write: ScimWrite, _ origin: RequestOrigin) async throws -> AttributeValue?

    package init(
        get: @escaping @Sendable (_ type: String, _ id: String, _ tenant: Tenant) async throws -> AttributeValue?,
        find:
            @escaping @Sendable (_ type: String, _ filter: String?, _ startIndex: Int, _ count: Int, _ tenant: Tenant)
            async throws -> AttributeValue,
        write: @escaping @Sendable (_ write: ScimWrite, _ origin: RequestOrigin) async throws -> AttributeValue? = { _, _ in
            throw SCIMError(status: 501, detail: "the directory cannot be changed here")
        }
    ) {
        self.get = get
        self.find = find
        self.write = write
    }

    /// A directory without resources.
    package static let none = ScimAccess(
        get: { _, _, _ in nil }, find: { _, _, _, _, _ in ["totalResults": 0, "Resources": []] })
}

/// A change of the directory that a hook asks for.
package struct ScimWrite: Sendable, Hashable {
    /// What is asked for.
    package enum Operation: String, Sendable {
        case create, patch, delete
    }

    /// What is asked for.
    package var operation: Operation
    /// The resource type.
    package var type: String
    /// The resource's id; nil on create.
    package var id: String?
    /// The resource, or the PATCH message (RFC 7644 §3.5.2); null on delete.
    package var body: AttributeValue

    package init(_ operation: Operation, type: String, id: String? = nil, body: AttributeValue = .null) {
        self.operation = operation
        self.type = type
        self.id = id
        self.body = body
    }

    /// The resource, as `User/ID`, or only its type.
    package var target: String { id.map { "\(type)/\($0)" } ?? type }
}
