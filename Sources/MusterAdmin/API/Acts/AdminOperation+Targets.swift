import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// Targets, and what was decided about them.
    static let targets: [AdminOperation] = [
        AdminOperation(
            .get, "/targets", "listTargets", .targets, "Lists the targets by name, with how they stand", query: [.after, .limit],
            successes: [Success(status: 200, schema: .targetList, meaning: "One page of targets")],
            act: { call in
                try call.page(
                    ofAll: try await call.provisioner.targets(in: call.tenant), \.summary, name: { $0.target.row.name })
            }),
        AdminOperation(
            .post, "/targets", "createTarget", .targets, "Makes a target, which is off at first", body: Message(schema: .definition),
            successes: [Success(status: 201, schema: .savedTarget, meaning: "The target, with warnings")], errors: [409],
            act: { call in
                guard let name = call.body["name"]?.string else { throw SCIMError.invalidValue("name is missing") }
                do {
                    return AdminAnswer(try await call.save(call.body, mustBeNew: true).answer, status: 201, location: "targets/\(name)")
                } catch let error as ProvisionerError where error.code == .conflict {
                    throw SCIMError.conflict("\(error.message); PUT /targets/\(name) replaces it")
                }
            }),
        AdminOperation(
            .get, "/targets/{name}", "getTarget", .targets, "Shows a target with its definition",
            successes: [Success(status: 200, schema: .target, meaning: "The target")], errors: [404],
            act: { call in AdminAnswer(try await call.provisioner.target(call["name"], in: call.tenant).json) }),
        AdminOperation(
            .put, "/targets/{name}", "replaceTarget", .targets,
            "Replaces what was decided about a target, or makes it; where it is on, everybody is planned anew",
            body: Message(schema: .definition),
            successes: [
                Success(status: 200, schema: .savedTarget, meaning: "The target, with warnings and the work that was made"),
                Success(status: 201, schema: .savedTarget, meaning: "The target, which was not there before"),
            ],
            act: { call in
                let name = call["name"]
                guard var map = call.body.complex else { throw SCIMError.invalidSyntax("send a JSON object") }
                guard map["name"] == nil || map["name"] == .string(name) else {
                    throw SCIMError.invalidValue("name: the target is called '\(name)' in the path; a target keeps its name")
                }
                map["name"] = .string(name)
                let (saved, isNew) = try await call.save(.complex(map))
                return AdminAnswer(saved, status: isNew ? 201 : 200)
            }),
        AdminOperation(
            .delete, "/targets/{name}", "deleteTarget", .targets,
            "Removes a target with all that is known about its accounts, which stay as they are there",
            successes: [Success(status: 204, schema: nil, meaning: "It is removed")], errors: [404],
            act: { call in
                try await call.provisioner.deleteTarget(call["name"], in: call.tenant, by: call.actor)
                call.reconciliations.forget(call["name"], in: call.tenant)
                return AdminAnswer(nil)
            }),
    ]
}

extension AdminCall {
    /// Saves a definition, and tells what came of it.
    fileprivate func save(_ definition: AttributeValue, mustBeNew: Bool = false) async throws -> (answer: AttributeValue, isNew: Bool) {
        let saved = try await provisioner.save(definition, mustBeNew: mustBeNew, in: tenant, by: actor)
        var map = saved.status.json.complex ?? [:]
        if !saved.findings.isEmpty { map.append("findings", saved.findings.document) }
        if let batch = saved.batch { map.append("batch", batch.json) }
        return (.complex(map), saved.isNew)
    }
}
