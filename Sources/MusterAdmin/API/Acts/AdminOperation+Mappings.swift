import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// The rules that set attributes, groups and targets.
    static let mappings: [AdminOperation] = [
        AdminOperation(
            .get, "/mappings", "getMappings", .mappings, "Shows the mapping rules and the number of their version",
            successes: [Success(status: 200, schema: .mappings, meaning: "The rules")],
            act: { call in
                let (version, rules) = try await call.provisioner.mappings(in: call.tenant)
                return AdminAnswer(["version": .integer(version), "rules": rules])
            }),
        AdminOperation(
            .put, "/mappings", "saveMappings", .mappings,
            "Replaces the mapping rules; they hold for new people, and for the others once they are reapplied",
            body: Message(schema: .mappingsRequest),
            successes: [Success(status: 200, schema: .savedMappings, meaning: "The number of the new version, and warnings")],
            errors: [409],
            act: { call in
                let message = try call.message("rules", "version")
                guard message.has("rules") else { throw SCIMError.invalidValue("rules is missing") }
                let saved = try await call.provisioner.saveMappings(
                    message.value("rules"), replacing: try message.number("version"), in: call.tenant, by: call.actor)
                return AdminAnswer(["version": .integer(saved.version), "findings": saved.findings.document])
            }),
        AdminOperation(
            .post, "/mappings/test", "testMappings", .mappings,
            "Shows which rules fire for one person and why: those that are saved, or others", access: .read,
            body: Message(schema: .mappingTest), successes: [Success(status: 200, schema: .mappingTrace, meaning: "What each rule does")],
            errors: [404],
            act: { call in
                let message = try call.message("user", "rules")
                let rules = message.has("rules") ? Optional(message.value("rules")) : Optional.none
                let trace = try await call.provisioner.testMappings(rules, on: try message.required("user"), in: call.tenant)
                return AdminAnswer(trace.json)
            }),
        AdminOperation(
            .post, "/mappings/reapply", "reapplyMappings", .mappings,
            "Applies the newest rules to everybody, as far as approvals and the delete guard allow",
            successes: [Success(status: 200, schema: .batches, meaning: "What it comes to at each target")],
            act: { call in
                let batches = try await call.provisioner.reapplyMappings(in: call.tenant, by: call.actor)
                return AdminAnswer(["batches": .array(batches.map(\.json))])
            }),
    ]
}
