import GRDB
import MusterCore
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite struct UpgradeTests {
    @Test("a file of version 1 is brought up to date with all that is in it")
    func fromFirst() async throws {
        let folder = try TestFolder()
        let path = folder.path("muster.sqlite")
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            try database.execute(sql: Self.tables)
            try database.execute(sql: Self.rows)
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.pragma("integrity_check") == "ok")
        let acme = Tenant(name: "acme")
        @Sendable func key(_ id: String) -> ResourceKey { ResourceKey(type: id == "u" ? "User" : "Group", id: id) }
        try await store.read(.scan) { transaction throws in
            #expect(try transaction.tenants() == [.default, acme])
            #expect(try transaction.resource(key("u"))?.document == Array("{\"id\":\"u\",\"userName\":\"ada\"}".utf8))
            #expect(try transaction.resource(key("u"))?.meta.version == 3)
            #expect(try transaction.groups(of: key("u")).map(\.group.id) == ["inner"])
            #expect(try transaction.indirectGroups(of: key("u")).map(\.group.id) == ["outer"])
            #expect(try transaction.resources(StoreContract.query(.user, "groups eq \"outer\"")).resources.map(\.key.id) == ["u"])
            #expect(try transaction.resources(StoreContract.query(.user, "userName eq \"ADA\"")).totalResults == 1)
            let changes = try transaction.changes(in: .default, after: 0, limit: 9)
            #expect(changes.map(\.number) == [5, 6, 7])
            #expect(changes.map(\.record.operation) == [.create, .patch, .delete])
            #expect(changes.map { $0.events.map(\.id) } == [["c5-1"], [], []])
            #expect(try transaction.deliveries(DeliveryQuery()).map(\.event.change) == [changes[0].record])
            #expect(try transaction.accessToken(id: "t")?.tenant == acme)
            #expect(try transaction.setting("index") == "v1")
        }
        // What attempts do is kept from now on.
        let waiting = try #require(try await store.read { try $0.deliveries(DeliveryQuery()) }.first)
        #expect(
            try await store.read(.scan) { try $0.recordedDeliveries(to: "plugin:a", after: 0, fromChange: 0, limit: 9) }.map(\.record) == [
                nil
            ])
        try await store.write { try $0.record([7], of: waiting) }
        #expect(
            try await store.read(.scan) { try $0.recordedDeliveries(to: "plugin:a", after: 0, fromChange: 0, limit: 9) }.map(\.record) == [
                [7]
            ])
        // What is added comes behind all that there was.
        try await store.write { transaction in
            try transaction.insert(Samples.stored("User", "v", ["userName": "v"]))
            try transaction.setSecret("password", of: key("u"), to: [1])
            try transaction.append(Samples.event(of: "v", change: "8"), to: "plugin:a")
        }
        #expect(try await store.read { try $0.changeBounds(in: .default)?.newest } == 8)
        #expect(try await store.read(.scan) { try $0.resources(StoreContract.query(.user, nil)).resources.map(\.key.id) } == ["u", "v"])
        await #expect(throws: StoreError(.uniqueness(path: "userName"), "")) {
            try await store.write { try $0.insert(Samples.stored("User", "w", ["userName": "ADA"])) }
        }
        try await store.write { try $0.delete(key("inner"), expected: 1) }
        #expect(try await store.read { try $0.groups(of: key("u")) }.isEmpty)
    }

    @Test("a file of version 4 keeps what is in it, and can be provisioned from")
    func fromFourth() async throws {
        let folder = try TestFolder()
        let path = folder.path("muster.sqlite")
        let user = Samples.stored("User", "u", ["userName": "u"])
        let old = try SQLiteStore(path: path)
        try await old.write { transaction in
            try transaction.insert(user)
            try transaction.append(Samples.event(of: "u", change: "1"), to: "plugin:a")
            try transaction.setSecret("password", of: user.key, to: [1])
        }
        try old.close()
        // The fifth version has tables of its own and changes none.
        let queue = try DatabaseQueue(path: path)
        try await queue.write { database in
            for table in Self.fifthTables { try database.execute(sql: "DROP TABLE \(table)") }
            try database.execute(sql: "DELETE FROM grdb_migrations WHERE identifier = '5'")
        }
        try queue.close()
        let store = try SQLiteStore(path: path)
        #expect(try await store.pragma("integrity_check") == "ok")
        try await store.read(.scan) { transaction throws in
            #expect(try transaction.resource(user.key) == user)
            #expect(try transaction.secret("password", of: user.key) == [1])
            #expect(try transaction.deliveries(DeliveryQuery()).map(\.event.change.id) == ["1"])
            #expect(try transaction.provisioningTargets(in: nil).isEmpty)
        }
        try await store.write { transaction in
            try transaction.insert(Samples.target())
            try transaction.save(Samples.link("u", "r"))
            try transaction.enqueue(Samples.task("u"))
        }
        #expect(try await store.read { try $0.provisioningTask(for: user.key, at: "slack") }?.number == 1)
    }

    /// Those that refer to others first.
    private static let fifthTables = [
        "provisioning_record", "provisioning_task", "target_assignment", "target_link", "provisioning_target", "audit_entry",
    ]

    /// A user in a group within a group, three changes with the delivery of one, and a second tenant with a token.
    private static let rows = """
        INSERT INTO tenant VALUES (1, 'default'), (2, 'acme');
        INSERT INTO name VALUES (1, 'User'), (2, 'Group'), (3, 'plugin:a');
        INSERT INTO resource VALUES
            (4, 1, 1, 'u', 3, 2, 1000, 2000, 'ada', CAST('{"id":"u","userName":"ada"}' AS BLOB)),
            (7, 1, 2, 'inner', 1, 1, 1000, 2000, 'Inner', CAST('{"id":"inner"}' AS BLOB)),
            (8, 1, 2, 'outer', 1, 1, 1000, 2000, 'Outer', CAST('{"id":"outer"}' AS BLOB));
        INSERT INTO resource_count VALUES (1, 1, 1), (1, 2, 2);
        INSERT INTO attribute VALUES (1, 1, 1, 'userName');
        INSERT INTO attribute_value VALUES (4, 1, 'ada', 1);
        INSERT INTO membership VALUES (1, 7, 4), (2, 8, 7);
        INSERT INTO change_record VALUES
            (5, 'c5', 1000, 1, 1, 'u', 'okta', 'r', 0, NULL, x'7B7D', x'5B5D', 1),
            (6, 'c6', 1000, 1, 1, 'u', 'okta', 'r', 0, x'7B7D', x'7B7D', x'5B5D', 0),
            (7, 'c7', 1000, 1, 1, 'x', 'okta', 'r', 0, x'7B7D', NULL, x'5B5D', 0);
        INSERT INTO event VALUES (5, 0, 'c5-1', 'onCreate', 1, 1, 'u', NULL, NULL, NULL, NULL);
        INSERT INTO delivery VALUES (1, 5, 0, 3, 1, 'u', 1000, 1, 0, 1000, 0, NULL, 0, NULL);
        INSERT INTO access_token VALUES ('t', 2, 'acme', x'00', 1000, NULL);
        INSERT INTO setting VALUES ('index', 'v1');
        INSERT INTO grdb_migrations VALUES ('1');
        """

    /// As version 1 made them.
    private static let tables = """
        PRAGMA application_id = 1297437524;
        CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
        CREATE TABLE tenant (
            number INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE
        ) STRICT;

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

        CREATE TABLE attribute_value (
            resource INTEGER NOT NULL,
            attribute INTEGER NOT NULL,
            value ANY NOT NULL,
            is_unique INTEGER NOT NULL,
            PRIMARY KEY (resource, attribute, value)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attribute_value_lookup ON attribute_value (attribute, value, resource);
        CREATE UNIQUE INDEX attribute_value_unique ON attribute_value (attribute, value) WHERE is_unique = 1;

        CREATE TABLE membership (
            number INTEGER PRIMARY KEY,
            group_number INTEGER NOT NULL REFERENCES resource (number) ON DELETE CASCADE,
            member_number INTEGER NOT NULL REFERENCES resource (number) ON DELETE CASCADE
        ) STRICT;
        CREATE UNIQUE INDEX membership_pair ON membership (group_number, member_number);
        CREATE INDEX membership_group ON membership (group_number);
        CREATE INDEX membership_member ON membership (member_number);

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
}
