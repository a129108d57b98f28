package import MusterCore
package import SCIM

extension Directory {
    /// The resource (RFC 7644 §3.4.1).
    /// - Throws: `SCIMError` 404.
    package func get(
        _ type: ResourceType, id: String, in tenant: Tenant, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        let key = ResourceKey(tenant: tenant, type: type.name, id: id)
        // A group may have any number of members, which is no work for the caller's thread.
        let extent: ReadExtent = type.name == ResourceType.group.name && selectsRows(of: type, options.selection) ? .scan : .point
        return try await store.read(extent) { transaction in
            guard let stored = try transaction.resource(key) else { throw notFound(key) }
            return try answer(stored, of: type, rows: rows(of: stored, type, options.selection, in: transaction), options)
        }
    }

    /// One page of a search as a ListResponse (RFC 7644 §3.4.2).
    /// - Throws: `SCIMError` invalidFilter.
    package func search(
        _ type: ResourceType, _ request: SearchRequest, in tenant: Tenant, baseURL: String
    ) async throws -> [UInt8] {
        try request.filter?.validate(for: type, in: registry)
        let startIndex = max(1, request.startIndex)
        let count = min(max(0, request.count ?? settings.defaultCount), settings.maximumCount)
        var query = ResourceQuery(
            tenant: tenant, type: type.name, filter: request.filter, index: index, offset: startIndex - 1, limit: count)
        if let filter = request.filter { query.matches = predicate(filter, of: type) }
        let options = AnswerOptions(selection: request.selection, baseURL: baseURL)
        return try await store.read(isPointLookup(request.filter) ? .point : .scan) { [query] transaction in
            let page = try transaction.resources(query)
            let resources = try page.resources.map { stored in
                let rows = try rows(of: stored, type, options.selection, in: transaction)
                return try document(stored, of: type, rows: rows, options)
            }
            return ListResponse.jsonBytes(totalResults: page.totalResults, startIndex: startIndex, resources: resources)
        }
    }

    /// Brings the index in step with ``index`` when the set of indexed attributes has changed. Called once at start.
    /// - Parameter progress: Called now and then with the number of resources done.
    /// - Throws: `StoreError` `uniqueness` when two resources have the same value at an attribute that is now unique.
    package func prepare(progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let fingerprint = index.fingerprint
        guard try await store.read({ try $0.setting("index") }) != fingerprint else { return }
        var done = 0
        for type in registry.resourceTypes {
            // Ids only: a directory of a million people holds some tens of megabytes of them.
            let keys = try await store.read(.scan) { transaction in
                var keys: [ResourceKey] = []
                for tenant in try transaction.tenants() {
                    try transaction.forEachResource(of: type.name, in: tenant) { keys.append($0.key) }
                }
                return keys
            }
            for start in stride(from: 0, to: keys.count, by: 500) {
                let batch = Array(keys[start..<min(start + 500, keys.count)])
                try await store.write { [index] transaction in
                    for key in batch {
                        guard let stored = try transaction.resource(key) else { continue }
                        try transaction.reindex(key, index: index.entries(of: Resource(stored: stored), type: key.type))
                    }
                }
                done += batch.count
                progress(done)
            }
        }
        try await store.write { try $0.setSetting("index", fingerprint) }
    }

    // MARK: Answers

    func notFound(_ key: ResourceKey) -> SCIMError { .notFound("there is no \(key.type) with the id '\(key.id)'") }

    /// Whether an answer shows a group's `members` or a user's `groups`.
    func selectsRows(of type: ResourceType, _ selection: AttributeSelection) -> Bool {
        let name = type.name == ResourceType.group.name ? "members" : "groups"
        return selection.isDefault || selection.selects(name, of: type, in: registry)
    }

    func rows(
        of stored: StoredResource, _ type: ResourceType, _ selection: AttributeSelection, in transaction: any ReadTransaction
    ) throws -> ResourceRendering.Rows {
        guard selectsRows(of: type, selection) else { return .none }
        return try rows(of: stored.key, in: transaction)
    }

    func rows(of key: ResourceKey, in transaction: any ReadTransaction) throws -> ResourceRendering.Rows {
        switch key.type {
        case ResourceType.group.name:
            var members: [Membership] = []
            try transaction.forEachMember(of: key) { members.append($0) }
            return .members(members)
        case ResourceType.user.name: return .groups(try transaction.groups(of: key))
        default: return .none
        }
    }

    func document(
        _ stored: StoredResource, of type: ResourceType, rows: ResourceRendering.Rows, _ options: AnswerOptions
    ) throws -> [UInt8] {
        let rendering = ResourceRendering(registry: registry, baseURL: options.baseURL)
        if options.selection.isDefault { return rendering.bytes(stored, rows: rows) }
        let resource = try rendering.resource(stored, rows: rows)
        return options.selection.applied(to: resource, of: type, in: registry).document
    }

    func answer(
        _ stored: StoredResource, of type: ResourceType, rows: ResourceRendering.Rows, _ options: AnswerOptions
    ) throws -> ResourceAnswer {
        ResourceAnswer(
            body: try document(stored, of: type, rows: rows, options), etag: stored.meta.etag,
            location: ResourceRendering(registry: registry, baseURL: options.baseURL).location(stored.key))
    }

    // MARK: Filters

    /// Decides about one row by parsing it; adds membership rows only when the filter names them.
    private func predicate(_ filter: Filter, of type: ResourceType) -> ResourceQuery.Predicate {
        let rowsName = type.name == ResourceType.group.name ? "members" : "groups"
        let needsRows = filter.mentions(rowsName)
        let rendering = ResourceRendering(registry: registry, baseURL: "")
        let evaluator = FilterEvaluator(filter, for: type, in: registry)
        return { stored, transaction in
            let rows = needsRows ? try self.rows(of: stored.key, in: transaction) : .none
            return try evaluator.matches(rendering.resource(stored, rows: rows))
        }
    }

    /// Whether the answer is found by one look into an index.
    private func isPointLookup(_ filter: Filter?) -> Bool {
        guard case .comparison(let path, .eq, _)? = filter else { return false }
        return ["id", "userName", "externalId"].contains { path.attribute?.isSameName(as: $0) == true }
    }
}

extension Filter {
    /// Whether the top-level attribute `name` occurs anywhere.
    func mentions(_ name: String) -> Bool {
        switch self {
        case .comparison(let path, _, _), .present(let path), .valuePath(let path, _):
            path.attribute?.isSameName(as: name) == true
        case .and(let filters), .or(let filters): filters.contains { $0.mentions(name) }
        case .not(let filter): filter.mentions(name)
        }
    }
}
