import MusterCore
import SCIM

/// A plan on its way: what was sent, and what is known of the account by now.
struct PlanExecution: Sendable {
    let plan: ProvisioningPlan
    let subject: ResourceKey
    let target: KnownTarget
    let client: SCIMClient
    let now: Timestamp
    /// The version of the mapping rules that the plan was made with.
    let rules: Int64
    /// What ties the person to the account; nil for nothing.
    private(set) var link: TargetLink?
    /// Whether the account is no longer there, so that nothing ties the person to it.
    private var isForgotten = false
    /// Whether the target does not know the account any more.
    var isGone = false
    /// The requests that were sent.
    var sent: [SentRequest] = []
    /// The id of the group that the operation before made.
    var newGroup: String?

    init(
        plan: ProvisioningPlan, subject: ResourceKey, target: KnownTarget, situation: Situation, client: SCIMClient, now: Timestamp
    ) {
        self.plan = plan
        self.subject = subject
        self.target = target
        link = situation.link
        rules = situation.rules
        self.client = client
        self.now = now
    }

    /// Sends one operation.
    mutating func send(_ operation: PlannedOperation) async throws {
        let resolved = operation.resolved(user: link?.remoteID, group: newGroup)
        let result = try await client.perform(resolved, id: resolved.remoteID)
        sent += result.requests
        if operation.kind == .createUser {
            guard let id = result.remoteID else { throw TargetError(.invalidAnswer, "the target made an account without an id") }
            link?.remoteID = id
        }
    }

    /// The account of the person that is there, see ``SCIMClient/lookUp(_:for:at:)``.
    func lookUp() async throws -> RemoteResource? {
        guard let document = plan.document else { return nil }
        return try await client.lookUp(document, for: subject, at: target)
    }

    /// Notes that an account is about to be made, and with what it can be found again.
    mutating func intend() {
        if link == nil { link = TargetLink(target: target.row.name, subject: subject, remoteID: nil, origin: .created, updated: now) }
        link?.rules = rules
        link?.groups = []
        link?.document = plan.document?.jsonBytes ?? []
    }

    /// Ties the person to an account that is there. One whose creation was cut off is not adopted but ours.
    mutating func adopt(_ found: RemoteResource) {
        let origin = link?.origin ?? .adopted
        link = TargetLink(
            target: target.row.name, subject: subject, remoteID: found.id, origin: origin, isActive: found.isActive, rules: rules,
            updated: now)
    }

    /// Notes that the account was switched off, or is there no longer.
    mutating func switchedOff(_ operation: PlannedOperation) {
        if operation.kind == .deleteUser { forget() } else { link?.isActive = false }
    }

    /// Notes that there is no account any more.
    mutating func forget() {
        link = nil
        isForgotten = true
    }

    /// Notes that the account is in a group.
    mutating func joined(_ operation: PlannedOperation) {
        guard let id = groupID(operation), link?.groups.contains(id) == false else { return }
        link?.groups.append(id)
    }

    /// Notes that the account is in a group no longer.
    mutating func left(_ operation: PlannedOperation) {
        guard let id = groupID(operation) else { return }
        link?.groups.removeAll { $0 == id }
    }

    private func groupID(_ operation: PlannedOperation) -> String? {
        if operation.path.contains(PlannedOperation.newGroupID) { return newGroup }
        guard let name = operation.group else { return nil }
        return target.groups.first { $0.name == name }?.id ?? name
    }

    /// Notes what holds after all of it was done.
    mutating func end(isInScope: Bool, hasLeft: Bool) {
        guard plan.action != .delete else { return forget() }
        guard var linked = link else { return }
        linked.document = plan.document?.jsonBytes ?? []
        linked.isActive = plan.action != .deactivate
        linked.awaitedManager = plan.awaitedManager
        if !hasLeft { linked.rules = rules }
        linked.leftScope = isInScope ? nil : linked.leftScope ?? now
        linked.updated = now
        link = linked
    }

    /// Writes what ties the person to the account.
    /// - Throws: ``ProvisionerError`` `conflict` when another person has the account; a store's error.
    func saveLink(in transaction: any WriteTransaction) throws {
        if let link {
            do { try transaction.save(link) } catch let error as StoreError where error.code == .conflict {
                throw ProvisionerError(.conflict, "\(error); a person has to decide whose it is")
            }
        } else if isForgotten {
            try transaction.deleteTargetLink(subject, to: target.row.name)
        }
    }

    /// What is kept of it.
    func record(isApproved: Bool) -> ProvisioningRecord {
        ProvisioningRecord(
            time: now, target: target.row.name, subject: subject, action: plan.action.rawValue, isRemoval: plan.action.isRemoval,
            isApproved: isApproved, detail: AttributeValue.array(sent.map(\.json)).jsonBytes)
    }
}
