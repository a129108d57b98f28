import MusterCore
import SCIM

extension Directory {
    /// Asks the interceptors: first all to map, then, once the result is valid, all to agree.
    func intercepted(_ change: ResourceChange, _ validator: ResourceValidator) async throws -> ResourceChange {
        let concerned = interceptors.filter { $0.concerns(change.key.type) }
        guard !concerned.isEmpty else { return change }
        var mapped = change
        for interceptor in concerned { mapped = try await interceptor.map(mapped) }
        if change.operation != .delete { mapped.after = try valid(mapped, from: change.after, validator) }
        for interceptor in concerned { try await interceptor.check(mapped) }
        return mapped
    }

    /// What an interceptor left of a resource, once it is sure that it can be stored.
    private func valid(_ change: ResourceChange, from original: Resource?, _ validator: ResourceValidator) throws -> Resource {
        guard var after = change.after else {
            throw SCIMError(status: 500, detail: "a hook took the \(change.key.type) away")
        }
        after["members"] = nil
        // A hook that makes a new table of a user need not think of the status: only false says that it ends.
        if after["active"] == nil, let status = original?["active"] { after["active"] = status }
        return try validator.validated(after, replacing: change.before).identified(as: change.key.id)
    }

    /// Commits a change that all interceptors agreed to. Where a value in it is taken they may propose another one, which
    /// is tried in its stead.
    /// - Throws: `SCIMError` uniqueness when nobody knows a value that is free; what an interceptor says.
    func commit(
        _ commit: ChangeCommit, _ secrets: [String: SecretChange], _ validator: ResourceValidator
    ) async throws -> ChangeCommit.Result {
        var commit = commit
        if let hashSecret {
            for (name, secret) in secrets {
                switch secret {
                case .set(let text): commit.secrets[name] = .some(try await hashSecret(text))
                case .clear: commit.secrets[name] = .some(nil)
                }
            }
        }
        var attempt = 1
        while true {
            do { return try await write(commit) } catch let error as StoreError {
                guard case .uniqueness(let path) = error.code, attempt <= settings.conflictProposals,
                    let proposed = try await proposal(for: commit.change, path: path, attempt: attempt, validator)
                else { throw error.scimError(for: commit.change.key) ?? error }
                commit.change = proposed
                attempt += 1
            }
        }
    }

    /// Asks the interceptors in their order for another value, until one has a proposal.
    private func proposal(
        for change: ResourceChange, path: String, attempt: Int, _ validator: ResourceValidator
    ) async throws -> ResourceChange? {
        let conflict = UniquenessConflict(path: path, value: taken(path, in: change), attempt: attempt)
        for interceptor in interceptors {
            guard let proposed = try await interceptor.resolve(change, conflict), proposed.after != change.after else { continue }
            var next = change
            next.after = try valid(proposed, from: change.after, validator)
            for checking in interceptors where checking.concerns(change.key.type) { try await checking.check(next) }
            return next
        }
        return nil
    }

    /// What a change wants at an attribute of the index.
    private func taken(_ path: String, in change: ResourceChange) -> AttributeValue? {
        guard let after = change.after else { return nil }
        guard let attribute = index.attributes[change.key.type]?.first(where: { $0.name == path }) else { return after[path] }
        let holder = attribute.schema.map { after[$0]?.complex } ?? after.attributes
        guard let value = holder?[attribute.attribute], let part = attribute.subAttribute else { return holder?[attribute.attribute] }
        return value.array.map { .array($0.compactMap { $0[part] }) } ?? value[part]
    }

    private func write(_ commit: ChangeCommit) async throws -> ChangeCommit.Result {
        // Neither a document nor a membership to write: the request changes nothing, not even lastModified.
        if let unchanged = commit.unchanged { return unchanged }
        let (registry, index, subscribers, now, makeID) = (registry, index, subscribers, clock.now(), makeID)
        let result = try await store.write { transaction in
            try commit.run(in: transaction, registry: registry, index: index, subscribers: subscribers, now: now, makeID: makeID)
        }
        didCommit(result.hasDeliveries)
        return result
    }
}

extension StoreError {
    /// What a client is told, or nil where it is the server's own affair.
    fileprivate func scimError(for key: ResourceKey) -> SCIMError? {
        switch code {
        case .uniqueness(let path): .uniqueness("another \(key.type) has this \(path) already")
        case .unknownMember(let id): .invalidValue("members: there is no user or group with the id '\(id)'")
        case .notFound: .notFound("there is no \(key.type) with the id '\(key.id)'")
        case .conflict, .unavailable: nil
        }
    }
}
