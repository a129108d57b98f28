import MusterCore
import SCIM

extension Migrations {
    /// Numbers of tenants, resources and changes are used once only: cursors, readers of the changes and caches of other
    /// processes hold them when the rows are long gone. Sorting by any column and finding nested groups get indexes.
    static let second = """
        CREATE TABLE new_tenant (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE
        ) STRICT;
        INSERT INTO new_tenant SELECT number, name FROM tenant;
        DROP TABLE tenant;
        ALTER TABLE new_tenant RENAME TO tenant;

        CREATE TABLE new_resource (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            id TEXT NOT NULL,
            version INTEGER NOT NULL,
            document_version INTEGER NOT NULL,
            created INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            display TEXT,
            document BLOB NOT NULL
        ) STRICT;
        INSERT INTO new_resource
            SELECT number, tenant, type, id, version, document_version, created, modified, display, document FROM resource;
        DROP TABLE resource;
        ALTER TABLE new_resource RENAME TO resource;
        CREATE UNIQUE INDEX resource_id ON resource (tenant, id);
        CREATE INDEX resource_type ON resource (tenant, type);
        CREATE INDEX resource_type_id ON resource (tenant, type, id);
        CREATE INDEX resource_created ON resource (tenant, type, created);
        CREATE INDEX resource_modified ON resource (tenant, type, modified);

        -- Grows whenever one is removed, and so tells whether the place of a number among all has moved.
        ALTER TABLE resource_count ADD COLUMN removals INTEGER NOT NULL DEFAULT 0;

        -- Whether the member is of the group's own type: a group within a group.
        ALTER TABLE membership ADD COLUMN is_nested INTEGER NOT NULL DEFAULT 0;
        UPDATE membership SET is_nested = 1
            WHERE (SELECT type FROM resource WHERE number = member_number) = (SELECT type FROM resource WHERE number = group_number);
        CREATE INDEX membership_nested ON membership (group_number, member_number) WHERE is_nested = 1;

        CREATE TABLE new_change_record (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL,
            time INTEGER NOT NULL,
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            resource TEXT NOT NULL,
            operation TEXT NOT NULL,
            actor TEXT NOT NULL,
            request_id TEXT NOT NULL,
            depth INTEGER NOT NULL,
            document_before BLOB,
            document_after BLOB,
            changes BLOB NOT NULL,
            deliveries INTEGER NOT NULL
        ) STRICT;
        INSERT INTO new_change_record
            SELECT number, id, time, tenant, type, resource,
                CASE WHEN document_after IS NULL THEN '\(ResourceChange.Operation.delete.rawValue)'
                    WHEN document_before IS NULL THEN '\(ResourceChange.Operation.create.rawValue)'
                    ELSE '\(ResourceChange.Operation.patch.rawValue)' END,
                actor, request_id, depth, document_before, document_after, changes, deliveries
            FROM change_record;
        DROP TABLE change_record;
        ALTER TABLE new_change_record RENAME TO change_record;
        CREATE INDEX change_record_unneeded ON change_record (time) WHERE deliveries = 0;
        CREATE INDEX change_record_tenant ON change_record (tenant);

        -- What belongs to a resource and is in no document, such as the hash of a password.
        CREATE TABLE secret (
            resource INTEGER NOT NULL REFERENCES resource (number) ON DELETE CASCADE,
            attribute TEXT NOT NULL,
            value BLOB NOT NULL,
            PRIMARY KEY (resource, attribute)
        ) STRICT, WITHOUT ROWID;
        """
}
