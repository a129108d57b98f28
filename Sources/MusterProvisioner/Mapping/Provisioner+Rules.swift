package import MusterCore
package import SCIM

extension Provisioner {
    /// The name of the setting with the number of a tenant's newest rules.
    private static func versionSetting(_ tenant: Tenant) -> String { "provisioning.rules:\(tenant.name)" }

    /// The name of the setting with the rules of one version.
    private static func rulesSetting(_ version: Int64, _ tenant: Tenant) -> String { "provisioning.rules.\(version):\(tenant.name)" }

    /// The newest rules of a tenant; version 0 and none where there never were any.
    static func newestRules(in tenant: Tenant, _ transaction: any ReadTransaction) throws -> VersionedRules {
        let version = try transaction.setting(versionSetting(tenant)).flatMap { Int64($0) } ?? 0
        return try rules(version, in: tenant, transaction)
    }

    /// The rules of one version.
    static func rules(_ version: Int64, in tenant: Tenant, _ transaction: any ReadTransaction) throws -> VersionedRules {
        guard version > 0, let text = try transaction.setting(rulesSetting(version, tenant)), let json = try? AttributeValue(json: text)
        else { return VersionedRules(version: version, rules: MappingRules()) }
        return VersionedRules(version: version, rules: MappingRules.read(json).rules)
    }

    /// The mapping rules of a tenant as JSON, with the number of their version; 0 and an empty list where there never were any.
    package func mappings(in tenant: Tenant) async throws -> (version: Int64, rules: AttributeValue) {
        try await store.read { transaction in
            let newest = try Self.newestRules(in: tenant, transaction)
            return (newest.version, newest.rules.json)
        }
    }

    /// Replaces the mapping rules of a tenant. They hold for new people; for the others once they are reapplied.
    /// - Parameter replaced: The number of the version that was changed; nil for whichever is the newest.
    /// - Returns: The number of the new version, and warnings.
    /// - Throws: ``ProvisionerError`` `invalid` with all findings; `conflict` where `replaced` is not the newest version any more.
    package func saveMappings(
        _ json: AttributeValue, replacing replaced: Int64? = nil, in tenant: Tenant, by actor: String
    ) async throws -> (version: Int64, findings: [Finding]) {
        let (rules, findings) = MappingRules.read(json)
        guard !findings.contains(where: { $0.severity == .error }) else {
            throw ProvisionerError(.invalid, "the mapping rules cannot be used", findings: findings)
        }
        let now = clock.now()
        let version = try await store.write { transaction in
            let newest = try transaction.setting(Self.versionSetting(tenant)).flatMap { Int64($0) } ?? 0
            guard replaced == nil || replaced == newest else {
                throw ProvisionerError(.conflict, "the rules are in version \(newest) by now; look at them and change these")
            }
            let version = newest + 1
            try transaction.setSetting(Self.rulesSetting(version, tenant), String(decoding: rules.json.jsonBytes, as: UTF8.self))
            try transaction.setSetting(Self.versionSetting(tenant), String(version))
            try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: "mapping.save", object: "version \(version)"))
            return version
        }
        return (version, findings)
    }

    /// Shows which rules fire for one person, and why.
    /// - Parameters:
    ///   - json: Rules to try; nil for those that are saved.
    ///   - person: An id or a userName.
    /// - Throws: ``ProvisionerError`` `notFound`, `invalid`.
    package func testMappings(_ json: AttributeValue? = nil, on person: String, in tenant: Tenant) async throws -> MappingTrace {
        let tried = json.map { MappingRules.read($0) }
        if let tried, tried.findings.contains(where: { $0.severity == .error }) {
            throw ProvisionerError(.invalid, "the mapping rules cannot be used", findings: tried.findings)
        }
        let key = try await self.person(person, in: tenant)
        return try await store.read { transaction in
            guard let person = try Person(key, target: "", in: transaction) else { throw ProvisionerError.noPerson(person) }
            let rules = try tried?.rules ?? Self.newestRules(in: tenant, transaction).rules
            return rules.trace(person)
        }
    }

    /// Applies the newest rules to everybody, at every target that is not switched off. Where that would take too much away, the
    /// delete guard holds all of it.
    /// - Parameter progress: Told how many people were looked at, of how many.
    /// - Returns: What it comes to at each target.
    /// - Throws: ``ProvisionerError`` `invalid` where a target cannot be read; nothing is done then.
    package func reapplyMappings(
        in tenant: Tenant, by actor: String, progress: @escaping @Sendable (_ done: Int, _ all: Int) -> Void = { _, _ in }
    ) async throws -> [ProvisioningBatch] {
        let rows = try await store.read { try $0.provisioningTargets(in: tenant) }
        let targets = try rows.filter { $0.state != .off }.map { try known($0) }
        let now = clock.now()
        try await store.write { transaction in
            for target in targets {
                try Replanning(reappliesRules: true, time: now).write(at: target.row.name, in: tenant, transaction)
            }
            try transaction.append(AuditEntry(time: now, tenant: tenant, actor: actor, act: "mapping.reapply", object: "all targets"))
        }
        var batches: [ProvisioningBatch] = []
        for target in targets { batches.append(try await enqueueAll(at: target, reappliesRules: true, progress: progress)) }
        wake()
        return batches
    }
}
