import HTTPTypes
import MusterCore
import MusterProvisioner
import SCIM

extension AdminOperation {
    /// What was done at targets, and by administrators.
    static let history: [AdminOperation] = [
        AdminOperation(
            .get, "/targets/{name}/records", "listRecords", .history, "Lists what was done at a target, newest first",
            query: [.user, .before, .limit],
            successes: [Success(status: 200, schema: .recordList, meaning: "One page of records")], errors: [404],
            act: { call in
                var subject: ResourceKey?
                if let user = call.parameter(.user) {
                    subject = try await call.provisioner.subject(
                        user, ofType: ResourceType.user.name, knownAt: call["name"], in: call.tenant)
                }
                let found = try await call.provisioner.records(
                    of: call["name"], subject: subject, before: try call.position(.before), limit: try call.limit() + 1, in: call.tenant)
                return try call.page(found, \.json, next: { String($0.number) })
            }),
        AdminOperation(
            .get, "/audit", "listAudit", .history, "Lists what administrators did, newest first", query: [.before, .limit],
            successes: [Success(status: 200, schema: .auditList, meaning: "One page of acts")],
            act: { call in
                let found = try await call.provisioner.audit(
                    before: try call.position(.before), limit: try call.limit() + 1, in: call.tenant)
                return try call.page(found, \.json, next: { String($0.number) })
            }),
    ]
}
