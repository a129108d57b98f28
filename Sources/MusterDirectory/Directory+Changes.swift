package import MusterCore
package import SCIM

extension Directory {
    /// Creates a resource from a client's body (RFC 7644 §3.3).
    /// - Throws: `SCIMError`: invalidSyntax, invalidValue, uniqueness, or what an interceptor says.
    package func create(
        _ type: ResourceType, _ body: AttributeValue, _ origin: RequestOrigin, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        try await create(type, id: makeID(), body, origin, options)
    }

    /// Creates a resource with an id that is known already, as a bulk request needs it.
    func create(
        _ type: ResourceType, id: String, _ body: AttributeValue, _ origin: RequestOrigin, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        let key = ResourceKey(tenant: origin.tenant, type: type.name, id: id)
        let validator = ResourceValidator(registry: registry, type: type)
        let dialect = options.dialect ?? settings.dialect
        var quirks: Set<Quirk> = []
        var resource = try validator.resource(from: body, replacing: nil, dialect: dialect, noting: &quirks).identified(as: key.id)
        let secrets = try validator.secrets(in: body.complex ?? [:], dialect: dialect, noting: &quirks)
        let members = resource.takeMembers()
        let after = resource
        let committed = try await retryingConflicts {
            let change = ResourceChange(
                operation: .create, key: key, before: nil, after: after, membersAdded: members ?? [], request: origin)
            var commit = ChangeCommit(
                change: try await self.intercepted(change, validator), stored: nil, operations: members.map { [.add($0)] } ?? [])
            commit.dialect = dialect
            return try await self.commit(commit, secrets, validator)
        }
        return try await answer(committed, of: type, options, quirks.union(committed.quirks))
    }

    /// Replaces a resource by a client's body (RFC 7644 §3.5.1). A body without `members` leaves a group empty.
    /// - Throws: `SCIMError`: 404, 412, invalidSyntax, invalidValue, mutability, uniqueness, or what an interceptor says.
    package func replace(
        _ type: ResourceType, id: String, _ body: AttributeValue, _ origin: RequestOrigin, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        let key = ResourceKey(tenant: origin.tenant, type: type.name, id: id)
        let validator = ResourceValidator(registry: registry, type: type)
        let dialect = options.dialect ?? settings.dialect
        let (committed, quirks) = try await retryingConflicts {
            let (stored, before) = try await self.stored(key)
            try options.preconditions.checkVersion(stored.meta)
            var quirks: Set<Quirk> = []
            var after = try validator.resource(from: body, replacing: before, dialect: dialect, noting: &quirks)
            let secrets = try validator.secrets(in: body.complex ?? [:], dialect: dialect, noting: &quirks)
            let members = after.takeMembers()
            let operations: [MembershipOperation] = type.name == ResourceType.group.name ? [.replace(members ?? [])] : []
            let change = try await self.describe(
                ResourceChange(operation: .replace, key: key, before: before, after: after, request: origin), operations)
            var commit = ChangeCommit(
                change: try await self.intercepted(change, validator), stored: stored, operations: operations)
            commit.dialect = dialect
            commit.isConditional = !options.preconditions.isEmpty
            return (try await self.commit(commit, secrets, validator), quirks)
        }
        return try await answer(committed, of: type, options, quirks.union(committed.quirks))
    }

