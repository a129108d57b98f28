import MusterCore
import SCIM

extension SQLiteTransaction {
    private static let taskColumns = """
        k.number, t.name, n.name, k.type, k.id, k.state, k.plan, k.action, k.is_removal, k.batch, k.approvals, k.due, k.attempts,
        k.leased_until, k.revision, k.last_error, k.created, k.is_by_hand
        """
    private static let taskRows = taskRows(from: "provisioning_task k")

    private static func taskRows(from tasks: String) -> String {
        "FROM \(tasks) JOIN provisioning_target t ON t.number = k.target JOIN tenant n ON n.number = t.tenant"
    }

    /// Their places are the numbers in rows.
    private static let states: [ProvisioningTask.State] = [.due, .pending, .parked, .approved, .failed, .rejected]

    private static func number(of state: ProvisioningTask.State) -> Int { states.firstIndex(of: state) ?? 0 }

    private func task(_ row: SQLRow) throws -> ProvisioningTask {
        let subject = ResourceKey(tenant: Tenant(name: row.text(2)), type: try name(row.integer(3)), id: row.text(4))
        var task = ProvisioningTask(
            target: row.text(1), subject: subject, batch: row.optionalText(9), due: row.timestamp(11), created: row.timestamp(16))
        task.number = row.integer(0)
        task.state = Self.states[Int(row.integer(5))]
        task.plan = row.bytes(6)
        task.action = row.text(7)
        task.isRemoval = row.integer(8) != 0
        task.approvals = Self.approvals(row.text(10))
        task.attempts = Int(row.integer(12))
        task.leasedUntil = row.optionalTimestamp(13)
        task.revision = row.integer(14)
        task.lastError = row.optionalText(15)
        task.isByHand = row.integer(17) != 0
        return task
    }

    private static func approvals(_ text: String) -> [ProvisioningTask.Approval] {
        ((try? AttributeValue(json: text))?.array ?? []).compactMap { entry in
            guard let by = entry["by"]?.string, let time = entry["time"]?.integer else { return nil }
            return ProvisioningTask.Approval(by: by, time: Timestamp(milliseconds: time))
        }
    }

    private static func text(_ approvals: [ProvisioningTask.Approval]) -> String {
        let list: [AttributeValue] = approvals.map { ["by": .string($0.by), "time": .integer($0.time.milliseconds)] }
        return String(decoding: AttributeValue.array(list).jsonBytes, as: UTF8.self)
    }

    // MARK: Reading

    func provisioningTasks(_ query: ProvisioningTaskQuery) throws -> [ProvisioningTask] {
        guard query.limit > 0 else { return [] }
        var (conditions, values): ([String], [any SQLBindable]) = (["k.number > ?"], [query.after])
        func want(_ condition: String, _ value: any SQLBindable) {
            conditions.append(condition)
            values.append(value)
        }
        if let tenant = query.tenant { want("t.tenant = ?", try number(of: tenant) ?? -1) }
        if let target = query.target { want("t.name = ?", target) }
        if !query.states.isEmpty {
            conditions.append("k.state IN (\(Set(query.states.map(Self.number)).sorted().map(String.init).joined(separator: ", ")))")
        }
        if let number = query.number { want("k.number = ?", number) }
        if let subject = query.subject {
            want("t.tenant = ?", try number(of: subject.tenant) ?? -1)
            want("k.type = ?", try number(of: subject.type) ?? -1)
            want("k.id = ?", subject.id)
        }
        if let batch = query.batch { want("k.batch = ?", batch) }
        if let action = query.action { want("k.action = ?", action) }
        if query.unbatchedRemovals { conditions.append("k.is_removal = 1 AND k.batch IS NULL") }
        values.append(query.limit)
        // Left to itself, SQLite walks over all tasks of the target, which are in the order wanted.
        let index = query.batch != nil ? "batch" : query.unbatchedRemovals ? "removal" : nil
        let rows = Self.taskRows(from: "provisioning_task k" + (index.map { " INDEXED BY provisioning_task_\($0)" } ?? ""))
        let sql = "SELECT \(Self.taskColumns) \(rows) WHERE \(conditions.joined(separator: " AND ")) ORDER BY k.number LIMIT ?"
        var found: [ProvisioningTask] = []
        try connection.each(sql, values: values, isKept: false) { found.append(try task($0)) }
        return found
    }

    func provisioningTask(for subject: ResourceKey, at target: String) throws -> ProvisioningTask? {
        guard let number = try number(ofTarget: target, in: subject.tenant), let type = try self.number(of: subject.type) else {
            return nil
        }
        let sql = "SELECT \(Self.taskColumns) \(Self.taskRows) WHERE k.target = ? AND k.type = ? AND k.id = ?"
        return try connection.first(sql, number, type, subject.id) { try task($0) }
    }

    func provisioningSummaries(in tenant: Tenant?) throws -> [ProvisioningSummary] {
        var found: [ProvisioningSummary] = []
        let sql = """
            SELECT n.name, t.name, k.state, count(*), min(k.due) \(Self.taskRows) WHERE ?1 IS NULL OR t.tenant = ?1
            GROUP BY t.tenant, t.name, k.state ORDER BY t.tenant, t.name
            """
        try connection.each(sql, try tenant.map { try number(of: $0) ?? -1 }) { row in
            let (tenant, target) = (Tenant(name: row.text(0)), row.text(1))
            if found.last?.tenant != tenant || found.last?.target != target {
                found.append(ProvisioningSummary(tenant: tenant, target: target))
            }
            let state = Self.states[Int(row.integer(2))]
            found[found.count - 1].counts[state] = Int(row.integer(3))
            if state == .due || state == .approved {
                found[found.count - 1].oldestDue = [found[found.count - 1].oldestDue, row.timestamp(4)].compactMap(\.self).min()
            }
        }
        return found
    }

