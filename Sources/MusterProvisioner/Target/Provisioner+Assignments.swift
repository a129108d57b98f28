package import MusterCore
import SCIM

extension Provisioner {
    /// The key of a person by id or userName.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func person(_ idOrUserName: String, in tenant: Tenant) async throws -> ResourceKey {
        let key = ResourceKey(tenant: tenant, type: ResourceType.user.name, id: idOrUserName)
        return try await store.read { transaction in
            if try transaction.resource(key) != nil { return key }
            let named = try transaction.resources(
                of: key.type, in: tenant, where: "userName", equals: .text(idOrUserName.caseFolded))
            guard let found = named.first else { throw ProvisionerError.noPerson(idOrUserName) }
            return found.key
        }
    }

    /// The key of a group by id or displayName.
    /// - Throws: ``ProvisionerError`` `notFound`; `conflict` when several have the name.
    package func group(_ idOrName: String, in tenant: Tenant) async throws -> ResourceKey {
        let key = ResourceKey(tenant: tenant, type: ResourceType.group.name, id: idOrName)
        return try await store.read { transaction in
            if try transaction.resource(key) != nil { return key }
            let named = try transaction.resources(of: key.type, in: tenant, where: "displayName", equals: .text(idOrName.caseFolded))
            guard let found = named.first else {
                throw ProvisionerError(.notFound, "there is no group with the id or displayName '\(idOrName)'")
            }
            guard named.count == 1 else {
                throw ProvisionerError(.conflict, "\(named.count) groups are called '\(idOrName)'; name one by its id")
            }
            return found.key
        }
    }

    /// Sends a person, or all members of a group, to a target.
    /// - Parameter groups: The display names of the target's groups that they go into there; nil leaves what was said before.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func assign(_ subject: ResourceKey, to target: String, groups: [String]? = nil, by actor: String) async throws {
        let detail: AttributeMap = groups.map { ["groups": .array($0.map { .string($0) })] } ?? [:]
        try await change(subject, at: target, by: actor, act: "target.assign", detail) { transaction in
            let present = try transaction.targetAssignment(of: subject, to: target)
            try transaction.save(TargetAssignment(target: target, subject: subject, groups: groups ?? present?.groups ?? []))
        }
    }

    /// Takes an assignment back.
    /// - Throws: ``ProvisionerError`` `notFound`.
    package func unassign(_ subject: ResourceKey, from target: String, by actor: String) async throws {
        try await change(subject, at: target, by: actor, act: "target.unassign") { transaction in
            guard try transaction.deleteTargetAssignment(of: subject, to: target) else {
                throw ProvisionerError(.notFound, "\(subject.type) \(subject.id) is not assigned to '\(target)'")
            }
        }
    }

    /// Who was assigned to a target; at most `limit`, those behind `after`.
    package func assignments(
        to target: String, in tenant: Tenant, after: ResourceKey? = nil, limit: Int = 100
    ) async throws -> [TargetAssignment] {
        try await store.read { transaction in
            guard try transaction.provisioningTarget(target, in: tenant) != nil else { throw ProvisionerError.noTarget(target) }
            return try transaction.targetAssignments(to: target, in: tenant, after: after, limit: limit)
        }
    }

    /// Ties a person to an account that is there, after a person decided that it is theirs.
    /// - Throws: ``ProvisionerError`` `notFound`, `conflict` when another person has the account.
    package func adopt(_ remoteID: String, for subject: ResourceKey, at target: String, by actor: String) async throws {
        let now = clock.now()
        do {
            try await change(subject, at: target, by: actor, act: "target.adopt", ["remoteID": .string(remoteID)]) { transaction in
                let rules = try Self.newestRules(in: subject.tenant, transaction).version
                try transaction.save(
                    TargetLink(target: target, subject: subject, remoteID: remoteID, origin: .adopted, rules: rules, updated: now))
            }
        } catch let error as StoreError where error.code == .conflict {
            throw ProvisionerError(.conflict, "the account '\(remoteID)' belongs to another person already")
        }
    }

    /// Changes what holds for a person, or for all members of a group, and makes work of it. The delete guard looks at all of
    /// it first, as it does after an edit of the target: see ``enqueueAll(at:reappliesRules:progress:)``.
    private func change(
        _ subject: ResourceKey, at target: String, by actor: String, act: String, _ more: AttributeMap = [:],
        _ body: @escaping @Sendable (any WriteTransaction) throws -> Void
    ) async throws {
        let (now, tenant) = (clock.now(), subject.tenant)
        let people = try await people(of: subject)
        let subjectDetail: AttributeMap = ["type": .string(subject.type), "id": .string(subject.id)]
        let detail = AttributeMap(subjectDetail.members + more.members)
        let held = try await store.write { transaction -> ProvisioningBatch? in
            guard let row = try transaction.provisioningTarget(target, in: tenant) else { throw ProvisionerError.noTarget(target) }
            try body(transaction)
            try transaction.append(
                AuditEntry(
                    time: now, tenant: tenant, actor: actor, act: act, object: target, detail: AttributeValue.complex(detail).jsonBytes))
            guard row.state != .off else { return nil }
            // One person is counted together with all others who are removed one by one.
            let held = people.count > 1 ? try self.heldBatch(of: people, at: try self.known(row), now: now, transaction) : nil
            for person in people {
                try transaction.enqueueKeepingHold(
                    ProvisioningTask(target: target, subject: person, batch: held?.id, due: now, created: now))
            }
            return held
        }
        if let held { warn(of: held) }
        wake()
    }

    /// The person, or everybody who is in the group, directly or through others.
    func people(of subject: ResourceKey) async throws -> [ResourceKey] {
        guard subject.type == ResourceType.group.name else { return [subject] }
        return try await store.read(.scan) { transaction in
            var (people, groups, seen) = ([ResourceKey](), [subject], Set([subject]))
            while let group = groups.popLast() {
                try transaction.forEachMember(of: group) { membership in
                    guard seen.insert(membership.member).inserted else { return }
                    if membership.member.type == ResourceType.group.name {
                        groups.append(membership.member)
                    } else {
                        people.append(membership.member)
                    }
                }
            }
            return people
        }
    }
}

extension ProvisionerError {
    /// There is no such user.
    static func noPerson(_ name: String) -> ProvisionerError {
        ProvisionerError(.notFound, "there is no user with the id or userName '\(name)'")
    }
}
