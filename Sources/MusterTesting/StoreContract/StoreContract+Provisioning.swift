import MusterCore
import SCIM
import Testing

extension StoreContract {
    func runProvisioning() async throws {
        try await provisioningTargets()
        try await openTargets()
        try await targetLinks()
        try await linkedAccounts()
        try await targetLinkPages()
        try await targetLinkQueries()
        try await targetAssignments()
    }

    private static let acme = Tenant(name: "acme")

    /// A store with a second tenant, and targets of each.
    func provisioned(_ targets: [String] = ["slack"]) async throws -> any Store {
        let store = try await make()
        try await store.write { transaction in
            try transaction.createTenant(Self.acme)
            for tenant in [.default, Self.acme] {
                for name in targets { try transaction.insert(Samples.target(name, in: tenant)) }
            }
        }
        return store
    }

    /// Targets are kept whole, listed by name, unique in their tenant, and changed by whoever read them last.
    public func provisioningTargets() async throws {
        let store = try await provisioned(["zoom", "slack"])
        let (nobody, later) = (Tenant(name: "nobody"), Samples.later(5))
        func names(_ tenant: Tenant?) async throws -> [String] {
            try await store.read { try $0.provisioningTargets(in: tenant) }.map { "\($0.tenant.name)/\($0.name)" }
        }
        #expect(try await names(.default) == ["default/slack", "default/zoom"])
        #expect(try await names(nil) == ["default/slack", "default/zoom", "acme/slack", "acme/zoom"])
        #expect(try await names(nobody).isEmpty)
        #expect(try await store.read { try $0.provisioningTarget("slack", in: Self.acme) } == Samples.target(in: Self.acme))
        #expect(try await store.read { try $0.provisioningTarget("Slack", in: .default) } == nil)
        #expect(try await store.read { try $0.provisioningTarget("slack", in: nobody) } == nil)
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.insert(Samples.target()) } }
        await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.insert(Samples.target(in: nobody)) } }

        var changed = Samples.target()
        (changed.definition, changed.groups, changed.state) = ([0, 255], [1, 0], .quarantined)
        (changed.reason, changed.resumesAt, changed.quarantines, changed.modified) = ("no answer", later, 3, later)
        try await store.write { [changed] in try $0.update(changed) }
        await #expect(throws: StoreError(.conflict, "")) { try await store.write { [changed] in try $0.update(changed) } }
        changed.version = 2
        #expect(try await store.read { try $0.provisioningTarget("slack", in: .default) } == changed)
        (changed.reason, changed.resumesAt, changed.state) = (nil, nil, .on)
        try await store.write { [changed] in try $0.update(changed) }
        changed.version = 3
        #expect(try await store.read { try $0.provisioningTargets(in: .default) } == [changed, Samples.target("zoom")])
        #expect(try await store.read { try $0.provisioningTarget("slack", in: Self.acme) } == Samples.target(in: Self.acme))
        for missing in [Samples.target("none"), Samples.target(in: nobody)] {
            await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.update(missing) } }
            await #expect(throws: StoreError(.notFound, "")) {
                try await store.write { try $0.deleteProvisioningTarget(missing.name, in: missing.tenant) }
            }
        }
    }

    /// A tenant has open targets while one of its own is not switched off.
    public func openTargets() async throws {
        let store = try await provisioned(["slack", "zoom"])
        func isOpen(_ tenant: Tenant = .default) async throws -> Bool { try await store.read { try $0.hasOpenTargets(in: tenant) } }
        #expect(try await !isOpen())
        for (state, expected) in [(ProvisioningTarget.State.on, true), (.off, false), (.quarantined, true)] {
            try await store.write { transaction in
                var target = try #require(try transaction.provisioningTarget("zoom", in: .default))
                target.state = state
                try transaction.update(target)
            }
            #expect(try await isOpen() == expected)
        }
        #expect(try await !isOpen(Self.acme))
        #expect(try await !isOpen(Tenant(name: "nobody")))
        try await store.write { try $0.deleteProvisioningTarget("zoom", in: .default) }
        #expect(try await !isOpen())
    }

    /// A link is kept whole, one for each subject and target, until it is removed.
    public func targetLinks() async throws {
        let store = try await provisioned(["slack", "zoom"])
        func link(_ id: String = "u", to target: String = "slack", in tenant: Tenant = .default) async throws -> TargetLink? {
            try await store.read { try $0.targetLink(Samples.user(id, in: tenant), to: target) }
        }
        let full = TargetLink(
            target: "slack", subject: Samples.user("u"), remoteID: "r", origin: .adopted, isActive: false, document: [0, 255],
            groups: ["b", "a", "", "é\"\n\u{0}"], awaitedManager: "m", rules: 7, leftScope: Samples.later(3), updated: Samples.later(4))
        #expect(try await link() == nil)
        try await store.write { try $0.save(full) }
        #expect(try await link() == full)
        #expect(try await link(to: "zoom") == nil)
        #expect(try await link(in: Self.acme) == nil)
        #expect(try await store.read { try $0.targetLink(ResourceKey(type: "Group", id: "u"), to: "slack") } == nil)
        let bare = Samples.link("u", nil)
        try await store.write { try $0.save(bare) }
        #expect(try await link() == bare)
        await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.save(Samples.link("u", "r", to: "none")) } }
        await #expect(throws: StoreError(.notFound, "")) {
            try await store.write { try $0.save(Samples.link("u", "r", in: Tenant(name: "nobody"))) }
        }
        try await store.write { transaction in
            for target in ["zoom", "none", "slack", "slack"] { try transaction.deleteTargetLink(bare.subject, to: target) }
        }
        #expect(try await link() == nil)
    }

    /// An account belongs to one subject of a type at most, and is found by its id.
    public func linkedAccounts() async throws {
        let store = try await provisioned(["slack", "zoom"])
        func owner(_ account: String, _ type: String = "User", at target: String = "slack", in tenant: Tenant = .default) async throws
            -> String?
        {
            try await store.read { try $0.targetLink(remoteID: account, type: type, to: target, in: tenant)?.subject.id }
        }
        let group = TargetLink(
            target: "slack", subject: ResourceKey(type: "Group", id: "g"), remoteID: "r", origin: .created, updated: Samples.time)
        try await store.write { transaction in
            for link in [Samples.link("u", "r"), Samples.link("v", nil), Samples.link("w", nil), group] { try transaction.save(link) }
            try transaction.save(Samples.link("z", "r", to: "zoom"))
            try transaction.save(Samples.link("a", "r", in: Self.acme))
        }
        #expect(try await owner("r") == "u")
        #expect(try await owner("R") == nil)
        #expect(try await owner("r", "Group") == "g")
        #expect(try await owner("r", at: "zoom") == "z")
        #expect(try await owner("r", in: Self.acme) == "a")
        for id in ["v", "new"] {
            await #expect(throws: StoreError(.conflict, "")) { try await store.write { try $0.save(Samples.link(id, "r")) } }
        }
        #expect(try await store.read { try $0.targetLink(Samples.user("v"), to: "slack") } == Samples.link("v", nil))
        // It is free again when its owner lets it go.
        try await store.write { transaction in
            try transaction.save(Samples.link("u", "other"))
            try transaction.save(Samples.link("v", "r"))
        }
        #expect(try await owner("r") == "v")
        try await store.write { transaction in
            try transaction.deleteTargetLink(Samples.user("v"), to: "slack")
            try transaction.save(Samples.link("w", "r"))
        }
        #expect(try await owner("r") == "w")
        #expect(try await owner("other") == "u")
    }

    /// Links of one type are paged through in the order of the subjects' ids.
    public func targetLinkPages() async throws {
        let store = try await provisioned(["slack", "zoom"])
        try await store.write { transaction in
            for id in ["c", "a", "d", "b"] { try transaction.save(Samples.link(id, "r-\(id)")) }
            try transaction.save(Samples.link("bb", "r", to: "zoom"))
            try transaction.save(Samples.link("bb", "r", in: Self.acme))
        }
        func page(after id: String = "", limit: Int = 9, type: String = "User", target: String = "slack") async throws -> [String] {
            try await store.read(.scan) { try $0.targetLinks(to: target, in: .default, type: type, after: id, limit: limit) }
                .map(\.subject.id)
        }
        #expect(try await page() == ["a", "b", "c", "d"])
        #expect(try await page(limit: 2) == ["a", "b"])
        #expect(try await page(after: "b", limit: 2) == ["c", "d"])
        #expect(try await page(after: "bb") == ["c", "d"])
        #expect(try await page(after: "d").isEmpty)
        #expect(try await page(limit: 0).isEmpty)
        #expect(try await page(type: "Group").isEmpty)
        #expect(try await page(type: "Unknown").isEmpty)
        #expect(try await page(target: "none").isEmpty)
    }

    /// Links are found by the manager they wait for and by when their subjects left, and accounts are counted.
    public func targetLinkQueries() async throws {
        let store = try await provisioned(["slack", "zoom"])
        func awaiting(_ id: String, manager: String?, to target: String = "slack", in tenant: Tenant = .default) -> TargetLink {
            var link = Samples.link(id, "r-\(id)", to: target, in: tenant)
            link.awaitedManager = manager
            return link
        }
        func left(_ id: String, after seconds: Int?, to target: String = "slack") -> TargetLink {
            var link = Samples.link(id, "r-\(id)", to: target, isActive: false)
            link.leftScope = seconds.map(Samples.later)
            return link
        }
        let links = [
            awaiting("b", manager: "m"), awaiting("a", manager: "m"), awaiting("c", manager: "n"), awaiting("d", manager: nil),
            awaiting("z", manager: "m", to: "zoom"), awaiting("x", manager: "m", in: Self.acme),
            left("l3", after: 30), left("l1", after: 10), left("l2", after: 20), left("l4", after: 5, to: "zoom"),
            Samples.link("without", nil),
        ]
        try await store.write { transaction in for link in links { try transaction.save(link) } }
        func reports(of manager: String, at target: String = "slack") async throws -> [String] {
            try await store.read { try $0.targetLinks(awaiting: Samples.user(manager), at: target) }.map(\.subject.id)
        }
        #expect(try await reports(of: "m") == ["a", "b"])
        #expect(try await reports(of: "n") == ["c"])
        #expect(try await reports(of: "m", at: "zoom") == ["z"])
        #expect(try await reports(of: "a").isEmpty)
        #expect(try await reports(of: "m", at: "none").isEmpty)

        func gone(by seconds: Int, limit: Int = 9) async throws -> [String] {
            try await store.read {
                try $0.targetLinks(leftBefore: Samples.later(seconds), target: "slack", in: .default, limit: limit)
            }.map(\.subject.id)
        }
        #expect(try await gone(by: 9).isEmpty)
        #expect(try await gone(by: 20) == ["l1", "l2"])
        #expect(try await gone(by: 99) == ["l1", "l2", "l3"])
        #expect(try await gone(by: 99, limit: 1) == ["l1"])
        // Who comes back has not left.
        let returned = left("l1", after: nil)
        try await store.write { try $0.save(returned) }
        #expect(try await gone(by: 20) == ["l2"])

        func counts(_ target: String = "slack", type: String = "User", in tenant: Tenant = .default) async throws -> [Int] {
            let (active, all) = try await store.read { try $0.targetLinkCounts(to: target, in: tenant, type: type) }
            return [active, all]
        }
        #expect(try await counts() == [4, 7])
        #expect(try await counts("zoom") == [1, 2])
        #expect(try await counts(in: Self.acme) == [1, 1])
        for none in [try await counts("none"), try await counts(type: "Group"), try await counts(in: Tenant(name: "nobody"))] {
            #expect(none == [0, 0])
        }
    }

    /// Assignments are kept, replaced and removed, and paged through in the order of type and id.
    public func targetAssignments() async throws {
        let store = try await provisioned(["slack", "zoom"])
        let group = ResourceKey(type: "Group", id: "z")
        let sales = TargetAssignment(target: "slack", subject: Samples.user("a"), groups: ["Sales", "A\"b", ""])
        let (staff, other) = (TargetAssignment(target: "slack", subject: group), TargetAssignment(target: "zoom", subject: group))
        let foreign = TargetAssignment(target: "slack", subject: Samples.user("a", in: Self.acme))
        let last = TargetAssignment(target: "slack", subject: Samples.user("b"))
        try await store.write { transaction in for one in [last, sales, staff, other, foreign] { try transaction.save(one) } }
        func page(after key: ResourceKey? = nil, limit: Int = 9, target: String = "slack") async throws -> [TargetAssignment] {
            try await store.read { try $0.targetAssignments(to: target, in: .default, after: key, limit: limit) }
        }
        #expect(try await page() == [staff, sales, last])
        #expect(try await page(limit: 2) == [staff, sales])
        #expect(try await page(after: group) == [sales, last])
        #expect(try await page(after: sales.subject) == [last])
        #expect(try await page(after: last.subject).isEmpty)
        #expect(try await page(target: "zoom") == [other])
        #expect(try await page(target: "none").isEmpty)
        func assignment(_ subject: ResourceKey, _ target: String = "slack") async throws -> TargetAssignment? {
            try await store.read { try $0.targetAssignment(of: subject, to: target) }
        }
        #expect(try await assignment(sales.subject) == sales)
        #expect(try await assignment(foreign.subject) == foreign)
        #expect(try await assignment(sales.subject, "zoom") == nil)
        #expect(try await assignment(sales.subject, "none") == nil)
        let moved = TargetAssignment(target: "slack", subject: sales.subject, groups: ["Support"])
        try await store.write { try $0.save(moved) }
        #expect(try await assignment(sales.subject) == moved)
        func remove(_ subject: ResourceKey, _ target: String = "slack") async throws -> Bool {
            try await store.write { try $0.deleteTargetAssignment(of: subject, to: target) }
        }
        #expect(try await remove(group))
        #expect(try await !remove(group))
        #expect(try await !remove(group, "none"))
        #expect(try await page() == [moved, last])
        #expect(try await page(target: "zoom") == [other])
        let lost = TargetAssignment(target: "none", subject: group)
        await #expect(throws: StoreError(.notFound, "")) { try await store.write { try $0.save(lost) } }
    }
}
