public import SCIM

/// One change as it was committed; what its events have in common.
public struct ChangeRecord: Sendable, Hashable {
    /// A UUID.
    public var id: String
    /// When it was committed.
    public var time: Timestamp
    /// The resource that the request named.
    public var resource: ResourceKey
    /// What the request did to it.
    public var operation: ResourceChange.Operation
    /// The name of who did it, see ``RequestOrigin/client``.
    public var actor: String
    /// The request's id.
    public var requestID: String
    /// See ``RequestOrigin/depth``.
    public var depth: Int
    /// The resource's JSON document before, with `id` and `meta`, without `members` and `groups`; nil on create.
    public var before: [UInt8]?
    /// The same after; nil on delete.
    public var after: [UInt8]?
    /// The attributes that changed.
    public var changes: [AttributeChange]

    /// Creates a record.
    public init(
        id: String, time: Timestamp, resource: ResourceKey, operation: ResourceChange.Operation, actor: String,
        requestID: String, depth: Int, before: [UInt8]?, after: [UInt8]?, changes: [AttributeChange]
    ) {
        self.id = id
        self.time = time
        self.resource = resource
        self.operation = operation
        self.actor = actor
        self.requestID = requestID
        self.depth = depth
        self.before = before
        self.after = after
        self.changes = changes
    }
}

/// A change with its place among all those of its tenant.
public struct NumberedChange: Sendable, Hashable {
    /// Grows with every commit; a reader of the changes keeps the last one that it has seen.
    public var number: Int64
    /// The change.
    public var record: ChangeRecord
    /// What followed from it, in order.
    public var events: [LifecycleEvent]

    /// Creates a value.
    public init(number: Int64, record: ChangeRecord, events: [LifecycleEvent]) {
        self.number = number
        self.record = record
        self.events = events
    }
}

/// Something that happened to a person or a group, derived from what was stored before and after.
public struct LifecycleEvent: Sendable, Hashable {
    /// What happened. The raw value is the hook that hears of it.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case userCreated = "onCreate"
        case userUpdated = "onUpdate"
        case userActivated = "onActivate"
        case userDeactivated = "onDeactivate"
        case userDeleted = "onDelete"
        case managerChanged = "onManagerChange"
        case groupCreated = "onGroupCreate"
        case groupUpdated = "onGroupUpdate"
        case groupDeleted = "onGroupDelete"
        case memberAdded = "onGroupAdd"
        case memberRemoved = "onGroupRemove"
    }

    /// Stable over all attempts: the change's id, a dash and a number.
    public var id: String
    /// What happened.
    public var kind: Kind
    /// Whom it concerns: the user, the group, or for membership the member. Deliveries of one subject keep their order.
    public var subject: ResourceKey
    /// For membership: the group. Nil otherwise.
    public var group: ResourceKey?
    /// For `managerChanged`: the old manager's id, if there was one.
    public var oldManager: String?
    /// For `managerChanged`: the new manager's id, if there is one.
    public var newManager: String?
    /// The change that it is part of.
    public var change: ChangeRecord

    /// Creates an event.
    public init(
        id: String, kind: Kind, subject: ResourceKey, group: ResourceKey? = nil,
        oldManager: String? = nil, newManager: String? = nil, change: ChangeRecord
    ) {
        self.id = id
        self.kind = kind
        self.subject = subject
        self.group = group
        self.oldManager = oldManager
        self.newManager = newManager
        self.change = change
    }
}
