public import SCIM

/// What was done at a target, for those who ask what happened.
public struct ProvisioningRecord: Sendable, Hashable {
    /// Grows with time; 0 before it is written.
    public var number: Int64
    /// When.
    public var time: Timestamp
    /// The target; its tenant is the subject's.
    public var target: String
    /// Whose account.
    public var subject: ResourceKey
    /// What the plan did, in a word such as `create`.
    public var action: String
    /// Whether it took something away: deactivated or deleted the account.
    public var isRemoval: Bool
    /// Whether an administrator had approved the batch that it belongs to: such removals do not count for the delete guard.
    public var isApproved: Bool
    /// The requests that were sent with their answers' statuses, as JSON.
    public var detail: [UInt8]
    /// What went wrong; nil where nothing did.
    public var error: String?

    /// Creates a record.
    public init(
        time: Timestamp, target: String, subject: ResourceKey, action: String, isRemoval: Bool, isApproved: Bool = false,
        detail: [UInt8] = [], error: String? = nil
    ) {
        number = 0
        self.time = time
        self.target = target
        self.subject = subject
        self.action = action
        self.isRemoval = isRemoval
        self.isApproved = isApproved
        self.detail = detail
        self.error = error
    }
}
