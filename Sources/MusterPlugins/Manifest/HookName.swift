package import MusterCore
import SCIM

/// When a hook runs, which decides what it may do.
package enum HookPhase: String, Sendable, Hashable, CaseIterable {
    /// Before a request is understood: repairs a client's dialect.
    case request
    /// In the request, before the commit: shapes the change.
    case map
    /// In the request, after a value was found to be taken: proposes another.
    case conflict
    /// In the request, after all maps: agrees or rejects.
    case check
    /// After the commit, from the queue: acts on the world.
    case on
    /// On the way out: shapes an answer.
    case read
    /// Before a person is planned at a target: shapes what is sent there.
    case outbound
    /// When the clock says so: acts on the world.
    case schedule

    /// Whether a run may wait for anything, such as an answer over HTTP.
    package var mayWait: Bool {
        switch self {
        case .request, .read: false
        case .map, .conflict, .check, .on, .schedule, .outbound: true
        }
    }

    /// Whether nobody waits for the run's end: it may take its time and act on the world. All others may run twice for one
    /// request or plan, so that they must answer the same each time.
    package var isQueued: Bool {
        switch self {
        case .on, .schedule: true
        case .request, .map, .conflict, .check, .read, .outbound: false
        }
    }

    /// The functions of `ctx` that end a run.
    package var outcomes: [String] {
        switch self {
        case .request, .map, .conflict, .check, .outbound: ["skip", "reject"]
        case .on, .schedule: ["skip", "retry", "fail"]
        case .read: []
        }
    }
}

/// A function that a plugin may offer.
package enum HookName: String, Sendable, Hashable, CaseIterable {
    case mapUser, checkUser, mapGroup, checkGroup, mapResource, checkResource
    case onRequest, onConflict, onRead
    case onCreate, onUpdate, onActivate, onDeactivate, onDelete, onManagerChange
    case onGroupAdd, onGroupRemove, onGroupCreate, onGroupUpdate, onGroupDelete
    case onSchedule
    case mapOutbound, onProvisioned, onProvisionFailed

    /// When it runs.
    package var phase: HookPhase {
        switch self {
        case .mapUser, .mapGroup, .mapResource: .map
        case .checkUser, .checkGroup, .checkResource: .check
        case .onRequest: .request
        case .onConflict: .conflict
        case .onRead: .read
        case .onSchedule: .schedule
        case .mapOutbound: .outbound
        default: .on
        }
    }

    /// Whether it hears of events of the directory, which come from the queue.
    package var isOfEvents: Bool { LifecycleEvent.Kind(rawValue: rawValue) != nil }

    /// The hook that hears of events of this kind.
    package init?(_ kind: LifecycleEvent.Kind) { self.init(rawValue: kind.rawValue) }

    /// The hook of the phase map or check for a resource type: users and groups have their own, all other types share one.
    package init?(_ phase: HookPhase, of resourceType: String) {
        guard phase == .map || phase == .check else { return nil }
        self.init(rawValue: phase.rawValue + ContextField(resourceType).hookSuffix)
    }
}

/// What `ctx` calls a resource.
enum ContextField: String, Sendable, CaseIterable {
    case user, group, resource

    /// The field for resources of a type.
    init(_ resourceType: String) {
        switch resourceType {
        case ResourceType.user.name: self = .user
        case ResourceType.group.name: self = .group
        default: self = .resource
        }
    }

    /// How the names of hooks of these resources end.
    var hookSuffix: String {
        switch self {
        case .user: "User"
        case .group: "Group"
        case .resource: "Resource"
        }
    }
}
