package import MusterCore

/// When a hook runs, which decides what it may do.
package enum HookPhase: String, Sendable, Hashable, CaseIterable {
    /// In the request, before the commit: shapes the change.
    case map
    /// In the request, after all maps: agrees or rejects.
    case check
    /// After the commit, from the queue: acts on the world.
    case on
}

/// A function that a plugin may offer.
package enum HookName: String, Sendable, Hashable, CaseIterable {
    case mapUser, checkUser, mapGroup, checkGroup
    case onCreate, onUpdate, onActivate, onDeactivate, onDelete, onManagerChange
    case onGroupAdd, onGroupRemove, onGroupCreate, onGroupUpdate, onGroupDelete

    /// When it runs.
    package var phase: HookPhase {
        switch self {
        case .mapUser, .mapGroup: .map
        case .checkUser, .checkGroup: .check
        default: .on
        }
    }

    /// The hook that hears of events of this kind.
    package init?(_ kind: LifecycleEvent.Kind) { self.init(rawValue: kind.rawValue) }

    /// The hook of a phase before the commit for a resource type, or nil.
    package init?(_ phase: HookPhase, of resourceType: String) { self.init(rawValue: phase.rawValue + resourceType) }
}
