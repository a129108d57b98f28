public import SCIM

/// The open work for one person, or one group, at one target: at most one row each, so that a newer change replaces what an
/// older one planned.
public struct ProvisioningTask: Sendable, Hashable {
    /// Where the work stands.
    public enum State: String, Sendable, Hashable, CaseIterable {
        /// Is planned when ``ProvisioningTask/due`` has come; there is no plan yet, or one of an attempt that failed.
        case due
        /// Waits for an administrator's approval of its plan.
        case pending
        /// Held by the delete guard together with its batch, until someone approves it.
        case parked
        /// Its plan was approved, and is carried out when ``ProvisioningTask/due`` has come.
        case approved
        /// Cannot go on by itself: a person has to repair something, then resume it.
        case failed
        /// An administrator said no. Stays until a newer change makes another plan.
        case rejected
    }

    /// One administrator's yes to a plan.
    public struct Approval: Sendable, Hashable {
        /// Who said it.
        public var by: String
        /// When.
        public var time: Timestamp

        /// Creates an approval.
        public init(by: String, time: Timestamp) {
            self.by = by
            self.time = time
        }
    }

    /// The row's number: names the plan in commands and URLs. A replaced plan gets a new number.
    public var number: Int64
    /// The name of the target; its tenant is the subject's.
    public var target: String
    /// Whose account is meant: a `User` or a `Group` of ours.
    public var subject: ResourceKey
    /// Where it stands.
    public var state: State
    /// What is planned, as JSON; empty while nothing is.
    public var plan: [UInt8]
    /// What the plan does, in a word such as `create`; "" while there is none.
    public var action: String
    /// Whether the plan takes something away from a person: deactivates or deletes the account.
    public var isRemoval: Bool
    /// The batch that it belongs to, which can be approved as a whole; nil for none.
    public var batch: String?
    /// Who approved the plan so far.
    public var approvals: [Approval]
    /// The earliest time of the next attempt.
    public var due: Timestamp
    /// Attempts made at the present plan.
    public var attempts: Int
    /// Until when a worker has it; nil when none does.
    public var leasedUntil: Timestamp?
    /// Whether a command has it, which may be at work beside a server that starts.
    public var isByHand = false
    /// Grows with every claim and every change: who writes names the one that he read.
    public var revision: Int64
    /// What the last failed attempt said, or why it was rejected.
    public var lastError: String?
    /// When the change happened that it comes from.
    public var created: Timestamp

    /// Creates a task that is due and has no plan.
    public init(target: String, subject: ResourceKey, batch: String? = nil, due: Timestamp, created: Timestamp) {
        number = 0
        self.target = target
        self.subject = subject
        state = .due
        plan = []
        action = ""
        isRemoval = false
        self.batch = batch
        approvals = []
        self.due = due
        attempts = 0
        revision = 0
        self.created = created
    }
}

/// A search over the open work; what is named must all be so.
public struct ProvisioningTaskQuery: Sendable {
    /// Whose; nil for all tenants.
    public var tenant: Tenant?
    /// The target; nil for all.
    public var target: String?
    /// The states wanted; empty for all.
    public var states: [ProvisioningTask.State] = []
    /// The number of one task; nil for all.
    public var number: Int64?
    /// The subject; nil for all.
    public var subject: ResourceKey?
    /// The batch; nil for all.
    public var batch: String?
    /// The action, such as `create`; nil for all.
    public var action: String?
    /// Whether only removals are wanted that belong to no batch.
    public var unbatchedRemovals = false
    /// Only tasks with a greater number: where the page before ended.
    public var after: Int64 = 0
    /// How many at most, oldest first.
    public var limit: Int = 100

    /// Creates a query for everything.
    public init(tenant: Tenant? = nil, target: String? = nil, states: [ProvisioningTask.State] = [], limit: Int = 100) {
        self.tenant = tenant
        self.target = target
        self.states = states
        self.limit = limit
    }
}

/// How the open work of one target stands.
public struct ProvisioningSummary: Sendable, Hashable {
    /// Whose.
    public var tenant: Tenant
    /// The target.
    public var target: String
    /// How many tasks there are in each state.
    public var counts: [ProvisioningTask.State: Int]
    /// When the oldest task that is due became so; nil where none is.
    public var oldestDue: Timestamp?

    /// Creates a summary.
    public init(tenant: Tenant, target: String, counts: [ProvisioningTask.State: Int] = [:], oldestDue: Timestamp? = nil) {
        self.tenant = tenant
        self.target = target
        self.counts = counts
        self.oldestDue = oldestDue
    }
}
