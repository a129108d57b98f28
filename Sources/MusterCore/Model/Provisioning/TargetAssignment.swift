/// An administrator's word that a person, or all members of a group of ours, go to a target.
public struct TargetAssignment: Sendable, Hashable {
    /// The name of the target; its tenant is the subject's.
    public var target: String
    /// A `User` or a `Group` of ours.
    public var subject: ResourceKey
    /// The display names of the target's groups that they go into there.
    public var groups: [String]

    /// Creates an assignment.
    public init(target: String, subject: ResourceKey, groups: [String] = []) {
        self.target = target
        self.subject = subject
        self.groups = groups
    }
}
