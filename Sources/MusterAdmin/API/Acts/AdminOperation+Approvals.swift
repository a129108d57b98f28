import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// What waits for an administrator, and the answers to it.
    static let approvals: [AdminOperation] = [
        AdminOperation(
            .get, "/approvals", "listApprovals", .approvals, "Lists open work, oldest first: what waits for approval, or other states",
            query: [.target, .state, .action, .batch, .after, .limit],
            successes: [Success(status: 200, schema: .planList, meaning: "One page of plans")], errors: [404],
            act: { call in
                let query = try call.query()
                if let target = query.target { _ = try await call.provisioner.target(target, in: call.tenant) }
                return try call.page(
                    try await call.provisioner.plans(query), \.summary, next: { String($0.task.number) })
            }),
        AdminOperation(
            .get, "/approvals/{number}", "getApproval", .approvals,
            "Shows a plan with its exact requests, and the account's document before and after",
            successes: [Success(status: 200, schema: .plan, meaning: "The plan")], errors: [404],
            act: { call in
                let missing = SCIMError.notFound(
                    "there is no plan with the number \(call["number"]): it was carried out, or a newer change has replaced it")
                guard let number = Int64(call["number"]), number > 0 else { throw missing }
                var query = ProvisioningTaskQuery(tenant: call.tenant, limit: 1)
                query.number = number
                guard let plan = try await call.provisioner.plans(query).first else { throw missing }
                return AdminAnswer(plan.json)
            }),
        AdminOperation(
            .post, "/approvals/approve", "approve", .approvals,
            "Approves plans that wait: some by number, those of a batch, or all of a target that the delete guard does not hold",
            body: Message(schema: .approval),
            successes: [Success(status: 200, schema: .approved, meaning: "How many got this approval, and how many are carried out now")],
            errors: [404, 409],
            act: { call in
                let selection = try call.message("numbers", "batch", "target", "action").selection()
                let (approved, ready) = try await call.decide(selection) {
                    try await call.provisioner.approve(selection, in: call.tenant, by: call.actor)
                }
                return AdminAnswer(["approved": .integer(Int64(approved)), "ready": .integer(Int64(ready))])
            }),
        AdminOperation(
            .post, "/approvals/reject", "reject", .approvals,
            "Rejects plans that wait; the accounts stay as they are until a newer change makes another plan",
            body: Message(schema: .rejection),
            successes: [Success(status: 200, schema: .rejected, meaning: "How many were rejected")], errors: [404, 409],
            act: { call in
                let message = try call.message("numbers", "batch", "target", "action", "reason")
                let (selection, reason) = (try message.selection(), try message.text("reason"))
                let rejected = try await call.decide(selection) {
                    try await call.provisioner.reject(selection, reason: reason, in: call.tenant, by: call.actor)
                }
                return AdminAnswer(["rejected": .integer(Int64(rejected))])
            }),
    ]
}

extension AdminCall {
    /// What the query string asks for; one more than the limit, so that it is known whether there is another page.
    fileprivate func query() throws(SCIMError) -> ProvisioningTaskQuery {
        var query = ProvisioningTaskQuery(tenant: tenant, target: parameter(.target), limit: try limit() + 1)
        query.states = [.pending, .parked]
        if let text = parameter(.state) {
            let names = text.split(separator: ",").map(String.init)
            query.states = names.compactMap(ProvisioningTask.State.init(rawValue:))
            guard query.states.count == names.count else {
                let known = ProvisioningTask.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw .invalidValue("state: there is none such; there are: \(known)")
            }
        }
        query.action = try parameter(.action).map { text throws(SCIMError) in try Self.action(text) }
        query.batch = parameter(.batch)
        query.after = try position(.after)
        return query
    }

    /// An action of a plan.
    fileprivate static func action(_ text: String) throws(SCIMError) -> String {
        guard let action = ProvisioningPlan.Action(rawValue: text) else {
            let known = ProvisioningPlan.Action.allCases.map(\.rawValue).joined(separator: ", ")
            throw .invalidValue("action: there is none such; there are: \(known)")
        }
        return action.rawValue
    }

    /// Decides about plans. A number that names no plan any more is a conflict: whoever sent it decides about what they saw.
    fileprivate func decide<Value: Sendable>(
        _ selection: PlanSelection, _ decide: () async throws -> Value
    ) async throws -> Value {
        do { return try await decide() } catch let error as ProvisionerError where error.code == .notFound {
            guard case .numbers = selection else { throw error }
            throw SCIMError.conflict("\(error.message); nothing was decided")
        }
    }
}

extension AdminMessage {
    /// How many plans one request may name.
    static let mostNumbers = 500

    /// Which plans are meant: by exactly one of `numbers`, `batch` and `target`.
    fileprivate func selection() throws(SCIMError) -> PlanSelection {
        guard ["numbers", "batch", "target"].filter(has).count == 1 else {
            throw .invalidValue("say which plans are meant by one of numbers, batch and target")
        }
        guard has("target") || !has("action") else { throw .invalidValue("action goes with target alone") }
        if let numbers = try numbers("numbers", most: Self.mostNumbers) { return .numbers(numbers) }
        if let batch = try text("batch") { return .batch(batch) }
        let action = try text("action").map { text throws(SCIMError) in try AdminCall.action(text) }
        return .target(try required("target"), action: action)
    }
}
