package import MusterCore
package import SCIM

/// Asks the directory on behalf of `muster.scim`. Answers are as a client sees them.
package struct ScimAccess: Sendable {
    /// The resource of a type with an id, or nil.
    package var get: @Sendable (_ type: String, _ id: String, _ tenant: Tenant) async throws -> AttributeValue?
    /// A ListResponse: the resources of a type that fulfil `filter` (nil: all), from `startIndex` on, at most `count`.
    package var find:
        @Sendable (_ type: String, _ filter: String?, _ startIndex: Int, _ count: Int, _ tenant: Tenant) async throws -> AttributeValue

    package init(
        get: @escaping @Sendable (_ type: String, _ id: String, _ tenant: Tenant) async throws -> AttributeValue?,
        find:
            @escaping @Sendable (_ type: String, _ filter: String?, _ startIndex: Int, _ count: Int, _ tenant: Tenant)
            async throws -> AttributeValue
    ) {
        self.get = get
        self.find = find
    }

    /// A directory without resources.
    package static let none = ScimAccess(
        get: { _, _, _ in nil }, find: { _, _, _, _, _ in ["totalResults": 0, "Resources": []] })
}
