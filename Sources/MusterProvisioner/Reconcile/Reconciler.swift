import MusterCore
import SCIM

/// Reads a target and compares it with what it should be.
struct Reconciler: Sendable {
    let provisioner: Provisioner
    let target: KnownTarget
    let client: SCIMClient
    let progress: @Sendable (ReconcileProgress) -> Void

    private var tenant: Tenant { target.row.tenant }
    private var name: String { target.row.name }

    /// Finds everything that differs.
    /// - Parameters:
    ///   - state: Where an interrupted reconciliation was.
    ///   - since: For an incremental one: only what changed there since then.
    ///   - keep: Keeps the state: now and then, and when it is interrupted.
    func run(
        _ state: ReconcileState, since: Timestamp?, keep: @escaping @Sendable (ReconcileState) async throws -> Void
    ) async throws -> ReconcileState {
        var state = state
        let unlinked = state.mode == .full ? try await peopleWithoutAccount() : Unlinked()
        do {
            try await readAccounts(&state, unlinked, since: since, keep: keep)
        } catch {
            let reached = state
            // Also when the task is cancelled: what was read is not read again.
            try? await Task { try await keep(reached) }.value
            throw error
        }
        if state.mode == .full { try await findMissing(&state, unlinked) }
        try await readGroups(&state)
        return state
    }

    /// How often the state is kept while nothing goes wrong: it grows with what was read.
    private static let keepInterval = Duration.seconds(15)

    // MARK: People

    /// People who should have an account and have none that Muster knows.
    private struct Unlinked {
        /// What an account is found by.
        struct Key: Hashable {
            var attribute: String
            var value: String
        }

        /// Those who are found by something.
        var people: [Key: [ResourceKey]] = [:]
        /// What each is called.
        var names: [String: String] = [:]
    }

    private func peopleWithoutAccount() async throws -> Unlinked {
        let subjects = try await provisioner.subjects(at: target)
        var (found, done) = (Unlinked(), 0)
        for chunk in subjects.chunks(of: 200) {
            let unlinked = try await provisioner.store.read(.scan) { [name] transaction in
                try chunk.filter { try transaction.targetLink($0, to: name)?.remoteID == nil }
            }
            for key in unlinked {
                guard case .plan(let plan) = try await decision(on: key), let document = plan.document else { continue }
                let keys = matchingKeys(of: document)
                for one in keys { found.people[one, default: []].append(key) }
                found.names[key.id] = keys.isEmpty ? nil : document["userName"]?.string ?? keys[0].value
            }
            done += chunk.count
            progress(ReconcileProgress(phase: "people", done: done, all: subjects.count))
        }
        return found
    }

    /// What would be done for a person if everything were written; people whom a script refuses are left alone.
    private func decision(on key: ResourceKey) async throws -> Planner.Decision {
        do { return try await provisioner.prepare(key, at: target, isForced: true).decision } catch let error as ProvisionerError {
            return .nothing(error.message)
        }
    }

    /// What a document is found by, in the order in which it is looked for.
    private func matchingKeys(of document: AttributeValue) -> [Unlinked.Key] {
        target.definition.matching.compactMap { attribute in
            document.text(at: attribute).map { Unlinked.Key(attribute: attribute, value: $0.caseFolded) }
        }
    }

    // MARK: Accounts

    private func readAccounts(
        _ state: inout ReconcileState, _ unlinked: Unlinked, since: Timestamp?,
        keep: @Sendable (ReconcileState) async throws -> Void
    ) async throws {
        let filter = since.map { "meta.lastModified gt \"\($0.dateTime)\"" }
        var kept = provisioner.clock.now()
        while let index = state.nextIndex {
            try Task.checkCancellation()
            let page = try await client.page("Users", startIndex: index, filter: filter)
            // A target that knows no pages gives the same again.
            let new = page.resources.filter { !state.seen.contains($0.id) }
            // A page counts as read when it is compared, so that one that is interrupted is read again.
            var compared = state
            for account in new where compared.seen.insert(account.id).inserted { try await compare(account, unlinked, &compared) }
            state = compared
            state.accounts += new.count
            state.nextIndex = new.isEmpty ? nil : page.nextIndex
            progress(ReconcileProgress(phase: "accounts", done: state.accounts, all: page.totalResults))
            guard state.nextIndex == nil || provisioner.clock.now() >= kept + Self.keepInterval else { continue }
            try await keep(state)
            kept = provisioner.clock.now()
        }
    }