    /// Changes a resource by a PATCH message (RFC 7644 §3.5.2). The answer has no body for a large group, see
    /// ``DirectorySettings/patchBodyMemberLimit``, and where the dialect wants none.
    /// - Throws: `SCIMError`: 404, 412, those of §3.5.2, uniqueness, or what an interceptor says. Nothing is changed then.
    package func patch(
        _ type: ResourceType, id: String, _ body: AttributeValue, _ origin: RequestOrigin, _ options: AnswerOptions
    ) async throws -> ResourceAnswer {
        let key = ResourceKey(tenant: origin.tenant, type: type.name, id: id)
        let validator = ResourceValidator(registry: registry, type: type)
        let dialect = options.dialect ?? settings.dialect
        var reading: Set<Quirk> = []
        var request = try PatchRequest(message: body, dialect: dialect, noting: &reading)
            .expanded(for: type, in: registry, resourceID: id, dialect: dialect, noting: &reading)
        let operations =
            type.name == ResourceType.group.name ? try request.takeMembershipOperations(dialect: dialect, noting: &reading) : []
        let (attributes, noted) = (request, reading)
        let (committed, quirks) = try await retryingConflicts {
            let (stored, before) = try await self.stored(key)
            try options.preconditions.checkVersion(stored.meta)
            var (after, quirks) = (before, noted)
            var secrets: [String: SecretChange] = [:]
            if !attributes.operations.isEmpty {
                let patched = try attributes.applied(to: before, of: type, in: self.registry, dialect: dialect, noting: &quirks)
                secrets = try validator.secrets(in: patched.attributes, dialect: dialect, noting: &quirks)
                after = try validator.validated(patched, replacing: before)
            }
            let change = try await self.describe(
                ResourceChange(operation: .patch, key: key, before: before, after: after, request: origin), operations)
            var commit = ChangeCommit(
                change: try await self.intercepted(change, validator), stored: stored, operations: operations)
            commit.dialect = dialect
            commit.isConditional = !options.preconditions.isEmpty
            return (try await self.commit(commit, secrets, validator), quirks)
        }
        let met = quirks.union(committed.quirks)
        if options.selection.isDefault {
            let withoutBody = ResourceAnswer(
                body: nil, etag: committed.stored.meta.etag, location: location(key, options), quirks: met)
            if dialect.patchAnswer == .noContent { return withoutBody }
            if type.name == ResourceType.group.name {
                let limit = settings.patchBodyMemberLimit
                guard let members = try await store.read({ try $0.members(of: key, upTo: limit) }) else { return withoutBody }
                var answer = try await answer(AnswerDraft(stored: committed.stored, rows: .members(members)), of: type, options)
                answer.quirks = met
                return answer
            }
        }
        return try await answer(committed, of: type, options, quirks.union(committed.quirks))
    }

    /// Deletes a resource (RFC 7644 §3.6), and with it its memberships.
    /// - Throws: `SCIMError` 404, 412, or what an interceptor says.
    package func delete(
        _ type: ResourceType, id: String, _ origin: RequestOrigin, _ preconditions: Preconditions = .none
    ) async throws {
        let key = ResourceKey(tenant: origin.tenant, type: type.name, id: id)
        let validator = ResourceValidator(registry: registry, type: type)
        _ = try await retryingConflicts {
            let (stored, before) = try await self.stored(key)
            try preconditions.checkVersion(stored.meta)
            let change = ResourceChange(operation: .delete, key: key, before: before, after: nil, request: origin)
            var commit = ChangeCommit(change: try await self.intercepted(change, validator), stored: stored, operations: [])
            commit.isConditional = !preconditions.isEmpty
            return try await self.commit(commit, [:], validator)
        }
    }

    // MARK: Steps

    func stored(_ key: ResourceKey) async throws -> (StoredResource, Resource) {
        guard let stored = try await store.read({ try $0.resource(key) }) else { throw notFound(key) }
        return (stored, try Resource(stored: stored))
    }

