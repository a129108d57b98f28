extension Migrations {
    /// Provisioning: targets, what ties people to accounts there, the open work, what was done, and the acts of administrators.
    static let fifth = """
        -- States: 0 off, 1 on, 2 quarantined.
        CREATE TABLE provisioning_target (
            number INTEGER PRIMARY KEY,
            tenant INTEGER NOT NULL,
            name TEXT NOT NULL,
            definition BLOB NOT NULL,
            state INTEGER NOT NULL,
            groups BLOB NOT NULL,
            reason TEXT,
            resumes INTEGER,
            quarantines INTEGER NOT NULL,
            version INTEGER NOT NULL,
            created INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            UNIQUE (tenant, name)
        ) STRICT;
        CREATE INDEX provisioning_target_open ON provisioning_target (tenant) WHERE state <> 0;

        -- Origins: 0 created, 1 adopted.
        CREATE TABLE target_link (
            target INTEGER NOT NULL REFERENCES provisioning_target (number) ON DELETE CASCADE,
            type INTEGER NOT NULL,
            id TEXT NOT NULL,
            remote_id TEXT,
            origin INTEGER NOT NULL,
            is_active INTEGER NOT NULL,
            document BLOB NOT NULL,
            groups TEXT NOT NULL,
            awaited_manager TEXT,
            rules INTEGER NOT NULL,
            left_scope INTEGER,
            updated INTEGER NOT NULL,
            PRIMARY KEY (target, type, id)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX target_link_remote ON target_link (target, type, remote_id) WHERE remote_id IS NOT NULL;
        CREATE INDEX target_link_awaiting ON target_link (target, type, awaited_manager) WHERE awaited_manager IS NOT NULL;
        CREATE INDEX target_link_left ON target_link (target, left_scope) WHERE left_scope IS NOT NULL;
        CREATE INDEX target_link_active ON target_link (target, type, is_active) WHERE remote_id IS NOT NULL;

        CREATE TABLE target_assignment (
            target INTEGER NOT NULL REFERENCES provisioning_target (number) ON DELETE CASCADE,
            type TEXT NOT NULL,
            id TEXT NOT NULL,
            groups TEXT NOT NULL,
            PRIMARY KEY (target, type, id)
        ) STRICT, WITHOUT ROWID;

        -- States: 0 due, 1 pending, 2 parked, 3 approved, 4 failed, 5 rejected. Numbers are not used twice.
        CREATE TABLE provisioning_task (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            target INTEGER NOT NULL REFERENCES provisioning_target (number) ON DELETE CASCADE,
            type INTEGER NOT NULL,
            id TEXT NOT NULL,
            state INTEGER NOT NULL,
            plan BLOB NOT NULL,
            action TEXT NOT NULL,
            is_removal INTEGER NOT NULL,
            batch TEXT,
            approvals TEXT NOT NULL,
            due INTEGER NOT NULL,
            attempts INTEGER NOT NULL,
            leased_until INTEGER,
            is_by_hand INTEGER NOT NULL,
            revision INTEGER NOT NULL,
            last_error TEXT,
            created INTEGER NOT NULL,
            UNIQUE (target, type, id)
        ) STRICT;
        CREATE INDEX provisioning_task_ready ON provisioning_task (target, due) WHERE state IN (0, 3) AND leased_until IS NULL;
        CREATE INDEX provisioning_task_leased ON provisioning_task (target, leased_until) WHERE leased_until IS NOT NULL;
        CREATE INDEX provisioning_task_target ON provisioning_task (target, number);
        CREATE INDEX provisioning_task_state ON provisioning_task (target, state, number);
        CREATE INDEX provisioning_task_batch ON provisioning_task (batch, number) WHERE batch IS NOT NULL;
        CREATE INDEX provisioning_task_removal ON provisioning_task (target, state) WHERE is_removal = 1 AND batch IS NULL;

        CREATE TABLE provisioning_record (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            target INTEGER NOT NULL REFERENCES provisioning_target (number) ON DELETE CASCADE,
            type INTEGER NOT NULL,
            id TEXT NOT NULL,
            action TEXT NOT NULL,
            is_removal INTEGER NOT NULL,
            is_approved INTEGER NOT NULL,
            detail BLOB NOT NULL,
            error TEXT
        ) STRICT;
        CREATE INDEX provisioning_record_subject ON provisioning_record (target, type, id, number);
        CREATE INDEX provisioning_record_target ON provisioning_record (target, number);
        CREATE INDEX provisioning_record_time ON provisioning_record (time);
        CREATE INDEX provisioning_record_removal ON provisioning_record (target, time) WHERE is_removal = 1 AND is_approved = 0;

        CREATE TABLE audit_entry (
            number INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            tenant INTEGER NOT NULL,
            actor TEXT NOT NULL,
            act TEXT NOT NULL,
            object TEXT NOT NULL,
            detail BLOB NOT NULL
        ) STRICT;
        CREATE INDEX audit_entry_tenant ON audit_entry (tenant, number);
        """
}