    func removalCount(at target: String, in tenant: Tenant, since time: Timestamp) throws -> Int {
        guard let number = try number(ofTarget: target, in: tenant) else { return 0 }
        let done = """
            SELECT count(*) FROM provisioning_record INDEXED BY provisioning_record_removal
            WHERE target = ? AND time >= ? AND is_removal = 1 AND is_approved = 0
            """
        let open = """
            SELECT count(*) FROM provisioning_task INDEXED BY provisioning_task_removal
            WHERE target = ? AND is_removal = 1 AND batch IS NULL AND (state IN (1, 3) OR leased_until IS NOT NULL)
            """
        return try (connection.first(done, number, time) { Int($0.integer(0)) } ?? 0)
            + (connection.first(open, number) { Int($0.integer(0)) } ?? 0)
    }

    // MARK: Writing

    @discardableResult
    func enqueue(_ task: ProvisioningTask) throws -> Int64 {
        let (number, type) = (try existingNumber(ofTarget: task.target, in: task.subject.tenant), try newNumber(of: task.subject.type))
        let old = try connection.first(
            "SELECT leased_until, created, is_by_hand FROM provisioning_task WHERE target = ? AND type = ? AND id = ?", number, type,
            task.subject.id
        ) { (leasedUntil: $0.optionalTimestamp(0), created: $0.timestamp(1), isByHand: $0.integer(2)) }
        if old != nil {
            try connection.run("DELETE FROM provisioning_task WHERE target = ? AND type = ? AND id = ?", number, type, task.subject.id)
        }
        try connection.run(
            """
            INSERT INTO provisioning_task (target, type, id, state, plan, action, is_removal, batch, approvals, due, attempts, leased_until,
                is_by_hand, revision, last_error, created) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?, ?)
            """, number, type, task.subject.id, Self.number(of: task.state), task.plan, task.action, task.isRemoval ? 1 : 0, task.batch,
            Self.text(task.approvals), task.due, task.attempts, old?.leasedUntil, old?.isByHand ?? 0, task.lastError,
            min(task.created, old?.created ?? task.created))
        return connection.lastInsertedRow
    }

    func claimProvisioningTasks(
        of target: String, in tenant: Tenant, except subjects: Set<ResourceKey>, limit: Int, now: Timestamp, leasedUntil: Timestamp
    ) throws -> [ProvisioningTask] {
        guard limit > 0, let number = try number(ofTarget: target, in: tenant) else { return [] }
        var due: [Int64] = []
        for sql in Self.claimableTasks where due.count < limit {
            try connection.each(sql, number, now, limit - due.count + subjects.count) { row in
                let subject = ResourceKey(tenant: tenant, type: try name(row.integer(1)), id: row.text(2))
                if !subjects.contains(subject), due.count < limit { due.append(row.integer(0)) }
            }
        }
        return try due.compactMap { number in
            try connection.run(
                """
                UPDATE provisioning_task SET attempts = attempts + 1, revision = revision + 1, leased_until = ?, is_by_hand = 0
                WHERE number = ?
                """, leasedUntil, number)
            return try connection.first("SELECT \(Self.taskColumns) \(Self.taskRows) WHERE k.number = ?", number) { try task($0) }
        }
    }

    /// Due and free, or held by a worker that did not come back.
    static let claimableTasks = [
        """
        SELECT number, type, id FROM provisioning_task INDEXED BY provisioning_task_ready
        WHERE target = ? AND state IN (0, 3) AND leased_until IS NULL AND due <= ? ORDER BY due, number LIMIT ?
        """,
        """
        SELECT number, type, id FROM provisioning_task INDEXED BY provisioning_task_leased
        WHERE target = ?1 AND leased_until IS NOT NULL AND leased_until <= ?2 AND state IN (0, 3) AND due <= ?2
        ORDER BY leased_until, number LIMIT ?3
        """,
    ]

    @discardableResult
    func update(_ task: ProvisioningTask) throws -> ProvisioningTask {
        let changed = try connection.run(
            """
            UPDATE provisioning_task SET state = ?, plan = ?, action = ?, is_removal = ?, batch = ?, approvals = ?, due = ?, attempts = ?,
                leased_until = ?, is_by_hand = ?, last_error = ?, revision = revision + 1 WHERE number = ? AND revision = ?
            """, Self.number(of: task.state), task.plan, task.action, task.isRemoval ? 1 : 0, task.batch, Self.text(task.approvals),
            task.due, task.attempts, task.leasedUntil, task.isByHand ? 1 : 0, task.lastError, task.number, task.revision)
        guard changed > 0 else { throw StoreError(.conflict, "the plan \(task.number) was replaced or changed meanwhile") }
        var updated = task
        updated.revision += 1
        return updated
    }

    @discardableResult
    func finish(_ task: ProvisioningTask) throws -> Bool {
        try connection.run("DELETE FROM provisioning_task WHERE number = ? AND revision = ?", task.number, task.revision) > 0
    }

    func releaseClaim(of task: ProvisioningTask) throws {
        guard let leasedUntil = task.leasedUntil, let number = try number(ofTarget: task.target, in: task.subject.tenant),
            let type = try self.number(of: task.subject.type)
        else { return }
        try connection.run(
            """
            UPDATE provisioning_task SET leased_until = NULL, revision = revision + 1
            WHERE target = ? AND type = ? AND id = ? AND leased_until = ?
            """, number, type, task.subject.id, leasedUntil)
    }

    func releaseProvisioningLeases() throws {
        try connection.run(
            """
            UPDATE provisioning_task SET leased_until = NULL, revision = revision + 1
            WHERE leased_until IS NOT NULL AND is_by_hand = 0
            """)
    }
}
