/// One row of membership: a user or a group is a direct member of a group.
public struct Membership: Sendable, Hashable {
    /// The group.
    public var group: ResourceKey
    /// The member, of type `User` or `Group`.
    public var member: ResourceKey
    /// The display of the other side: of the member when members are listed, of the group when groups are.
    public var display: String?

    /// Creates a row.
    public init(group: ResourceKey, member: ResourceKey, display: String? = nil) {
        self.group = group
        self.member = member
        self.display = display
    }
}
