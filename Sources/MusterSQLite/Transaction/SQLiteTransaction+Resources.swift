import GRDBSQLite
import MusterCore
import SCIM

/// Columns of `resource` as ``SQLRow/resource(_:)`` reads them.
private let columns = "id, version, document_version, created, modified, display, document"

extension SQLRow {
    /// The resource in a row of `columns`.
    fileprivate func resource(of type: String, in tenant: Tenant) -> StoredResource {
        StoredResource(
            key: ResourceKey(tenant: tenant, type: type, id: text(0)), document: bytes(6),
            meta: Meta(resourceType: type, created: timestamp(3), lastModified: timestamp(4), version: integer(1)),
            documentVersion: integer(2), display: optionalText(5))
    }
}

// MARK: - Reading

extension SQLiteTransaction {
    func resource(_ key: ResourceKey) throws -> StoredResource? {
        guard let (tenant, type) = try numbers(of: key.tenant, key.type) else { return nil }
        let sql = "SELECT \(columns) FROM resource WHERE tenant = ? AND id = ? AND type = ?"
        return try connection.first(sql, tenant, key.id, type) { $0.resource(of: key.type, in: key.tenant) }
    }

    /// The resource in a row that was found by a search for `type` in `tenant`.
    func resource(inRow number: Int64, of type: String, in tenant: Tenant) throws -> StoredResource? {
        try connection.first("SELECT \(columns) FROM resource WHERE number = ?", number) { $0.resource(of: type, in: tenant) }
    }

    func forEachResource(of type: String, in tenant: Tenant, _ body: (StoredResource) throws -> Void) throws {
        guard let (tenantNumber, typeNumber) = try numbers(of: tenant, type) else { return }
        let sql = "SELECT \(columns) FROM resource INDEXED BY resource_type WHERE tenant = ? AND type = ? ORDER BY number"
        try connection.each(sql, tenantNumber, typeNumber) { try body($0.resource(of: type, in: tenant)) }
    }

    func resources(
        of type: String, in tenant: Tenant, where attribute: String, equals value: IndexValue
    ) throws -> [StoredResource] {
        guard let (tenantNumber, typeNumber) = try numbers(of: tenant, type),
            let attribute = try number(ofAttribute: attribute, tenant: tenantNumber, type: typeNumber)
        else { return [] }
        var found: [Int64] = []
        let sql = "SELECT resource FROM attribute_value WHERE attribute = ? AND value = ? ORDER BY resource"
        try connection.each(sql, attribute, value) { found.append($0.integer(0)) }
        return try found.compactMap { try resource(inRow: $0, of: type, in: tenant) }
    }

    /// The numbers of a tenant and a resource type; nil when either has nothing here.
    func numbers(of tenant: Tenant, _ type: String) throws -> (tenant: Int64, type: Int64)? {
        guard let tenant = try number(of: tenant), let type = try number(of: type) else { return nil }
        return (tenant, type)
    }

    /// The number of a resource's row, or nil.
    func row(of key: ResourceKey) throws -> Int64? {
        guard let (tenant, type) = try numbers(of: key.tenant, key.type) else { return nil }
        let sql = "SELECT number FROM resource WHERE tenant = ? AND id = ? AND type = ?"
        return try connection.first(sql, tenant, key.id, type) { $0.integer(0) }
    }
}

// MARK: - Writing

extension SQLiteTransaction {
    func insert(_ resource: StoredResource, index: [IndexEntry]) throws {
        let (key, meta) = (resource.key, resource.meta)
        let (tenant, type) = (try existingNumber(of: key.tenant), try newNumber(of: key.type))
        do {
            try connection.run(
                """
                INSERT INTO resource (tenant, type, id, version, document_version, created, modified, display, document)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """, tenant, type, key.id, meta.version, resource.documentVersion, meta.created, meta.lastModified,
                resource.display, resource.document)
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            throw StoreError(.conflict, "there is a resource with the id '\(key.id)' already")
        }
        let row = connection.lastInsertedRow
        for entry in index { try insert(entry, row: row, tenant: tenant, type: type) }
        try connection.run(
            """
            INSERT INTO resource_count (tenant, type, resources) VALUES (?, ?, 1)
            ON CONFLICT DO UPDATE SET resources = resources + 1
            """, tenant, type)
    }

    func update(_ resource: StoredResource, expected: Int64, index: [IndexEntry]) throws {
        let meta = resource.meta
        let row = try self.row(of: resource.key, expecting: expected)
        try connection.run(
            """
            UPDATE resource SET version = ?, document_version = ?, created = ?, modified = ?, display = ?, document = ?
            WHERE number = ?
            """, meta.version, resource.documentVersion, meta.created, meta.lastModified, resource.display,
            resource.document, row)
        try replaceEntries(ofRow: row, resource.key, with: index)
    }

