import MusterCore
import SCIM

/// Decides what is to be done for a person at a target: pure, without a clock, a store or a socket.
package struct Planner: Sendable {
    /// What the administrator decided.
    package var definition: TargetDefinition
    /// The groups that the target has.
    package var groups: [TargetGroup]
    /// Whether everything is written even where nothing differs from what the target took last; nil for what the definition says.
    package var isForced: Bool?

    package init(_ definition: TargetDefinition, groups: [TargetGroup], isForced: Bool? = nil) {
        self.definition = definition
        self.groups = groups
        self.isForced = isForced
    }

    /// Why there is no account and no plan, or what the plan is about, in one line.
    package enum Decision: Sendable, Hashable {
        /// There is something to do.
        case plan(ProvisioningPlan)
        /// There is nothing to do, and why.
        case nothing(String)
        /// The account left the scope and stays there as it is, or is to be deleted only later.
        case leave(String)
    }

    /// What is to be done.
    package func decide(_ situation: Situation) -> Decision {
        let isInScope = situation.isInScope(of: definition)
        // A template or a script that makes somebody inactive takes the account away from them as any deactivation does.
        let isActive = situation.person?.isActive ?? false && situation.document?.saysInactive != true
        guard let link = situation.link, let remoteID = link.remoteID else {
            guard isInScope else { return .nothing("not in the target's scope") }
            guard isActive else { return .nothing("not active, and without an account there") }
            return creation(situation)
        }
        guard isInScope else { return leaving(situation, link, remoteID) }
        return isActive ? update(situation, link, remoteID) : deactivation(situation, link, remoteID, why: "not active")
    }

    // MARK: Kinds of plans

    private func creation(_ situation: Situation) -> Decision {
        guard let document = situation.document else { return .nothing("there is nothing to make an account of") }
        let joined = wanted(situation)
        var operations = [PlannedOperation.createUser(document, dialect: definition.dialect)]
        operations += joining(joined.names, of: PlannedOperation.newID, except: [])
        return .plan(plan(.create, operations, situation, notes: joined.notes))
    }

    private func update(_ situation: Situation, _ link: TargetLink, _ remoteID: String) -> Decision {
        guard let document = situation.document else { return .nothing("there is nothing to write") }
        let joined = wanted(situation)
        let isAlways = isForced ?? (definition.updates == .always)
        let previous = try? AttributeValue(json: link.document)
        let isNew = !link.isActive || previous != document
        var operations: [PlannedOperation] = []
        if isAlways || isNew {
            let write = PlannedOperation.updateUser(id: remoteID, document: document, previous: previous, dialect: definition.dialect)
            // A PATCH sends what differs; where nothing does there is none.
            if write.body?["Operations"] != [] { operations.append(write) }
        }
        operations += leavingGroups(link, remoteID, except: joined.names)
        operations += joining(joined.names, of: remoteID, except: isAlways ? [] : Set(link.groups))
        guard !operations.isEmpty else { return .nothing("nothing differs from what the target took last") }
        return .plan(plan(link.isActive ? .update : .reactivate, operations, situation, notes: joined.notes))
    }

    private func deactivation(_ situation: Situation, _ link: TargetLink, _ remoteID: String, why: String) -> Decision {
        guard link.isActive || !link.groups.isEmpty else { return .nothing("\(why), and the account is inactive already") }
        let document = (situation.document ?? (try? AttributeValue(json: link.document)))?.inactive
        var operations = leavingGroups(link, remoteID, except: [])
        if link.isActive { operations.append(.deactivateUser(id: remoteID, document: document, dialect: definition.dialect)) }
        return .plan(plan(.deactivate, operations, situation, document: document, notes: [why]))
    }

    private func deletion(_ situation: Situation, _ link: TargetLink, _ remoteID: String, why: String) -> Decision {
        let operations = leavingGroups(link, remoteID, except: []) + [.deleteUser(id: remoteID)]
        return .plan(ProvisioningPlan(action: .delete, operations: operations, document: nil, notes: [why]))
    }

    private func leaving(_ situation: Situation, _ link: TargetLink, _ remoteID: String) -> Decision {
        let why = situation.person == nil ? "no longer in the directory" : "no longer in the target's scope"
        switch definition.leaving {
        case .nothing: return .leave("\(why): the account is left alone")
        case .deactivate: return deactivation(situation, link, remoteID, why: why)
        case .delete: return deletion(situation, link, remoteID, why: why)
        case .deleteAfter(let days):
            if let left = link.leftScope, situation.now >= left + .seconds(86_400 * days) {
                return deletion(situation, link, remoteID, why: "\(why) for \(days) days")
            }
            let decision = deactivation(situation, link, remoteID, why: why)
            if case .nothing(let reason) = decision { return .leave("\(reason), to be deleted \(days) days after leaving") }
            return decision
        }
    }

    // MARK: Parts

    private func plan(
        _ action: ProvisioningPlan.Action, _ operations: [PlannedOperation], _ situation: Situation, document: AttributeValue? = nil,
        notes: [String]
    ) -> ProvisioningPlan {
        let manager = situation.person?.manager
        let awaited = situation.awaitsManager ? manager?.user.id : nil
        let note = awaited.map { _ in
            "the manager \(manager?.user["userName"]?.string ?? "") has no account there yet and is left out; filled in later"
        }
        return ProvisioningPlan(
            action: action, operations: operations, document: document ?? situation.document, awaitedManager: awaited,
            notes: notes + [note].compactMap(\.self) + situation.notes)
    }

    /// The display names of the groups at the target that the person shall be in, as they are written there.
    private func wanted(_ situation: Situation) -> (names: [String], notes: [String]) {
        var asked = (situation.outcome.groups ?? []) + situation.assignedGroups
        if definition.groups.mirror { asked += situation.person?.groups.map(\.name) ?? [] }
        var (names, notes) = ([String](), [String]())
        for name in asked {
            if let known = group(named: name)?.name {
                if !names.contains(known) { names.append(known) }
            } else if definition.groups.create {
                if !names.contains(name) { names.append(name) }
            } else if !definition.groups.mirror || !(situation.person?.groups.contains { $0.name == name } ?? false) {
                notes.append("the target has no group '\(name)', and none is made there")
            }
        }
        return (names, notes)
    }

    private func group(named name: String) -> TargetGroup? {
        groups.first { $0.name == name } ?? groups.first { $0.name.isSameName(as: name) }
    }

    private func joining(_ names: [String], of id: String, except ids: Set<String>) -> [PlannedOperation] {
        names.flatMap { name -> [PlannedOperation] in
            guard let group = group(named: name) else {
                return [
                    .createGroup(name: name, dialect: definition.dialect),
                    .addToGroup(TargetGroup(id: PlannedOperation.newGroupID, name: name), userID: id, dialect: definition.dialect),
                ]
            }
            return ids.contains(group.id) ? [] : [.addToGroup(group, userID: id, dialect: definition.dialect)]
        }
    }

    /// Takes the account out of the groups that Muster put it into.
    private func leavingGroups(_ link: TargetLink, _ remoteID: String, except names: [String]) -> [PlannedOperation] {
        link.groups.compactMap { id in
            let group = groups.first { $0.id == id } ?? TargetGroup(id: id, name: id)
            return names.contains(group.name) ? nil : .removeFromGroup(group, userID: remoteID, dialect: definition.dialect)
        }
    }
}

extension AttributeValue {
    /// Whether it is the document of an account that is switched off.
    var saysInactive: Bool {
        switch self["active"] {
        case .boolean(let isActive): !isActive
        case .string(let text): text.lowercased() == "false"
        default: false
        }
    }

    /// The document of an account that is switched off.
    var inactive: AttributeValue {
        guard case .complex(var map) = self else { return self }
        map["active"] = false
        return .complex(map)
    }
}
