package import MusterCore
package import SCIM

extension Directory {
    /// The resource (RFC 7644 §3.4.1); without a body where the client has this version already.
    /// - Throws: `SCIMError` 404, 412.
    package func get(
        _ type: ResourceType, id: String, in tenant: Tenant, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        let key = ResourceKey(tenant: tenant, type: type.name, id: id)
        // A group may have any number of members, which is no work for the caller's thread.
        let extent: ReadExtent = type.name == ResourceType.group.name && selectsRows(of: type, options.selection) ? .scan : .point
        if isShaped(type, options) {
            let draft = try await store.read(extent) { transaction in
                guard let stored = try transaction.resource(key) else { throw notFound(key) }
                return AnswerDraft(stored: stored, rows: try rows(of: stored, type, options.selection, in: transaction))
            }
            let answer = try await answer(draft, of: type, options)
            return try unmodified(answer.etag, key, options) ?? answer
        }
        return try await store.read(extent) { transaction in
            guard let stored = try transaction.resource(key) else { throw notFound(key) }
            let rows = try rows(of: stored, type, options.selection, in: transaction)
            return try unmodified(rows.etag(of: stored.meta), key, options) ?? answer(stored, of: type, rows: rows, options)
        }
    }

    /// The answer to a client that has this version already; nil where it gets the resource.
    /// - Throws: `SCIMError` 412.
    private func unmodified(_ etag: String, _ key: ResourceKey, _ options: AnswerOptions) throws -> ResourceAnswer? {
        guard !options.preconditions.isEmpty else { return nil }
        switch options.preconditions.outcome(for: etag, isRead: true) {
        case .proceed: return nil
        case .notModified: return ResourceAnswer(body: nil, etag: etag, location: location(key, options), isUnmodified: true)
        case .failed: throw SCIMError.preconditionFailed("the resource has changed since; its version is \(etag) now")
        }
    }

    /// The id of the user whose userName is `name`, or else of the only one whose externalId is; nil when there is none.
    package func user(named name: String, in tenant: Tenant) async throws -> String? {
        let attributes = index.attributes[ResourceType.user.name] ?? []
        return try await store.read { transaction in
            for wanted in ["userName", "externalId"] {
                guard let attribute = attributes.first(where: { $0.name == wanted }), let value = attribute.indexValue(.string(name)) else {
                    continue
                }
                let found = try transaction.resources(of: ResourceType.user.name, in: tenant, where: wanted, equals: value)
                if found.count == 1 { return found[0].key.id }
            }
            return nil
        }
    }

    /// Brings the index of a tenant in step with ``index`` when the set of indexed attributes has changed. Called once
    /// before the tenant is served.
    /// - Parameter progress: Called now and then with the number of resources done.
    /// - Throws: `StoreError` `uniqueness` when two resources have the same value at an attribute that is now unique.
    package func prepare(_ tenant: Tenant = .default, progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws {
        let fingerprint = index.fingerprint
        let setting = tenant == .default ? "index" : "index:\(tenant.name)"
        guard try await store.read({ try $0.setting(setting) }) != fingerprint else { return }
        var done = 0
        for type in registry.resourceTypes {
            // Ids only: a directory of a million people holds some tens of megabytes of them.
            let keys = try await store.read(.scan) { transaction in
                var keys: [ResourceKey] = []
                try transaction.forEachResource(of: type.name, in: tenant) { keys.append($0.key) }
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
        try await store.write { try $0.setSetting(setting, fingerprint) }
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
        case ResourceType.user.name:
            let direct = try transaction.groups(of: key)
            return .groups(direct: direct, indirect: direct.isEmpty ? [] : try transaction.indirectGroups(of: key))
        default: return .none
        }
    }

    func document(
        _ stored: StoredResource, of type: ResourceType, rows: ResourceRendering.Rows, _ options: AnswerOptions
    ) throws -> [UInt8] {
        let rendering = ResourceRendering(registry: registry, baseURL: options.baseURL)
        if options.selection.isWholeDocument(of: type, in: registry) { return rendering.bytes(stored, rows: rows) }
        let resource = try rendering.resource(stored, rows: rows)
        return options.selection.applied(to: resource, of: type, in: registry).document
    }

    func answer(
        _ stored: StoredResource, of type: ResourceType, rows: ResourceRendering.Rows, _ options: AnswerOptions
    ) throws -> ResourceAnswer {
        ResourceAnswer(
            body: try document(stored, of: type, rows: rows, options), etag: rows.etag(of: stored.meta),
            location: location(stored.key, options))
    }

    func location(_ key: ResourceKey, _ options: AnswerOptions) -> String {
        ResourceRendering(registry: registry, baseURL: options.baseURL).location(key)
    }
}
