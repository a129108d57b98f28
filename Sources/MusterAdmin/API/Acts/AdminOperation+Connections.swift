import HTTPTypes
import MusterCore
import MusterProvisioner
import MusterServer
import SCIM

extension AdminOperation {
    /// What is done with a target's connection.
    static let connections: [AdminOperation] = [
        AdminOperation(
            .post, "/targets/{name}/test", "testTarget", .targets, "Tries the connection step by step, without changing anything",
            successes: [Success(status: 200, schema: .connectionTest, meaning: "What came back, also where a step failed")], errors: [404],
            act: { call in
                let steps = try await call.provisioner.testConnection(call["name"], in: call.tenant)
                return AdminAnswer(["good": .boolean(steps.failure == nil), "steps": steps.document])
            }),
        AdminOperation(
            .post, "/targets/{name}/connect", "connectTarget", .targets,
            "Switches the connection on: probes the target, lists its groups, and makes work for everybody",
            successes: [Success(status: 200, schema: .connection, meaning: "It is on, and this is the work that was made")],
            errors: [404, 502],
            act: { call in
                let (steps, batch) = try await call.provisioner.connect(call["name"], in: call.tenant, by: call.actor)
                guard let batch else {
                    let reason = steps.failure.map { "\($0.name): \($0.detail)" } ?? "it could not be tried"
                    return AdminAnswer(
                        SCIMError(status: 502, detail: "the connection of '\(call["name"])' stays as it is; \(reason)"),
                        ["steps": steps.document])
                }
                return AdminAnswer(["steps": steps.document, "batch": batch.json])
            }),
        AdminOperation(
            .post, "/targets/{name}/disconnect", "disconnectTarget", .targets,
            "Switches the connection off; what happens meanwhile is made up for when it is switched on",
            successes: [Success(status: 200, schema: .target, meaning: "The target, which is off")], errors: [404],
            act: { call in
                try await call.provisioner.disconnect(call["name"], in: call.tenant, by: call.actor)
                return AdminAnswer(try await call.provisioner.target(call["name"], in: call.tenant).json)
            }),
        AdminOperation(
            .post, "/targets/{name}/resume", "resumeTarget", .targets, "Ends a quarantine, and gives what failed another try",
            successes: [Success(status: 200, schema: .resumption, meaning: "How many people are tried again")], errors: [404],
            act: { call in
                let count = try await call.provisioner.resume(call["name"], in: call.tenant, by: call.actor)
                return AdminAnswer(["resumed": .integer(Int64(count))])
            }),
        AdminOperation(
            .post, "/targets/{name}/reconcile", "reconcileTarget", .targets,
            "Reads the target, and puts right in what it differs, as far as approvals and the delete guard allow",
            body: Message(schema: .reconcileRequest, isOptional: true),
            successes: [
                Success(status: 200, schema: .reconcileReport, meaning: "What it found and made of it"),
                Success(
                    status: 202, schema: .reconciliation, meaning: "It takes longer and goes on; GET the same path tells how far it is"),
            ], errors: [404, 409, 502],
            act: { call in
                let message = try call.message("planOnly", "mode")
                let (planOnly, mode) = (try message.flag("planOnly"), try message.mode())
                return try await call.reconcile(planOnly: planOnly, mode: mode)
            }),
        AdminOperation(
            .get, "/targets/{name}/reconcile", "getReconciliation", .targets,
            "Tells how far the reconciliation is, or what came of the last one since the server began",
            successes: [Success(status: 200, schema: .reconciliation, meaning: "How far it is")], errors: [404],
            act: { call in
                _ = try await call.provisioner.target(call["name"], in: call.tenant)
                guard let run = call.reconciliations.run(at: call["name"], in: call.tenant) else {
                    throw SCIMError.notFound("'\(call["name"])' was not reconciled over HTTP since the server began")
                }
                return AdminAnswer(run.document)
            }),
        AdminOperation(
            .get, "/targets/{name}/groups", "listTargetGroups", .targets,
            "Lists the groups that the target had when it was connected or reconciled last", query: [.after, .limit],
            successes: [Success(status: 200, schema: .groupList, meaning: "One page of groups")], errors: [404],
            act: { call in
                let groups = try await call.provisioner.target(call["name"], in: call.tenant).target.groups
                return try call.page(
                    ofAll: groups, { ["id": .string($0.id), "displayName": .string($0.name)] }, name: { $0.id })
            }),
        AdminOperation(
            .post, "/targets/{name}/provision", "provisionPerson", .targets,
            "Provisions one person, or only plans it, and tells each step", body: Message(schema: .provisionRequest),
            successes: [Success(status: 200, schema: .explanation, meaning: "Each step, also where one failed")], errors: [404, 409, 502],
            act: { call in
                let message = try call.message("user", "planOnly")
                let explanation = try await call.provisioner.provision(
                    try message.required("user"), at: call["name"], in: call.tenant, planOnly: try message.flag("planOnly"), by: call.actor)
                return AdminAnswer(explanation.json)
            }),
    ]
}

extension AdminCall {
    /// Reconciles a target, and waits for the end as long as a request may take.
    fileprivate func reconcile(planOnly: Bool, mode: ReconcileMode) async throws -> AdminAnswer {
        let (name, tenant, actor, provisioner) = (self["name"], tenant, actor, provisioner)
        _ = try await provisioner.target(name, in: tenant)
        let begun = reconciliations.begin(at: name, in: tenant, mode: mode, isPlanOnly: planOnly, by: actor) { progress in
            try await provisioner.reconcile(name, in: tenant, planOnly: planOnly, mode: mode, by: actor, progress: progress)
        }
        guard let begun else {
            throw SCIMError.conflict("'\(name)' is being reconciled already; GET /targets/\(name)/reconcile tells how far it is")
        }
        do { try await withDeadline(patience) { await begun.value } } catch is DeadlineExceeded {}
        guard let run = reconciliations.run(at: name, in: tenant), let outcome = run.outcome else {
            return AdminAnswer(reconciliations.run(at: name, in: tenant)?.document ?? [:], status: 202)
        }
        return AdminAnswer(try outcome.get().json)
    }
}

extension AdminMessage {
    fileprivate func mode() throws(SCIMError) -> ReconcileMode {
        guard let text = try text("mode") else { return .full }
        guard let mode = ReconcileMode(rawValue: text) else {
            throw .invalidValue("mode: one of \(ReconcileMode.allCases.map(\.rawValue).joined(separator: ", ")) is wanted")
        }
        return mode
    }
}

extension [ConnectionStep] {
    /// The step that failed; nil where none did.
    fileprivate var failure: ConnectionStep? { first { $0.outcome == .failed } }

    /// The steps as JSON.
    fileprivate var document: AttributeValue {
        .array(
            map { step in
                [
                    "name": .string(step.name), "request": .string(step.request), "outcome": .string(step.outcome.rawValue),
                    "detail": .string(step.detail),
                ]
            })
    }
}
