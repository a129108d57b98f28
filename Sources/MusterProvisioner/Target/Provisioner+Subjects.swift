package import MusterCore
import SCIM

extension Provisioner {
    /// The key of a user or group: by id, userName or displayName while it is in the directory, else by the id under which it is
    /// still known at a target, by an assignment, an account or a record.
    /// - Parameter type: `User` or `Group`.
    /// - Throws: ``ProvisionerError`` `notFound`; `conflict` when several groups have the name.
    package func subject(_ idOrName: String, ofType type: String, knownAt target: String, in tenant: Tenant) async throws -> ResourceKey {
        do {
            return type == ResourceType.group.name ? try await group(idOrName, in: tenant) : try await person(idOrName, in: tenant)
        } catch let error as ProvisionerError where error.code == .notFound {
            let key = ResourceKey(tenant: tenant, type: type, id: idOrName)
            let isKnown = try await store.read { transaction in
                if try transaction.targetAssignment(of: key, to: target) != nil { return true }
                if try transaction.targetLink(key, to: target) != nil { return true }
                return try !transaction.provisioningRecords(in: tenant, target: target, subject: key, before: 0, limit: 1).isEmpty
            }
            guard isKnown else { throw error }
            return key
        }
    }

    /// What users and groups are called: userName or displayName. Those who left the directory are left out.
    package func names(of subjects: [ResourceKey]) async throws -> [ResourceKey: String] {
        let rows = try await store.read { transaction in try Set(subjects).compactMap { try transaction.resource($0) } }
        return try rows.reduce(into: [:]) { names, row in
            let resource = try Resource(stored: row)
            names[row.key] = resource["userName"]?.string ?? resource["displayName"]?.string
        }
    }
}