    func touch(_ key: ResourceKey, lastModified: Timestamp) throws -> Meta {
        guard let row = try row(of: key) else { throw StoreError.missing(key) }
        let sql = """
            UPDATE resource SET version = version + 1, modified = max(modified, ?) WHERE number = ?
            RETURNING created, modified, version
            """
        let meta = try connection.first(sql, lastModified, row) {
            Meta(resourceType: key.type, created: $0.timestamp(0), lastModified: $0.timestamp(1), version: $0.integer(2))
        }
        guard let meta else { throw StoreError.missing(key) }
        return meta
    }

    func delete(_ key: ResourceKey, expected: Int64) throws {
        let row = try self.row(of: key, expecting: expected)
        try connection.run("DELETE FROM attribute_value WHERE resource = ?", row)
        // Memberships go with it.
        try connection.run("DELETE FROM resource WHERE number = ?", row)
        guard let (tenant, type) = try numbers(of: key.tenant, key.type) else { return }
        try connection.run(
            "UPDATE resource_count SET resources = resources - 1, removals = removals + 1 WHERE tenant = ? AND type = ?", tenant, type)
    }

    func reindex(_ key: ResourceKey, index: [IndexEntry]) throws {
        guard let row = try row(of: key) else { throw StoreError.missing(key) }
        try replaceEntries(ofRow: row, key, with: index)
    }

    private func row(of key: ResourceKey, expecting expected: Int64) throws -> Int64 {
        guard let (tenant, type) = try numbers(of: key.tenant, key.type) else { throw StoreError.missing(key) }
        let sql = "SELECT number, document_version FROM resource WHERE tenant = ? AND id = ? AND type = ?"
        let found = try connection.first(sql, tenant, key.id, type) { ($0.integer(0), $0.integer(1)) }
        guard let (row, version) = found else { throw StoreError.missing(key) }
        guard version == expected else {
            throw StoreError(.conflict, "\(key.type) '\(key.id)' was changed by another request; read it again and retry")
        }
        return row
    }

    /// Writes only what differs: most changes touch one attribute of many.
    private func replaceEntries(ofRow row: Int64, _ key: ResourceKey, with index: [IndexEntry]) throws {
        let (tenant, type) = (try existingNumber(of: key.tenant), try newNumber(of: key.type))
        struct Entry: Hashable {
            var attribute: Int64
            var value: IndexValue?
            var isUnique: Bool
        }
        var surplus: Set<Entry> = []
        try connection.each("SELECT attribute, value, is_unique FROM attribute_value WHERE resource = ?", row) {
            surplus.insert(Entry(attribute: $0.integer(0), value: $0.optionalIndexValue(1), isUnique: $0.integer(2) != 0))
        }
        var missing: [IndexEntry] = []
        for entry in index {
            let attribute = try newNumber(ofAttribute: entry.attribute, tenant: tenant, type: type)
            let present = surplus.remove(Entry(attribute: attribute, value: entry.value, isUnique: entry.isUnique))
            if present == nil { missing.append(entry) }
        }
        for entry in surplus {
            try connection.run(
                "DELETE FROM attribute_value WHERE resource = ? AND attribute = ? AND value = ?", row, entry.attribute,
                SQLValue(entry.value))
        }
        for entry in missing { try insert(entry, row: row, tenant: tenant, type: type) }
    }

    private func insert(_ entry: IndexEntry, row: Int64, tenant: Int64, type: Int64) throws {
        if case .real(let number) = entry.value, number.isNaN { return }
        let attribute = try newNumber(ofAttribute: entry.attribute, tenant: tenant, type: type)
        do {
            try connection.run(
                "INSERT INTO attribute_value (resource, attribute, value, is_unique) VALUES (?, ?, ?, ?)",
                row, attribute, SQLValue(entry.value), entry.isUnique ? 1 : 0)
        } catch let failure as SQLiteFailure where failure.isPrimaryKey {
            return  // the same value twice, such as 2 and 2.0
        } catch let failure as SQLiteFailure where failure.isUniqueness {
            throw StoreError(.uniqueness(path: entry.attribute), "another resource has this \(entry.attribute) already")
        }
    }
}

extension StoreError {
    /// There is no such resource.
    static func missing(_ key: ResourceKey) -> StoreError {
        StoreError(.notFound, "there is no \(key.type) with the id '\(key.id)'")
    }
}
