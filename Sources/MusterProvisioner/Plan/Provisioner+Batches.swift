import Logging
import MusterCore
import SCIM

/// Work that was made for many people at once.
package struct ProvisioningBatch: Sendable, Hashable {
    /// Names it in approvals.
    package var id: String
    /// The target.
    package var target: String
    /// For how many people there is something to do, or may be.
    package var people: Int
    /// How many accounts would be deactivated or deleted.
    package var removals: Int
    /// How many accounts were active before.
    package var active: Int
    /// Whether the delete guard holds all of it until somebody approves it.
    package var isParked: Bool
}

extension ProvisioningBatch {
    /// How names of batches begin that the delete guard holds.
    static let guardPrefix = "guard-"

    /// Whether the delete guard holds what belongs to a batch.
    static func isHeld(_ id: String?) -> Bool { id?.hasPrefix(guardPrefix) ?? false }
}

extension Provisioner {
    private static let chunk = 200

    /// Makes work for everybody at a target, after the definition, the rules or the scope were edited. The delete guard looks at
    /// all of it first: where too much would be taken away, every plan of the batch waits for an approval.
    func enqueueAll(
        at target: KnownTarget, reappliesRules: Bool, progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) async throws -> ProvisioningBatch {
        let (tenant, name, now) = (target.row.tenant, target.row.name, clock.now())
        let subjects = try await subjects(at: target)
        let (rules, note) = try await store.read {
            (try Self.newestRules(in: tenant, $0), try Replanning.note(at: name, in: tenant, $0))
        }
        var (concerned, removals, done) = ([(key: ResourceKey, isRemoval: Bool)](), 0, 0)
        for chunk in subjects.chunks(of: Self.chunk) {
            let found = try await store.read(.scan) { transaction in
                let forecast = Forecast(target: target, rules: rules, reappliesRules: reappliesRules, now: now)
                return try chunk.map { key in
                    let isOpen = try transaction.provisioningTask(for: key, at: name) != nil
                    return (key: key, isOpen: isOpen, decision: try forecast.decision(on: key, in: transaction))
                }
            }
            for (key, isOpen, decision) in found {
                switch decision {
                case .plan(let plan):
                    concerned.append((key, plan.action.isRemoval))
                    if plan.action.isRemoval { removals += 1 }
                case .leave: concerned.append((key, false))
                // What was planned before the edit ends with it.
                case .nothing: if isOpen { concerned.append((key, false)) }
                }
            }
            done += chunk.count
            progress(done, subjects.count)
        }
        let active = try await store.read { try $0.targetLinkCounts(to: name, in: tenant, type: ResourceType.user.name).active }
        let isParked = target.definition.guard.stops(removals: removals, active: active)
        let id = (isParked ? ProvisioningBatch.guardPrefix : "batch-") + makeID()
        // From now on the newest rules hold for everybody, also where they change nothing today.
        if reappliesRules { try await hold(to: rules.version, subjects, at: name) }
        for chunk in concerned.chunks(of: Self.chunk) {
            try await store.write { transaction in
                for (key, isRemoval) in chunk {
                    let task = ProvisioningTask(target: name, subject: key, batch: id, due: now, created: now)
                    // A removal that is held already does not get away with an edit that adds few.
                    if isRemoval, !isParked { try transaction.enqueueKeepingHold(task) } else { try transaction.enqueue(task) }
                }
            }
        }
        if let note {
            // Another edit meanwhile wants it once more.
            try await store.write { transaction in
                guard try Replanning.note(at: name, in: tenant, transaction) == note else { return }
                try Replanning.crossOut(at: name, in: tenant, transaction)
            }
        }
        let batch = ProvisioningBatch(
            id: id, target: name, people: concerned.count, removals: removals, active: active, isParked: isParked)
        if isParked { warn(of: batch) }
        return batch
    }

    /// The batch of work for some people where the delete guard holds it; nil where it does not.
    func heldBatch(
        of people: [ResourceKey], at target: KnownTarget, now: Timestamp, _ transaction: any ReadTransaction
    ) throws -> ProvisioningBatch? {
        let (name, tenant) = (target.row.name, target.row.tenant)
        let forecast = Forecast(target: target, rules: try Self.newestRules(in: tenant, transaction), reappliesRules: false, now: now)
        let removals = try people.count { person in
            if case .plan(let plan) = try forecast.decision(on: person, in: transaction) { plan.action.isRemoval } else { false }
        }
        let active = try transaction.targetLinkCounts(to: name, in: tenant, type: ResourceType.user.name).active
        guard target.definition.guard.stops(removals: removals, active: active) else { return nil }
        return ProvisioningBatch(
            id: ProvisioningBatch.guardPrefix + makeID(), target: name, people: people.count, removals: removals, active: active,
            isParked: true)
    }

    /// Says in the log that the delete guard holds a batch.
    func warn(of batch: ProvisioningBatch) {
        logger.warning(
            "the delete guard holds a batch: approve or reject it",
            metadata: [
                "target.name": "\(batch.target)", "batch.id": "\(batch.id)", "batch.removals": "\(batch.removals)",
                "target.active": "\(batch.active)",
            ])
    }

    /// Notes which version of the rules holds for those who have an account.
    private func hold(to version: Int64, _ subjects: [ResourceKey], at target: String) async throws {
        for chunk in subjects.chunks(of: Self.chunk) {
            try await store.write { transaction in
                for key in chunk {
                    guard var link = try transaction.targetLink(key, to: target), link.rules != version else { continue }
                    link.rules = version
                    try transaction.save(link)
                }
            }
        }
    }

    /// Everybody whom a target may concern: all users, and those who left the directory with an account there.
    func subjects(at target: KnownTarget) async throws -> [ResourceKey] {
        let (tenant, name, type) = (target.row.tenant, target.row.name, ResourceType.user.name)
        return try await store.read(.scan) { transaction in
            var found: [ResourceKey] = []
            try transaction.forEachResource(of: type, in: tenant) { found.append($0.key) }
            let present = Set(found.map(\.id))
            var last = ""
            while true {
                let links = try transaction.targetLinks(to: name, in: tenant, type: type, after: last, limit: 1000)
                guard let end = links.last?.subject.id else { return found }
                found += links.map(\.subject).filter { !present.contains($0.id) }
                last = end
            }
        }
    }
}

extension Array {
    /// The elements in order, so many in each.
    func chunks(of size: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: size).map { self[$0..<Swift.min($0 + size, count)] }
    }
}
