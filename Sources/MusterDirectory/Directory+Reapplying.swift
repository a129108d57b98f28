package import MusterCore
package import SCIM

/// A change with what followed from it.
package struct CommittedChange: Sendable {
    /// The change.
    package var record: ChangeRecord
    /// What followed from it, in order.
    package var events: [LifecycleEvent]
}

extension Directory {
    /// Puts a resource as it is stored through the interceptors, as a replace by itself that changes nothing else: what they
    /// make of it is validated, checked and written as any change is. Members of a group are left alone.
    /// - Returns: What was written; nil when nothing differs.
    /// - Throws: `SCIMError`: 404, or what validation, uniqueness or an interceptor says.
    package func reapply(_ type: ResourceType, id: String, _ origin: RequestOrigin) async throws -> CommittedChange? {
        let key = ResourceKey(tenant: origin.tenant, type: type.name, id: id)
        let validator = ResourceValidator(registry: registry, type: type)
        return try await retryingConflicts {
            let (stored, before) = try await self.stored(key)
            let change = ResourceChange(operation: .replace, key: key, before: before, after: before, request: origin)
            let commit = ChangeCommit(change: try await self.intercepted(change, validator), stored: stored, operations: [])
            return try await self.commit(commit, [:], validator).committed
        }
    }

    /// One page of the resources of a type in the order of creation.
    /// - Parameters:
    ///   - filter: What they must fulfil; nil for all.
    ///   - position: Where the page before ended; nil for the first one, which is told the total too.
    /// - Throws: `SCIMError` invalidFilter.
    package func page(
        of type: ResourceType, where filter: Filter?, in tenant: Tenant, after position: PagePosition?, limit: Int
    ) async throws -> ResourcePage {
        try filter?.validate(for: type, in: registry)
        var query = ResourceQuery(
            tenant: tenant, type: type.name, filter: filter, index: index, start: position.map { .after($0) } ?? .offset(0), limit: limit,
            countsTotal: position == nil)
        if let filter { query.matches = predicate(filter, of: type) }
        return try await store.read(.scan) { [query] in try $0.resources(query) }
    }
}
