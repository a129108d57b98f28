import GRDB

/// The tables, and how a file of an older version becomes one of this version.
///
/// Rows name tenants, types, subscribers and attributes by small numbers (``Names``), and resources by the number of
/// their row: a table of 1 KB rows is read three times as fast that way as under a text key.
enum Migrations {
    /// All of them in order. A migration that was published is never changed.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { try $0.execute(sql: first) }
        migrator.registerMigration("2") { try $0.execute(sql: second) }
        migrator.registerMigration("3") { try $0.execute(sql: third) }
        migrator.registerMigration("4") { try $0.execute(sql: fourth) }
        migrator.registerMigration("5") { try $0.execute(sql: fifth) }
        return migrator
    }

    /// The number of the default tenant, which nobody can remove.
    static let defaultTenant: Int64 = 1

    /// Marks a file as ours in its header: "MUST" in ASCII.
    static let applicationID: Int64 = 0x4D55_5354

    private static let first = """
        PRAGMA application_id = \(applicationID);

        CREATE TABLE tenant (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;
        INSERT INTO tenant (number, name) VALUES (1, 'default');

        CREATE TABLE name (
            number INTEGER PRIMARY KEY,
            text TEXT NOT NULL UNIQUE
        ) STRICT;

        CREATE TABLE resource (
            number INTEGER PRIMARY KEY,
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
        CREATE UNIQUE INDEX resource_id ON resource (tenant, id);
        CREATE INDEX resource_type ON resource (tenant, type);
        CREATE INDEX resource_modified ON resource (tenant, type, modified);

        -- How many resources of a type a tenant has, so that nobody has to count them.
        CREATE TABLE resource_count (
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            resources INTEGER NOT NULL,
            PRIMARY KEY (tenant, type)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE attribute (
            number INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            name TEXT NOT NULL,
            UNIQUE (tenant, type, name)
        ) STRICT;

        -- An attribute's number stands for its tenant and type too.
        CREATE TABLE attribute_value (
            resource INTEGER NOT NULL,
            attribute INTEGER NOT NULL,
            value ANY NOT NULL,
            is_unique INTEGER NOT NULL,
            PRIMARY KEY (resource, attribute, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attribute_value_lookup ON attribute_value (attribute, value, resource);
        CREATE UNIQUE INDEX attribute_value_unique ON attribute_value (attribute, value) WHERE is_unique = 1;

        -- The number grows in the order of joining.
        CREATE TABLE membership (
            number INTEGER PRIMARY KEY,
            group_number INTEGER NOT NULL REFERENCES resource (number) ON DELETE CASCADE,
            member_number INTEGER NOT NULL REFERENCES resource (number) ON DELETE CASCADE
        ) STRICT;
        CREATE UNIQUE INDEX membership_pair ON membership (group_number, member_number);
        CREATE INDEX membership_group ON membership (group_number);
        CREATE INDEX membership_member ON membership (member_number);

        -- What its events have in common. Deliveries counts the rows of delivery that need it.
        CREATE TABLE change_record (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL,
            time INTEGER NOT NULL,
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            resource TEXT NOT NULL,
            actor TEXT NOT NULL,
            request_id TEXT NOT NULL,
            depth INTEGER NOT NULL,
            document_before BLOB,
            document_after BLOB,
            changes BLOB NOT NULL,
            deliveries INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX change_record_unneeded ON change_record (time) WHERE deliveries = 0;

        CREATE TABLE event (
            change INTEGER NOT NULL REFERENCES change_record (number) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            id TEXT NOT NULL,
            kind TEXT NOT NULL,
            tenant INTEGER NOT NULL,
            type INTEGER NOT NULL,
            subject TEXT NOT NULL,
            group_type INTEGER,
            group_id TEXT,
            old_manager TEXT,
            new_manager TEXT,
            PRIMARY KEY (change, position)
        ) STRICT, WITHOUT ROWID;

        -- States: 0 blocked, 1 ready, 2 leased, 3 delivered, 4 set aside, 5 dropped.
        -- Numbers are not used twice, so that an old claim never meets a new delivery.
        CREATE TABLE delivery (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            change INTEGER NOT NULL,
            position INTEGER NOT NULL,
            subscriber INTEGER NOT NULL,
            tenant INTEGER NOT NULL,
            subject TEXT NOT NULL,
            time INTEGER NOT NULL,
            state INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            due INTEGER NOT NULL,
            lease INTEGER NOT NULL,
            leased_until INTEGER,
            acknowledged INTEGER NOT NULL,
            last_error TEXT
        ) STRICT;
        -- At most one delivery of a subject is on its way to a subscriber: order, kept by an index.
        CREATE UNIQUE INDEX delivery_head ON delivery (subscriber, tenant, subject) WHERE state IN (1, 2);
        CREATE INDEX delivery_blocked ON delivery (subscriber, tenant, subject) WHERE state = 0;
        CREATE INDEX delivery_ready ON delivery (subscriber, due) WHERE state = 1;
        CREATE INDEX delivery_leased ON delivery (subscriber, leased_until) WHERE state = 2;
        CREATE INDEX delivery_set_aside ON delivery (subscriber) WHERE state = 4;
        CREATE INDEX delivery_finished ON delivery (time) WHERE state IN (3, 5);

        CREATE TABLE access_token (
            id TEXT PRIMARY KEY,
            tenant INTEGER NOT NULL,
            name TEXT NOT NULL,
            hash BLOB NOT NULL,
            created INTEGER NOT NULL,
            revoked INTEGER
        ) STRICT;

        CREATE TABLE plugin_value (
            number INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            plugin TEXT NOT NULL,
            key TEXT NOT NULL,
            value BLOB NOT NULL,
            expires INTEGER,
            UNIQUE (tenant, plugin, key)
        ) STRICT;
        CREATE INDEX plugin_value_expires ON plugin_value (expires) WHERE expires IS NOT NULL;

        CREATE TABLE setting (
            name TEXT PRIMARY KEY,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// Scopes, expiry and last use of access tokens; those that are there keep full access.
    private static let third = """
        ALTER TABLE access_token ADD COLUMN scopes TEXT NOT NULL DEFAULT '*';
        ALTER TABLE access_token ADD COLUMN dialect TEXT;
        ALTER TABLE access_token ADD COLUMN expires INTEGER;
        ALTER TABLE access_token ADD COLUMN last_used INTEGER;
        """
}
