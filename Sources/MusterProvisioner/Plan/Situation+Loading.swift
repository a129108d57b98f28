import MusterCore
import SCIM

/// Reads what plans depend on, in one transaction for each person.
struct SituationReader: Sendable {
    let target: KnownTarget
    /// The version of the rules that holds for those who have none yet, and for all when rules are reapplied.
    let rules: VersionedRules
    /// Whether the newest rules hold for everybody.
    var reappliesRules = false
    /// The rules of older versions that links name.
    let olderRules: @Sendable (Int64, any ReadTransaction) throws -> VersionedRules

    /// The situation of a person, without its document.
    func situation(of subject: ResourceKey, now: Timestamp, in transaction: any ReadTransaction) throws -> Situation {
        let link = try transaction.targetLink(subject, to: target.row.name)
        guard let person = try Person(subject, target: target.row.name, in: transaction) else {
            return Situation(person: nil, link: link, rules: link?.rules ?? 0, now: now)
        }
        // Who has an account keeps the rules with which it was made until they are reapplied.
        let isNew = link?.remoteID == nil
        let rules = isNew || reappliesRules ? rules : try olderRules(link?.rules ?? 0, transaction)
        let assignments = try self.assignments(of: person, in: transaction)
        return Situation(
            person: person, link: link, outcome: rules.rules.evaluate(person), isAssigned: !assignments.isEmpty,
            assignedGroups: assignments.flatMap(\.groups), rules: rules.version, now: now)
    }

    private func assignments(of person: Person, in transaction: any ReadTransaction) throws -> [TargetAssignment] {
        let groups = person.groups.map { ResourceKey(tenant: person.key.tenant, type: ResourceType.group.name, id: $0.id) }
        return try ([person.key] + groups).compactMap { try transaction.targetAssignment(of: $0, to: target.row.name) }
    }
}

/// Mapping rules with their version.
struct VersionedRules: Sendable {
    /// The number of the version; 0 for no rules at all.
    var version: Int64
    /// The rules.
    var rules: MappingRules
}

extension Person {
    /// Reads a person; nil where there is none of this key.
    /// - Parameter target: Whose accounts are meant, for the manager's.
    init?(_ key: ResourceKey, target: String, in transaction: any ReadTransaction) throws {
        guard let stored = try transaction.resource(key) else { return nil }
        let groups = try transaction.groups(of: key) + transaction.indirectGroups(of: key)
        let user = try Resource(stored: stored)
        self.init(
            key: key, user: user, groups: groups.map { Group(id: $0.group.id, name: $0.display ?? $0.group.id) },
            manager: try user.managerID.flatMap { try Manager($0, of: key, target: target, in: transaction) })
    }
}

extension Person.Manager {
    /// Reads a person's manager; nil where the directory has no such user.
    fileprivate init?(_ id: String, of person: ResourceKey, target: String, in transaction: any ReadTransaction) throws {
        let key = ResourceKey(tenant: person.tenant, type: person.type, id: id)
        guard let stored = try transaction.resource(key) else { return nil }
        self.init(user: try Resource(stored: stored), remoteID: try transaction.targetLink(key, to: target)?.remoteID)
    }
}