    private func compare(_ account: RemoteResource, _ unlinked: Unlinked, _ state: inout ReconcileState) async throws {
        let shown = account.document["userName"]?.string ?? account.id
        let link = try await provisioner.store.read { [name, tenant] transaction in
            try transaction.targetLink(remoteID: account.id, type: ResourceType.user.name, to: name, in: tenant)
        }
        guard let link else {
            let people = matchingKeys(of: account.document).lazy.compactMap { unlinked.people[$0] }.first ?? []
            let person = people.count == 1 ? people.first : nil
            let line =
                switch people.count {
                case 0: "not managed: left alone"
                case 1: "matches the person \(people[0].id), who adopts it"
                default: "matches \(people.count) people, \(people.map(\.id).joined(separator: ", ")): somebody has to decide whose it is"
                }
            state.differences.append(ReconcileDifference(.unmanaged, name: shown, person: person?.id, lines: [line]))
            if let person { state.drifted.append(person.id) }
            return
        }
        let (kind, lines): (ReconcileDifference.Kind, [String])
        let decision = try await decision(on: link.subject)
        let previous = try? AttributeValue(json: link.document)
        var wanted = previous
        state.wanted[link.subject.id] = wantedGroups(of: link, decision)
        switch decision {
        case .plan(let plan) where plan.action.isRemoval:
            // Where it is inactive already, only Muster's own note of it is behind.
            guard account.isActive || plan.action == .delete else { return }
            (kind, lines) = (.extra, plan.notes)
        case .plan(let plan):
            guard let document = plan.document else { return }
            wanted = document
            let difference = DocumentDifference(
                wanted: document, found: account.document, previous: previous, notReturned: target.definition.dialect.notReturned)
            for path in difference.compared { state.tallies[path, default: (0, 0)].wanted += 1 }
            for entry in difference.entries where entry.found == nil { state.tallies[entry.path, default: (0, 0)].absent += 1 }
            (kind, lines) = (.different, difference.entries.map(\.line))
        case .nothing(let reason), .leave(let reason):
            guard account.isActive, !link.isActive else { return }
            (kind, lines) = (.extra, ["active there: \(reason)"])
        }
        guard !lines.isEmpty else { return }
        state.differences.append(ReconcileDifference(kind, name: shown, person: link.subject.id, lines: lines))
        state.drifted.append(link.subject.id)
        state.present[link.subject.id] = account.document.reduced(to: [previous, wanted].compactMap(\.self))
    }

    // MARK: Missing

    private func findMissing(_ state: inout ReconcileState, _ unlinked: Unlinked) async throws {
        let adopted = Set(state.differences.filter { $0.kind == .unmanaged }.compactMap(\.person))
        for (id, name) in unlinked.names.sorted(by: { ($0.value, $0.key) < ($1.value, $1.key) }) where !adopted.contains(id) {
            state.differences.append(ReconcileDifference(.missing, name: name, person: id, lines: ["has no account there"]))
            state.drifted.append(id)
        }
        var done = 0
        try await forEachLink { link in
            done += 1
            if done % 500 == 0 { progress(ReconcileProgress(phase: "missing", done: done, all: nil)) }
            guard let id = link.remoteID, !state.seen.contains(id) else { return }
            // It may have been made after its page was read.
            guard try await client.get("Users", id: id) == nil else { return }
            state.differences.append(
                ReconcileDifference(
                    .missing, name: try await shownName(of: link), person: link.subject.id, lines: ["the account \(id) is gone"]))
            state.drifted.append(link.subject.id)
        }
        progress(ReconcileProgress(phase: "missing", done: done, all: done))
    }

