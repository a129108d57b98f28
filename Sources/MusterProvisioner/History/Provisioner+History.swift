package import MusterCore
package import SCIM

extension Provisioner {
    /// What was done, newest first; those older than the number `before`, 0 for the newest.
    package func records(
        of target: String? = nil, subject: ResourceKey? = nil, before: Int64 = 0, limit: Int = 100, in tenant: Tenant
    ) async throws -> [ProvisioningRecord] {
        try await store.read { transaction in
            if let target, try transaction.provisioningTarget(target, in: tenant) == nil { throw ProvisionerError.noTarget(target) }
            return try transaction.provisioningRecords(in: tenant, target: target, subject: subject, before: before, limit: limit)
        }
    }

    /// The acts of administrators, newest first; those older than the number `before`, 0 for the newest.
    /// - Parameter tenant: nil for all.
    package func audit(before: Int64 = 0, limit: Int = 100, in tenant: Tenant?) async throws -> [AuditEntry] {
        try await store.read { try $0.auditEntries(in: tenant, before: before, limit: limit) }
    }

    /// How all targets stand, as `/health/detail` says it: the state of each, its open work, why it is quarantined, and the
    /// batches that the delete guard holds.
    package func health() async throws -> AttributeValue {
        let (rows, summaries) = try await store.read(.scan) {
            (try $0.provisioningTargets(in: nil), try $0.provisioningSummaries(in: nil))
        }
        return .array(
            rows.map { row in
                var map: AttributeMap = [
                    "tenant": .string(row.tenant.name), "name": .string(row.name), "state": .string(row.state.rawValue),
                ]
                if let reason = row.reason { map.append("reason", .string(reason)) }
                if let time = row.resumesAt { map.append("resumesAt", .string(time.dateTime)) }
                let summary = summaries.first { $0.tenant == row.tenant && $0.target == row.name }
                let counts = summary?.counts ?? [:]
                map.append(
                    "tasks",
                    .complex(
                        AttributeMap(
                            ProvisioningTask.State.allCases.map { .init(name: $0.rawValue, value: .integer(Int64(counts[$0] ?? 0))) })))
                if let held = summary?.held, !held.isEmpty {
                    map.append("parked", .array(held.map { ["batch": .string($0.batch), "plans": .integer(Int64($0.plans))] }))
                }
                return .complex(map)
            })
    }
}
