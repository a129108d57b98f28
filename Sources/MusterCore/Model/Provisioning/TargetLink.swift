public import SCIM

/// What ties a person or a group of ours to an account at a target: without it, Muster changes nothing there.
public struct TargetLink: Sendable, Hashable {
    /// How the account came to be managed.
    public enum Origin: String, Sendable, Hashable, CaseIterable {
        /// Muster made it.
        case created
        /// It was there, and was found by the matching attribute.
        case adopted
    }

    /// The name of the target; its tenant is the subject's.
    public var target: String
    /// Ours: a `User` or a `Group`.
    public var subject: ResourceKey
    /// The id at the target; nil while a creation may be under way, so that it is looked up before it is tried again.
    public var remoteID: String?
    /// How the account came to be managed.
    public var origin: Origin
    /// Whether the account is active there.
    public var isActive: Bool
    /// The document that the target took last, as JSON; empty where none did.
    public var document: [UInt8]
    /// The ids, at the target, of the groups that Muster put the person into.
    public var groups: [String]
    /// The id of the person's manager, of ours, who had no account there when the document was made: once there is one,
    /// the person is provisioned again.
    public var awaitedManager: String?
    /// Which version of the mapping rules holds for the person; 0 for the time before there were any.
    public var rules: Int64
    /// When the person left the target's scope; nil while in it.
    public var leftScope: Timestamp?
    /// When it was written last.
    public var updated: Timestamp

    /// Creates a link.
    public init(
        target: String, subject: ResourceKey, remoteID: String?, origin: Origin, isActive: Bool = true, document: [UInt8] = [],
        groups: [String] = [], awaitedManager: String? = nil, rules: Int64 = 0, leftScope: Timestamp? = nil, updated: Timestamp
    ) {
        self.target = target
        self.subject = subject
        self.remoteID = remoteID
        self.origin = origin
        self.isActive = isActive
        self.document = document
        self.groups = groups
        self.awaitedManager = awaitedManager
        self.rules = rules
        self.leftScope = leftScope
        self.updated = updated
    }
}
