import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runProvisioningTasks() async throws {
        try await enqueuedTasks()
        try await taskNumbers()
        try await claimedTasks()
        try await claimableStates()
        try await endedClaims()
        try await changedTasks()
        try await replacedWhileClaimed()
        try await releasedClaims()
        try await provisioningTaskQueries()
        try await provisioningSummaries()
    }

    private static let acme = Tenant(name: "acme")

    private static func enqueue(_ store: any Store, _ tasks: ProvisioningTask...) async throws {
        try await store.write { transaction in for task in tasks { try transaction.enqueue(task) } }
    }

    private static func claim(
        _ store: any Store, limit: Int = 9, at seconds: Int = 10, until end: Int = 40, target: String = "slack",
        in tenant: Tenant = .default, except subjects: Set<ResourceKey> = []
    ) async throws -> [ProvisioningTask] {
        try await store.write {
            try $0.claimProvisioningTasks(
                of: target, in: tenant, except: subjects, limit: limit, now: Samples.later(seconds), leasedUntil: Samples.later(end))
        }
    }

    private static func task(_ store: any Store, _ id: String, at target: String = "slack") async throws -> ProvisioningTask? {
        try await store.read { try $0.provisioningTask(for: Samples.user(id), at: target) }
    }

    private static func end(_ store: any Store, _ task: ProvisioningTask) async throws -> Bool {
        try await store.write { try $0.finish(task) }
    }

    /// A task is kept whole, and takes the place of the one that its subject had; the older time of the change stays.
    public func enqueuedTasks() async throws {
        let store = try await provisioned(["slack", "zoom"])
        var full = Samples.task("u", state: .approved, due: 5, batch: "b", isRemoval: true)
        (full.plan, full.action, full.attempts, full.lastError) = ([0, 255], "delete", 4, "no answer")
        full.approvals = [.init(by: "é\"", time: Samples.later(1)), .init(by: "", time: Samples.later(2))]
        full.created = Samples.later(-5)
        let number = try await store.write { [full] in try $0.enqueue(full) }
        let kept = try #require(try await Self.task(store, "u"))
        (full.number, full.revision) = (number, kept.revision)
        #expect(kept == full)
        #expect(try await Self.task(store, "u", at: "zoom") == nil)
        #expect(try await Self.task(store, "u", at: "none") == nil)
        #expect(try await store.read { try $0.provisioningTask(for: Samples.user("u", in: Self.acme), at: "slack") } == nil)

        try await Self.enqueue(store, Samples.task("u", due: 7), Samples.task("u", at: "zoom"), Samples.task("u", in: Self.acme))
        let newer = try #require(try await Self.task(store, "u"))
        var expected = Samples.task("u", due: 7)
        (expected.number, expected.revision, expected.created) = (newer.number, newer.revision, full.created)
        #expect(newer == expected)
        #expect(newer.number > number)
        #expect(try await store.read { try $0.provisioningTasks(ProvisioningTaskQuery()) }.count == 3)
        for lost in [Samples.task("u", at: "none"), Samples.task("u", in: Tenant(name: "nobody"))] {
            await #expect(throws: StoreError(.notFound, "")) { try await Self.enqueue(store, lost) }
        }
    }

    /// Numbers are not used twice, also where the newest tasks or all of a target are gone.
    public func taskNumbers() async throws {
        let store = try await provisioned(["slack"])
        func next() async throws -> Int64 { try await store.write { try $0.enqueue(Samples.task("u")) } }
        var numbers = [try await next(), try await next()]
        let task = try #require(try await Self.task(store, "u"))
        #expect(try await Self.end(store, task))
        numbers.append(try await next())
        try await store.write { transaction in
            try transaction.deleteProvisioningTarget("slack", in: .default)
            try transaction.insert(Samples.target())
        }
        numbers.append(try await next())
        #expect(numbers == numbers.sorted())
        #expect(Set(numbers).count == 4)
    }

    /// What is due is claimed once, the oldest first, for each target apart; a claim is an attempt under a new revision.
    public func claimedTasks() async throws {
        let store = try await provisioned(["slack", "zoom"])
        try await Self.enqueue(
            store, Samples.task("c", due: 3), Samples.task("a", due: 1), Samples.task("b", due: 2), Samples.task("d", due: 2),
            Samples.task("now", due: 10), Samples.task("later", due: 11), Samples.task("z", at: "zoom"), Samples.task("x", in: Self.acme))
        let before = try #require(try await Self.task(store, "a"))
        #expect(try await Self.claim(store, limit: 0).isEmpty)
        let first = try await Self.claim(store, limit: 2)
        #expect(first.map(\.subject.id) == ["a", "b"])
        #expect(first.allSatisfy { $0.attempts == 1 && $0.leasedUntil == Samples.later(40) && $0.state == .due })
        #expect(first[0].revision > before.revision)
        #expect(try await Self.task(store, "a") == first[0])
        #expect(try await Self.claim(store).map(\.subject.id) == ["d", "c", "now"])
        #expect(try await Self.claim(store).isEmpty)
        #expect(try await Self.claim(store, target: "zoom").map(\.subject.id) == ["z"])
        #expect(try await Self.claim(store, in: Self.acme).map(\.subject) == [Samples.user("x", in: Self.acme)])
        #expect(try await Self.claim(store, target: "none").isEmpty)
        #expect(try await Self.claim(store, in: Tenant(name: "nobody")).isEmpty)
        #expect(try await Self.claim(store, at: 11).map(\.subject.id) == ["later"])
    }

    /// Only what is due or approved is claimed.
    public func claimableStates() async throws {
        let store = try await provisioned()
        for state in ProvisioningTask.State.allCases { try await Self.enqueue(store, Samples.task(state.rawValue, state: state)) }
        #expect(try await Set(Self.claim(store).map(\.state)) == [.due, .approved])
        #expect(try await Set(Self.claim(store, at: 99, until: 120).map(\.state)) == [.due, .approved])
    }

    /// A claim holds until its end, from when on the task is claimed anew; the old claim is worth nothing then.
    public func endedClaims() async throws {
        let store = try await provisioned()
        try await Self.enqueue(store, Samples.task("u"))
        let lost = try #require(try await Self.claim(store, until: 40).first)
        #expect(try await Self.claim(store, at: 39, until: 70).isEmpty)
        let second = try #require(try await Self.claim(store, at: 40, until: 70).first)
        #expect(second.number == lost.number && second.attempts == 2 && second.revision > lost.revision)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.update(lost) } }
        #expect(try await !Self.end(store, lost))
        try await store.write { try $0.releaseClaim(of: lost) }
        #expect(try await Self.claim(store, at: 50, until: 80).isEmpty)
        #expect(try await Self.end(store, second))
        #expect(try await Self.task(store, "u") == nil)
        #expect(try await !Self.end(store, second))
        // What is due only later is not taken because the claim before it ended.
        try await Self.enqueue(store, Samples.task("u"))
        #expect(try await Self.claim(store, until: 20).count == 1)
        try await Self.enqueue(store, Samples.task("u", due: 100))
        #expect(try await Self.claim(store, at: 99, until: 130).isEmpty)
        #expect(try await Self.claim(store, at: 100, until: 130).count == 1)
    }

    /// A task is changed under a new revision by whoever read it last.
    public func changedTasks() async throws {
        let store = try await provisioned()
        try await Self.enqueue(store, Samples.task("u"), Samples.task("v"))
        let untouched = try #require(try await Self.task(store, "v"))
        var task = try #require(try await Self.claim(store, limit: 1).first)
        (task.state, task.plan, task.action, task.isRemoval, task.batch) = (.approved, [1], "delete", true, "b")
        (task.approvals, task.due, task.attempts) = ([.init(by: "ada", time: Samples.later(1))], Samples.later(20), 5)
        (task.leasedUntil, task.lastError) = (nil, "busy")
        let old = task
        task = try await store.write { try $0.update(old) }
        #expect(task.revision > old.revision)
        #expect(try await Self.task(store, "u") == task)
        #expect(try await Self.task(store, "v") == untouched)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.update(old) } }
        #expect(try await !Self.end(store, old))
        #expect(try await Self.claim(store, at: 19).map(\.subject.id) == ["v"])
        #expect(try await Self.claim(store, at: 20).map(\.attempts) == [6])
        task.number = 12_345
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { [task] in try $0.update(task) } }
    }

    /// Where a worker has a task that is replaced, the new one waits until the worker is through or its claim has ended.
    public func replacedWhileClaimed() async throws {
        let store = try await provisioned()
        try await Self.enqueue(store, Samples.task("u"))
        let held = try #require(try await Self.claim(store).first)
        try await Self.enqueue(store, Samples.task("u"))
        let newer = try #require(try await Self.task(store, "u"))
        #expect(newer.number > held.number && newer.leasedUntil == held.leasedUntil && newer.attempts == 0)
        #expect(try await Self.claim(store).isEmpty)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.update(held) } }
        #expect(try await !Self.end(store, held))
        #expect(try await Self.task(store, "u") == newer)
        // It is released by who held the old one, and by nobody else.
        var stranger = held
        stranger.leasedUntil = Samples.later(41)
        for other in [stranger, Samples.task("u")] { try await store.write { try $0.releaseClaim(of: other) } }
        #expect(try await Self.claim(store).isEmpty)
        try await store.write { try $0.releaseClaim(of: held) }
        let next = try #require(try await Self.claim(store, until: 50).first)
        #expect(next.number == newer.number && next.attempts == 1)
        // A late release does not take the claim from who has it now.
        try await store.write { try $0.releaseClaim(of: held) }
        #expect(try await Self.claim(store).isEmpty)
        // Nor does one that never comes keep the task for ever.
        try await Self.enqueue(store, Samples.task("u"))
        #expect(try await Self.claim(store, at: 49, until: 80).isEmpty)
        #expect(try await Self.claim(store, at: 80, until: 90, except: [Samples.user("u")]).isEmpty, "it is at work on that still")
        #expect(try await Self.claim(store, limit: 1, at: 80, until: 90, except: [Samples.user("other")]).count == 1)
    }

    /// All claims but those of commands are given back at once, and whoever had one cannot write under it any more.
    public func releasedClaims() async throws {
        let store = try await provisioned(["slack", "zoom"])
        try await Self.enqueue(store, Samples.task("u"), Samples.task("z", at: "zoom"), Samples.task("x", in: Self.acme))
        let held = try #require(try await Self.claim(store).first)
        for (target, tenant) in [("zoom", Tenant.default), ("slack", Self.acme)] {
            #expect(try await Self.claim(store, target: target, in: tenant).count == 1)
        }
        try await store.write { try $0.releaseProvisioningLeases() }
        #expect(try await !Self.end(store, held))
        #expect(try await Self.claim(store).map(\.attempts) == [2])
        #expect(try await Self.claim(store, target: "zoom").count == 1)
        #expect(try await Self.claim(store, in: Self.acme).count == 1)
        try await Self.enqueue(store, Samples.task("hand"))
        try await store.write { transaction in
            var task = try #require(try transaction.provisioningTask(for: Samples.task("hand").subject, at: "slack"))
            (task.leasedUntil, task.isByHand) = (Samples.later(40), true)
            try transaction.update(task)
            // A newer change inherits the claim with the hand that has it.
            try transaction.enqueue(Samples.task("hand"))
        }
        try await store.write { try $0.releaseProvisioningLeases() }
        let hand = Samples.task("hand").subject
        #expect(try await Self.claim(store, at: 39, until: 90).allSatisfy { $0.subject != hand })
        #expect(try await Self.claim(store, at: 40, until: 90).map(\.subject) == [hand])
        try await store.write { try $0.releaseProvisioningLeases() }
        #expect(try await Self.claim(store, at: 41, until: 90).contains { $0.subject == hand }, "the server took it over")
    }

    /// Everything that a query names must be so; what is found comes oldest first, page by page.
    public func provisioningTaskQueries() async throws {
        let store = try await provisioned(["slack", "zoom"])
        var create = Samples.task("a", state: .pending, batch: "one")
        create.action = "create"
        var group = Samples.task("g", state: .failed, due: -9)
        group.subject.type = "Group"
        try await Self.enqueue(
            store, create, Samples.task("b", state: .parked, batch: "one"), Samples.task("c"), group,
            Samples.task("a", at: "zoom", batch: "two"), Samples.task("x", in: Self.acme, state: .pending, batch: "one"))
        let all = try await store.read { try $0.provisioningTasks(ProvisioningTaskQuery()) }
        #expect(all.map(\.subject.id) == ["a", "b", "c", "g", "a", "x"])
        #expect(all.map(\.number) == all.map(\.number).sorted())
        func find(
            _ query: ProvisioningTaskQuery = ProvisioningTaskQuery(tenant: .default, target: "slack"),
            _ refine: (inout ProvisioningTaskQuery) -> Void = { _ in }
        ) async throws -> [String] {
            var query = query
            refine(&query)
            return try await store.read { [query] in try $0.provisioningTasks(query) }.map { "\($0.target) \($0.subject.id)" }
        }
        #expect(try await find() == ["slack a", "slack b", "slack c", "slack g"])
        #expect(try await find { $0.limit = 2 } == ["slack a", "slack b"])
        #expect(try await find { $0.after = all[1].number } == ["slack c", "slack g"])
        #expect(try await find { $0.after = all[3].number }.isEmpty)
        #expect(try await find { $0.limit = 0 }.isEmpty)
        #expect(try await find { $0.states = [.pending] } == ["slack a"])
        #expect(try await find { $0.states = [.failed, .parked, .parked] } == ["slack b", "slack g"])
        #expect(try await find { $0.states = [.rejected] }.isEmpty)
        #expect(try await find { $0.number = all[2].number } == ["slack c"])
        #expect(try await find { $0.number = all[5].number }.isEmpty)
        #expect(try await find { $0.subject = Samples.user("c") } == ["slack c"])
        #expect(try await find { $0.subject = Samples.user("g") }.isEmpty)
        #expect(try await find { $0.batch = "one" } == ["slack a", "slack b"])
        #expect(try await find { ($0.batch, $0.states) = ("one", [.parked]) } == ["slack b"])
        #expect(try await find { $0.action = "create" } == ["slack a"])
        #expect(try await find(ProvisioningTaskQuery(tenant: .default)) { $0.subject = Samples.user("a") } == ["slack a", "zoom a"])
        #expect(try await find(ProvisioningTaskQuery(tenant: Self.acme)) == ["slack x"])
        #expect(try await find(ProvisioningTaskQuery(tenant: Self.acme)) { $0.subject = Samples.user("a") }.isEmpty)
        #expect(try await find(ProvisioningTaskQuery(target: "slack", states: [.pending])) == ["slack a", "slack x"])
        #expect(try await find(ProvisioningTaskQuery()) { $0.batch = "one" } == ["slack a", "slack b", "slack x"])
        for none in [ProvisioningTaskQuery(tenant: Tenant(name: "nobody")), ProvisioningTaskQuery(target: "none")] {
            #expect(try await find(none).isEmpty)
        }
    }

    /// The open work is counted by state for each target that has any, with the time of what waits longest.
    public func provisioningSummaries() async throws {
        let store = try await provisioned(["slack", "zoom", "idle"])
        try await Self.enqueue(
            store, Samples.task("a", due: 8), Samples.task("b", due: 5), Samples.task("c", state: .approved, due: 3),
            Samples.task("d", state: .failed, due: 1), Samples.task("e", at: "zoom", state: .pending),
            Samples.task("x", in: Self.acme, due: 7))
        let slack = ProvisioningSummary(
            tenant: .default, target: "slack", counts: [.due: 2, .approved: 1, .failed: 1], oldestDue: Samples.later(3))
        let zoom = ProvisioningSummary(tenant: .default, target: "zoom", counts: [.pending: 1])
        let foreign = ProvisioningSummary(tenant: Self.acme, target: "slack", counts: [.due: 1], oldestDue: Samples.later(7))
        #expect(try await store.read { try $0.provisioningSummaries(in: nil) } == [slack, zoom, foreign])
        #expect(try await store.read { try $0.provisioningSummaries(in: .default) } == [slack, zoom])
        #expect(try await store.read { try $0.provisioningSummaries(in: Self.acme) } == [foreign])
        #expect(try await store.read { try $0.provisioningSummaries(in: Tenant(name: "nobody")) }.isEmpty)
    }
}