    /// Tells interceptors which members a request adds and removes. Rows are read only for them, and only where the
    /// operations do not name the members themselves.
    private func describe(_ change: ResourceChange, _ operations: [MembershipOperation]) async throws -> ResourceChange {
        guard !operations.isEmpty, interceptors.contains(where: { $0.concerns(change.key.type) }) else { return change }
        let registry = registry
        return try await store.read(.scan) { transaction in
            var described = change
            for operation in operations {
                let (joining, leaving): ([String], [String])
                switch operation {
                case .add(let ids): (joining, leaving) = (ids, [])
                case .remove(let ids): (joining, leaving) = ([], ids)
                case .removeAll: (joining, leaving) = ([], try transaction.memberIDs(of: change.key))
                case .replace(let ids):
                    let present = try transaction.memberIDs(of: change.key)
                    let (wanted, held) = (Set(ids), Set(present))
                    (joining, leaving) = (ids.filter { !held.contains($0) }, present.filter { !wanted.contains($0) })
                case .removeMatching(let filter):
                    leaving = try GroupMembership.members(of: change.key, matching: filter, registry, in: transaction)
                    joining = []
                }
                let (gone, back) = (Set(leaving), Set(joining))
                described.membersAdded = described.membersAdded.filter { !gone.contains($0) } + joining
                described.membersRemoved = described.membersRemoved.filter { !back.contains($0) } + leaving
            }
            return described
        }
    }

    /// Starts a change again from reading when another one was faster; gives up with 503 after a bounded number.
    func retryingConflicts<Result>(_ body: () async throws -> Result) async throws -> Result {
        for _ in 0...settings.conflictRetries {
            do { return try await body() } catch let error as StoreError where error.code == .conflict { continue }
        }
        throw SCIMError.unavailable("the resource is being changed by too many requests at once", retryAfter: 1)
    }

    private func answer(
        _ committed: ChangeCommit.Result, of type: ResourceType, _ options: AnswerOptions, _ quirks: Set<Quirk>
    ) async throws -> ResourceAnswer {
        var answer: ResourceAnswer
        if let rows = committed.rows {
            answer = try await self.answer(AnswerDraft(stored: committed.stored, rows: rows), of: type, options)
        } else if isShaped(type, options) {
            let extent: ReadExtent = type.name == ResourceType.group.name ? .scan : .point
            let rows = try await store.read(extent) { transaction in
                try self.rows(of: committed.stored, type, options.selection, in: transaction)
            }
            answer = try await self.answer(AnswerDraft(stored: committed.stored, rows: rows), of: type, options)
        } else {
            let extent: ReadExtent = type.name == ResourceType.group.name ? .scan : .point
            answer = try await store.read(extent) { transaction in
                let rows = try rows(of: committed.stored, type, options.selection, in: transaction)
                return try self.answer(committed.stored, of: type, rows: rows, options)
            }
        }
        answer.quirks = quirks
        return answer
    }
}

extension ChangeCommit.Result {
    /// The quirks that the message was found to need while it was carried out.
    fileprivate var quirks: Set<Quirk> { hasLeftOutMembers ? [.unknownMember] : [] }
}

extension Resource {
    /// The resource with its id, which stands behind `schemas`.
    func identified(as id: String) -> Resource {
        var attributes = AttributeMap()
        if let schemas = self["schemas"] { attributes.append("schemas", schemas) }
        attributes.append("id", .string(id))
        for member in self.attributes.members where !["schemas", "id"].contains(where: member.name.isSameName) {
            attributes.append(member.name, member.value)
        }
        return Resource(attributes: attributes)
    }

    /// Takes `members` out of a document: the ids, or nil when there were none.
    mutating func takeMembers() -> [String]? {
        guard let members = self["members"]?.array else { return nil }
        self["members"] = nil
        var seen: Set<String> = []
        return members.compactMap { $0["value"]?.string }.filter { seen.insert($0).inserted }
    }
}

/// Ends a walk over rows early.
private struct EnoughRows: Error {}

extension ReadTransaction {
    /// The direct members of a group, or nil when there are more than `limit`: the walk ends there.
    fileprivate func members(of group: ResourceKey, upTo limit: Int) throws -> [Membership]? {
        var members: [Membership] = []
        do {
            try forEachMember(of: group) { row in
                guard members.count < limit else { throw EnoughRows() }
                members.append(row)
            }
        } catch is EnoughRows { return nil }
        return members
    }

    fileprivate func memberIDs(of group: ResourceKey) throws -> [String] {
        var ids: [String] = []
        try forEachMember(of: group) { ids.append($0.member.id) }
        return ids
    }
}
