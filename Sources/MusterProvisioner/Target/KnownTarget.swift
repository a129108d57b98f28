package import MusterCore
import SCIM

/// A target with what its row says, read.
package struct KnownTarget: Sendable {
    /// The row.
    package var row: ProvisioningTarget
    /// What the administrator decided.
    package var definition: TargetDefinition
    /// The groups that it had when the connection was switched on.
    package var groups: [TargetGroup]

    /// Its name in its tenant.
    var key: Provisioner.TargetKey { Provisioner.TargetKey(tenant: row.tenant, name: row.name) }

    /// Reads a row.
    /// - Throws: ``ProvisionerError`` `invalid` when it was written by another version and makes no sense to this one.
    package init(_ row: ProvisioningTarget) throws {
        self.row = row
        let (definition, findings) = TargetDefinition.read((try? AttributeValue(json: row.definition)) ?? .null)
        guard let definition else {
            throw ProvisionerError(.invalid, "the definition of the target '\(row.name)' cannot be read", findings: findings)
        }
        self.definition = definition
        groups = TargetGroup.list(row.groups)
    }
}

extension TargetGroup {
    /// Reads a list of groups as a row keeps it.
    static func list(_ bytes: [UInt8]) -> [TargetGroup] {
        ((try? AttributeValue(json: bytes))?.array ?? []).compactMap { entry in
            guard let id = entry["id"]?.string, let name = entry["displayName"]?.string else { return nil }
            return TargetGroup(id: id, name: name)
        }
    }

    /// The list as a row keeps it.
    static func bytes(_ groups: [TargetGroup]) -> [UInt8] {
        AttributeValue.array(groups.map { ["id": .string($0.id), "displayName": .string($0.name)] }).jsonBytes
    }
}
