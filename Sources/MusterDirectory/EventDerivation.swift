import MusterCore
import SCIM

/// Finds the events of one change by comparing what was stored with what is stored, whatever the HTTP verb was.
struct EventDerivation {
    /// The change; its id opens the ids of its events.
    let change: ChangeRecord
    /// Pairs of group and member that came to be.
    var added: [Membership] = []
    /// Pairs of group and member that ceased to be.
    var removed: [Membership] = []

    /// The events in the order in which subscribers shall hear of them.
    func events(before: Resource?, after: Resource?) -> [LifecycleEvent] {
        var events: [LifecycleEvent] = []
        func append(
            _ kind: LifecycleEvent.Kind, _ subject: ResourceKey, group: ResourceKey? = nil,
            oldManager: String? = nil, newManager: String? = nil
        ) {
            events.append(
                LifecycleEvent(
                    id: "\(change.id)-\(events.count + 1)", kind: kind, subject: subject, group: group,
                    oldManager: oldManager, newManager: newManager, change: change))
        }
        let isUser = change.resource.type == ResourceType.user.name
        let isGroup = change.resource.type == ResourceType.group.name
        switch (before, after) {
        case (nil, .some) where isUser: append(.userCreated, change.resource)
        case (nil, .some) where isGroup: append(.groupCreated, change.resource)
        case (.some, nil) where isGroup: break  // after its members have left, below
        case (.some(let before), .some(let after)) where isUser:
            if !change.changes.isEmpty { append(.userUpdated, change.resource) }
            switch (before.isActive, after.isActive) {
            case (true, false): append(.userDeactivated, change.resource)
            case (false, true): append(.userActivated, change.resource)
            default: break
            }
        case (.some, .some) where isGroup:
            if !change.changes.isEmpty { append(.groupUpdated, change.resource) }
        default: break
        }
        if isUser, let after, before?.managerID != after.managerID {
            append(.managerChanged, change.resource, oldManager: before?.managerID, newManager: after.managerID)
        }
        for pair in removed { append(.memberRemoved, pair.member, group: pair.group) }
        for pair in added { append(.memberAdded, pair.member, group: pair.group) }
        if before != nil, after == nil {
            if isUser { append(.userDeleted, change.resource) }
            if isGroup { append(.groupDeleted, change.resource) }
        }
        return events
    }
}
