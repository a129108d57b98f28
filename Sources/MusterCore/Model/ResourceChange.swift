public import SCIM

/// A change before its commit, as interceptors see and shape it.
public struct ResourceChange: Sendable {
    /// What the client asked for.
    public enum Operation: String, Sendable, Hashable, CaseIterable {
        case create, replace, patch, delete
    }

    /// A member that the change adds to or takes from a group.
    public struct MembershipEffect: Sendable, Hashable {
        /// What happens.
        public enum Kind: String, Sendable {
            case add, remove
        }

        /// What happens.
        public var kind: Kind
        /// The group, by id or, where a hook asked, by displayName.
        public var group: String
        /// Who asked for it, such as `plugin:NAME`: the group's change is recorded as theirs. Nil where it is part of the
        /// client's own change.
        public var actor: String?

        /// Creates an effect.
        public init(_ kind: Kind, group: String, actor: String? = nil) {
            self.kind = kind
            self.group = group
            self.actor = actor
        }
    }

    /// What the client asked for.
    public var operation: Operation
    /// The resource.
    public var key: ResourceKey
    /// The resource as it is stored, with `id`, without `meta`, `members` and `groups`; nil on create.
    public var before: Resource?
    /// The resource as it shall be stored; nil on delete. Map interceptors change it.
    public var after: Resource?
    /// For a group: ids that the request adds. Never the whole list of a large group unless the request sends it.
    public var membersAdded: [String]
    /// For a group: ids that the request removes.
    public var membersRemoved: [String]
    /// For a user: groups that map interceptors add it to or take it from, in the same transaction.
    public var groupEffects: [MembershipEffect]
    /// Who asked.
    public var request: RequestOrigin

    /// Creates a change.
    public init(
        operation: Operation, key: ResourceKey, before: Resource?, after: Resource?,
        membersAdded: [String] = [], membersRemoved: [String] = [],
        groupEffects: [MembershipEffect] = [], request: RequestOrigin
    ) {
        self.operation = operation
        self.key = key
        self.before = before
        self.after = after
        self.membersAdded = membersAdded
        self.membersRemoved = membersRemoved
        self.groupEffects = groupEffects
        self.request = request
    }

    /// The differences between ``before`` and ``after``.
    public var changes: [AttributeChange] { AttributeChange.between(before, after) }
}
