import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runProvisioningHistory() async throws {
        try await removalCounts()
        try await provisioningRecords()
        try await forgottenProvisioningRecords()
        try await auditEntries()
        try await deletedTargets()
        try await deletedProvisionedTenants()
    }

    private static let acme = Tenant(name: "acme")

    /// Removals count when they were done without a batch's approval since a time, or are about to be done.
    public func removalCounts() async throws {
        let store = try await provisioned(["slack", "zoom"])
        func count(since seconds: Int = 10, target: String = "slack", in tenant: Tenant = .default) async throws -> Int {
            try await store.read { try $0.removalCount(at: target, in: tenant, since: Samples.later(seconds)) }
        }
        try await store.write { transaction in
            for record in [
                Samples.record("a", after: 9, isRemoval: true), Samples.record("b", after: 10, isRemoval: true),
                Samples.record("c", after: 11, isRemoval: true), Samples.record("d", after: 12),
                Samples.record("e", after: 13, isRemoval: true, isApproved: true),
                Samples.record("z", at: "zoom", after: 14, isRemoval: true), Samples.record("x", in: Self.acme, after: 15, isRemoval: true),
            ] { try transaction.append(record) }
        }
        #expect(try await count() == 2)
        #expect(try await count(since: 9) == 3)
        #expect(try await count(since: 12) == 0)
        #expect(try await count(target: "zoom") == 1)
        #expect(try await count(in: Self.acme) == 1)
        #expect(try await count(target: "none") == 0)

        func enqueue(_ task: ProvisioningTask) async throws { _ = try await store.write { try $0.enqueue(task) } }
        // Of open work, that which goes on by itself or by one ordinary approval.
        for (state, counts) in [
            (ProvisioningTask.State.due, false), (.pending, true), (.parked, false), (.approved, true), (.failed, false),
            (.rejected, false),
        ] {
            try await enqueue(Samples.task("u", state: state, due: 99, isRemoval: true))
            #expect(try await count(since: 12) == (counts ? 1 : 0), "\(state)")
            try await enqueue(Samples.task("u", state: state, due: 99, batch: "b", isRemoval: true))
            #expect(try await count(since: 12) == 0, "\(state) in a batch")
            try await enqueue(Samples.task("u", state: state, due: 99))
            #expect(try await count(since: 12) == 0, "\(state) of something else")
        }
        try await enqueue(Samples.task("u", isRemoval: true))
        #expect(try await count(since: 12) == 0)
        _ = try await store.write {
            try $0.claimProvisioningTasks(of: "slack", in: .default, except: [], limit: 9, now: Samples.time, leasedUntil: Samples.later(9))
        }
        #expect(try await count(since: 12) == 1)
        try await store.write { try $0.releaseProvisioningLeases() }
        #expect(try await count(since: 12) == 0)
    }

    /// Records are kept whole and found newest first, by target and by subject, each tenant's apart.
    public func provisioningRecords() async throws {
        let store = try await provisioned(["slack", "zoom"])
        var failed = ProvisioningRecord(
            time: Samples.later(9), target: "slack", subject: ResourceKey(type: "Group", id: "a"), action: "delete", isRemoval: true,
            isApproved: true, detail: [0, 255], error: "é")
        let records = [
            failed, Samples.record("a"), Samples.record("b"), Samples.record("a", at: "zoom"), Samples.record("a", in: Self.acme),
            Samples.record("a", after: -5), Samples.record("lost", at: "none"),
        ]
        // That of a target which is gone meanwhile is nobody's.
        try await store.write { transaction in for record in records { try transaction.append(record) } }
        func find(
            _ target: String? = nil, _ subject: ResourceKey? = nil, before number: Int64 = 0, limit: Int = 9, in tenant: Tenant = .default
        ) async throws -> [ProvisioningRecord] {
            try await store.read {
                try $0.provisioningRecords(in: tenant, target: target, subject: subject, before: number, limit: limit)
            }
        }
        func names(_ records: [ProvisioningRecord]) -> [String] { records.map { "\($0.target) \($0.subject.type) \($0.subject.id)" } }
        let all = try await find()
        #expect(names(all) == ["slack User a", "zoom User a", "slack User b", "slack User a", "slack Group a"])
        #expect(all.map(\.number) == all.map(\.number).sorted(by: >))
        failed.number = all[4].number
        #expect(all[4] == failed)
        #expect(try await find(limit: 2) == Array(all[..<2]))
        #expect(try await find(before: all[1].number, limit: 2) == Array(all[2..<4]))
        #expect(try await find(before: all[4].number).isEmpty)
        #expect(try await find(limit: 0).isEmpty)
        #expect(try await find("slack") == [all[0], all[2], all[3], all[4]])
        #expect(try await find("slack", before: all[2].number, limit: 1) == [all[3]])
        #expect(try await find("none").isEmpty)
        #expect(try await find(nil, Samples.user("a")) == [all[0], all[1], all[3]])
        #expect(try await find("slack", Samples.user("a")) == [all[0], all[3]])
        #expect(try await find("slack", Samples.user("a"), before: all[0].number) == [all[3]])
        #expect(try await find("slack", ResourceKey(type: "Unknown", id: "a")).isEmpty)
        #expect(try await find(in: Self.acme).map(\.subject) == [Samples.user("a", in: Self.acme)])
        #expect(try await find(in: Tenant(name: "nobody")).isEmpty)
    }

    /// Records from before a time are forgotten, so many at once; numbers are not used again.
    public func forgottenProvisioningRecords() async throws {
        let store = try await provisioned()
        try await store.write { transaction in
            for second in 1...5 { try transaction.append(Samples.record("u\(second)", after: second)) }
            try transaction.append(Samples.record("x", in: Self.acme, after: 1))
        }
        func left() async throws -> [ProvisioningRecord] {
            try await store.read { try $0.provisioningRecords(in: .default, target: nil, subject: nil, before: 0, limit: 9) }
        }
        func forget(before second: Int, limit: Int = 99) async throws -> Int {
            try await store.write { try $0.pruneProvisioningRecords(before: Samples.later(second), limit: limit) }
        }
        let newest = try await left()[0].number
        #expect(try await forget(before: 1) == 0)
        #expect(try await forget(before: 3) == 3)
        #expect(try await left().map(\.subject.id) == ["u5", "u4", "u3"])
        #expect(try await forget(before: 9, limit: 2) == 2)
        #expect(try await left().map(\.subject.id) == ["u5"])
        #expect(try await forget(before: 9) == 1)
        try await store.write { try $0.append(Samples.record("new")) }
        #expect(try await left()[0].number > newest)
    }

    /// The acts of administrators are kept whole, newest first, for each tenant and for all.
    public func auditEntries() async throws {
        let store = try await provisioned()
        func find(_ tenant: Tenant?, before number: Int64 = 0, limit: Int = 9) async throws -> [AuditEntry] {
            try await store.read { try $0.auditEntries(in: tenant, before: number, limit: limit) }
        }
        try await store.write { transaction in
            for act in ["one", "two", "three"] { try transaction.append(Samples.audit(act)) }
            try transaction.append(Samples.audit("four", in: Self.acme))
        }
        let all = try await find(nil)
        #expect(all.map(\.act) == ["four", "three", "two", "one"])
        #expect(all.map(\.number) == all.map(\.number).sorted(by: >))
        var first = Samples.audit("one")
        first.number = all[3].number
        #expect(all[3] == first)
        #expect(try await find(nil, before: all[0].number, limit: 2) == Array(all[1..<3]))
        #expect(try await find(nil, limit: 0).isEmpty)
        #expect(try await find(.default) == Array(all[1...]))
        #expect(try await find(.default, before: all[1].number) == Array(all[2...]))
        #expect(try await find(Self.acme).map(\.act) == ["four"])
        #expect(try await find(Tenant(name: "nobody")).isEmpty)
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { try $0.append(Samples.audit("five", in: Tenant(name: "nobody"))) }
        }
    }

    // MARK: What goes with a target and a tenant

    /// Gives a target some of everything that can belong to one.
    private static func fill(_ store: any Store, _ target: String, in tenant: Tenant = .default) async throws {
        try await store.write { transaction in
            for id in ["u", "v"] {
                try transaction.save(Samples.link(id, "r-\(id)", to: target, in: tenant))
                try transaction.save(TargetAssignment(target: target, subject: Samples.user(id, in: tenant)))
                try transaction.enqueue(Samples.task(id, at: target, in: tenant, batch: "b"))
                try transaction.append(Samples.record(id, at: target, in: tenant, isRemoval: true))
            }
            try transaction.append(Samples.audit("target.connect", in: tenant))
        }
    }

    /// Expects that all of it is there, or nothing.
    private static func check(
        _ store: any Store, _ target: String, in tenant: Tenant = .default, isFilled: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let found = try await store.read(.scan) { transaction -> [Int] in
            let query = ProvisioningTaskQuery(tenant: tenant, target: target)
            return [
                try transaction.targetLinks(to: target, in: tenant, type: "User", after: "", limit: 9).count,
                try transaction.targetLinkCounts(to: target, in: tenant, type: "User").all,
                try transaction.targetAssignments(to: target, in: tenant, after: nil, limit: 9).count,
                try transaction.provisioningTasks(query).count,
                try transaction.provisioningRecords(in: tenant, target: target, subject: nil, before: 0, limit: 9).count,
                try transaction.removalCount(at: target, in: tenant, since: Samples.time),
            ]
        }
        #expect(found.allSatisfy { $0 == (isFilled ? 2 : 0) }, "\(found)", sourceLocation: sourceLocation)
    }

    /// A deleted target takes all that is its own along, and leaves what was done by administrators and all of the others.
    public func deletedTargets() async throws {
        let store = try await provisioned(["slack", "zoom"])
        for (target, tenant) in [("slack", Tenant.default), ("zoom", .default), ("slack", Self.acme)] {
            try await Self.fill(store, target, in: tenant)
        }
        try await store.write { try $0.deleteProvisioningTarget("slack", in: .default) }
        #expect(try await store.read { try $0.provisioningTargets(in: .default) }.map(\.name) == ["zoom"])
        try await Self.check(store, "slack", isFilled: false)
        try await store.write { try $0.insert(Samples.target()) }
        try await Self.check(store, "slack", isFilled: false)
        try await Self.check(store, "zoom", isFilled: true)
        try await Self.check(store, "slack", in: Self.acme, isFilled: true)
        #expect(try await store.read { try $0.auditEntries(in: .default, before: 0, limit: 9) }.count == 2)
    }

    /// A deleted tenant takes its targets and the acts of its administrators along, and nothing of the others.
    public func deletedProvisionedTenants() async throws {
        let store = try await provisioned(["slack", "zoom"])
        for tenant in [.default, Self.acme] { for target in ["slack", "zoom"] { try await Self.fill(store, target, in: tenant) } }
        try await store.write { try $0.deleteTenant(Self.acme) }
        #expect(try await store.read { try $0.provisioningTargets(in: nil) }.map(\.tenant) == [.default, .default])
        #expect(try await store.read { try $0.auditEntries(in: nil, before: 0, limit: 9) }.map(\.tenant) == [.default, .default])
        #expect(try await store.read { try $0.provisioningSummaries(in: nil) }.map(\.tenant) == [.default, .default])
        try await store.write { transaction in
            try transaction.createTenant(Self.acme)
            try transaction.insert(Samples.target(in: Self.acme))
        }
        try await Self.check(store, "slack", in: Self.acme, isFilled: false)
        #expect(try await store.read { try $0.auditEntries(in: Self.acme, before: 0, limit: 9) }.isEmpty)
        for target in ["slack", "zoom"] { try await Self.check(store, target, isFilled: true) }
    }
}