    // MARK: Groups

    /// Compares who is in the groups that Muster has put people into, or should. The others are not read.
    private func readGroups(_ state: inout ReconcileState) async throws {
        var concerned = Set<String>()
        try await forEachLink { link in
            if state.wanted[link.subject.id] == nil {
                state.wanted[link.subject.id] = wantedGroups(of: link, try await decision(on: link.subject))
            }
            concerned.formUnion(link.groups)
            concerned.formUnion(state.wanted[link.subject.id] ?? [])
        }
        let groups = target.groups.filter { concerned.contains($0.id) }
        var members: [String: Set<String>] = [:]
        for (index, group) in groups.enumerated() {
            try Task.checkCancellation()
            // A target that does not tell the members of its groups cannot be compared.
            if let list = try await client.get("Groups", id: group.id)?.members { members[group.id] = Set(list) }
            progress(ReconcileProgress(phase: "groups", done: index + 1, all: groups.count))
        }
        guard !members.isEmpty else { return }
        try await forEachLink { link in
            guard let id = link.remoteID else { return }
            let wanted = state.wanted[link.subject.id] ?? []
            var lines: [String] = []
            for group in groups {
                guard let present = members[group.id] else { continue }
                if wanted.contains(group.id), !present.contains(id) {
                    lines.append("not in the group '\(group.name)' there")
                    state.lost[link.subject.id, default: []].append(group.id)
                }
                if !wanted.contains(group.id), link.groups.contains(group.id), present.contains(id) {
                    lines.append("still in the group '\(group.name)' there")
                }
            }
            guard !lines.isEmpty else { return }
            state.differences.append(
                ReconcileDifference(.different, name: try await shownName(of: link), person: link.subject.id, lines: lines))
            state.drifted.append(link.subject.id)
        }
    }

    /// All that ties people to accounts there, page by page.
    private func forEachLink(_ body: (TargetLink) async throws -> Void) async throws {
        var last = ""
        while true {
            let links = try await provisioner.store.read { [name, tenant, last] transaction in
                try transaction.targetLinks(to: name, in: tenant, type: ResourceType.user.name, after: last, limit: 500)
            }
            guard let end = links.last?.subject.id else { return }
            last = end
            for link in links { try await body(link) }
        }
    }

    /// What a person is called: as the target took them last, else as they are in the directory, else by their id.
    private func shownName(of link: TargetLink) async throws -> String {
        if let name = (try? AttributeValue(json: link.document))?["userName"]?.string { return name }
        let row = try await provisioner.store.read { try $0.resource(link.subject) }
        return try row.flatMap { try Resource(stored: $0)["userName"]?.string } ?? link.subject.id
    }

    /// The ids of the groups that a person shall be in there.
    private func wantedGroups(of link: TargetLink, _ decision: Planner.Decision) -> [String] {
        guard case .plan(let plan) = decision else { return link.isActive ? link.groups : [] }
        let names = plan.operations.filter { $0.kind == .addToGroup }.compactMap(\.group)
        return target.groups.filter { names.contains($0.name) }.map(\.id)
    }
}

extension AttributeValue {
    /// What of an account stands in any of some documents too: the rest is the target's own affair.
    fileprivate func reduced(to documents: [AttributeValue]) -> AttributeValue {
        guard case .complex(let map) = self else { return self }
        return .complex(
            AttributeMap(
                map.members.compactMap { member in
                    let others = documents.compactMap { $0[member.name] }
                    guard !others.isEmpty else { return nil }
                    // A manager's displayName, for one, is nothing that we wrote.
                    let isComplex = others.contains { $0.complex != nil }
                    return .init(name: member.name, value: isComplex ? member.value.reduced(to: others) : member.value)
                }))
    }
}
