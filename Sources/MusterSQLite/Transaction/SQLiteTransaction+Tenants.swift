import MusterCore
import SCIM

// MARK: - Reading

extension SQLiteTransaction {
    func tenants() throws -> [Tenant] {
        var found: [Tenant] = []
        // The default one has the first number.
        try connection.each("SELECT name FROM tenant ORDER BY number") { found.append(Tenant(name: $0.text(0))) }
        return found
    }

    func hasTenant(_ tenant: Tenant) throws -> Bool { try number(of: tenant) != nil }
}

// MARK: - Writing

extension SQLiteTransaction {
    func createTenant(_ tenant: Tenant) throws {
        do { try connection.run("INSERT INTO tenant (name) VALUES (?)", tenant.name) } catch let failure as SQLiteFailure
            where failure.isUniqueness
        {
            throw StoreError(.conflict, "there is a tenant called '\(tenant.name)' already")
        }
    }

    func deleteTenant(_ tenant: Tenant) throws {
        guard tenant != .default else { throw StoreError(.conflict, "the default tenant cannot be removed") }
        let number = try existingNumber(of: tenant)
        try deleteDeliveries(ofTenant: number)
        for statement in Self.deletions { while try connection.run(statement, number) > 0 {} }
        while try deleteSomeResources(ofTenant: number) {}
        // With targets go their assignments.
        for table in ["resource_count", "attribute", "access_token", "provisioning_target"] {
            try connection.run("DELETE FROM \(table) WHERE tenant = ?", number)
        }
        try connection.run(Self.settingsDeletion, tenant.name)
        try connection.run("DELETE FROM tenant WHERE number = ?", number)
        forgetNumber(of: tenant)
    }

    /// Each is repeated until nothing is left, so that no statement has more than a few rows in hand. Events go with their
    /// change.
    private static let deletions = [
        """
        DELETE FROM change_record WHERE number IN (
            SELECT number FROM change_record INDEXED BY change_record_tenant WHERE tenant = ? LIMIT 500)
        """,
        "DELETE FROM plugin_value WHERE number IN (SELECT number FROM plugin_value WHERE tenant = ? LIMIT 500)",
        """
        DELETE FROM target_link WHERE (target, type, id) IN (
            SELECT l.target, l.type, l.id FROM provisioning_target t JOIN target_link l ON l.target = t.number WHERE t.tenant = ? LIMIT 500)
        """,
        """
        DELETE FROM provisioning_task WHERE number IN (
            SELECT k.number FROM provisioning_target t JOIN provisioning_task k ON k.target = t.number WHERE t.tenant = ? LIMIT 500)
        """,
        """
        DELETE FROM provisioning_record WHERE number IN (
            SELECT r.number FROM provisioning_target t JOIN provisioning_record r ON r.target = t.number WHERE t.tenant = ? LIMIT 500)
        """,
        "DELETE FROM audit_entry WHERE number IN (SELECT number FROM audit_entry WHERE tenant = ? LIMIT 500)",
    ]

    /// Settings of one tenant end in a colon and its name, where that is not the end of a longer name.
    private static let settingsDeletion = """
        DELETE FROM setting WHERE substr(name, -length(?1) - 1) = ':' || ?1 AND NOT EXISTS (
            SELECT 1 FROM tenant t WHERE length(t.name) > length(?1) AND substr(setting.name, -length(t.name) - 1) = ':' || t.name)
        """

    /// Memberships and secrets go with their resource.
    /// - Returns: Whether there were any.
    private func deleteSomeResources(ofTenant tenant: Int64) throws -> Bool {
        let some = "SELECT number FROM resource INDEXED BY resource_type WHERE tenant = ? ORDER BY type, number LIMIT 500"
        try connection.run("DELETE FROM attribute_value WHERE resource IN (\(some))", tenant)
        return try connection.run("DELETE FROM resource WHERE number IN (\(some))", tenant) > 0
    }

    /// No index finds the deliveries of a tenant, hence a walk over all of them by steps.
    private func deleteDeliveries(ofTenant tenant: Int64) throws {
        let step = "SELECT max(number) FROM (SELECT number FROM delivery WHERE number > ? ORDER BY number LIMIT 1000)"
        var last: Int64 = 0
        while let end = try connection.first(step, last, body: { $0.isNull(0) ? nil : $0.integer(0) }) ?? nil {
            try connection.run("DELETE FROM delivery WHERE tenant = ? AND number > ? AND number <= ?", tenant, last, end)
            last = end
        }
    }
}

extension StoreError {
    /// There is no such tenant.
    static func missing(_ tenant: Tenant) -> StoreError {
        StoreError(.notFound, "there is no tenant called '\(tenant.name)'; create it first")
    }
}
