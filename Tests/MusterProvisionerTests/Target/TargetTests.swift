import MusterCore
import MusterProvisioner
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@Suite("Targets and what is before them")
struct TargetTests {
    @Test("one that must be new replaces none; an edit tells in the audit which members it changed")
    func saving() async throws {
        let bench = try Bench()
        #expect(try await bench.provisioner.save(Bench.definition(), mustBeNew: true, in: .default, by: "ada").isNew)
        await #expect(throws: ProvisionerError(.conflict, "")) {
            try await bench.provisioner.save(Bench.definition(["leaving": "delete"]), mustBeNew: true, in: .default, by: "ada")
        }
        let changed = Bench.definition(["leaving": "delete", "scope": .null])
        #expect(try await !bench.provisioner.save(changed, in: .default, by: "ada").isNew)
        let entries = try await bench.provisioner.audit(in: .default)
        #expect(entries.map(\.act) == ["target.change", "target.create"])
        #expect(entries.first?.json["detail"] == ["changed": ["scope", "leaving"]])
    }

    @Test("each is listed with its own accounts and tasks")
    func listed() async throws {
        let bench = try Bench()
        try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        try await bench.provisioner.save(Bench.definition(["name": "other"]), in: .default, by: "ada")
        let listed = try await bench.provisioner.targets(in: .default)
        #expect(listed.map(\.target.row.name) == ["app", "other"] && listed.map(\.accounts) == [1, 0])
        let app = try await bench.provisioner.target("app", in: .default)
        #expect(listed.first?.json == app.json && app.json["definition"] == Bench.definition() && app.summary["definition"] == nil)
    }

    @Test("there is work while tasks are due, and while events of their tenant have not been heard")
    func openWork() async throws {
        let bench = try Bench()
        try await bench.addUser("ada")
        try await bench.connect()
        let work = try await bench.provisioner.openWork(at: "app", in: .default)
        #expect(work.state == .on && work.tasks == 1 && !work.hasEvents)
        try await bench.settle()
        #expect(try await bench.provisioner.openWork(at: "app", in: .default).tasks == 0)
        try await bench.store.write { try $0.append(Samples.event(of: "p1", change: "e1"), to: Provisioner.subscriber) }
        #expect(try await bench.provisioner.openWork(at: "app", in: .default).hasEvents)
        let now = bench.clock.now
        try await bench.store.write { transaction in
            let claimed = try transaction.claimDeliveries(
                for: [Provisioner.subscriber], limit: 10, now: now + .seconds(1_000_000_000), leasedUntil: now + .seconds(2_000_000_000))
            for delivery in claimed { try transaction.settle(delivery, .delivered) }
        }
        #expect(try await !bench.provisioner.openWork(at: "app", in: .default).hasEvents)
        await #expect(throws: ProvisionerError(.notFound, "")) { try await bench.provisioner.openWork(at: "none", in: .default) }
    }

    @Test("who left the directory is found by their id while the target knows them")
    func former() async throws {
        let bench = try Bench()
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        func find(_ name: String) async throws -> ResourceKey {
            try await bench.provisioner.subject(name, ofType: "User", knownAt: "app", in: .default)
        }
        #expect(try await find("ada") == ada)
        #expect(try await bench.provisioner.names(of: [ada]) == [ada: "ada"])
        try await bench.delete(ada)
        try await bench.settle()
        #expect(try await find(ada.id) == ada)
        #expect(try await bench.provisioner.names(of: [ada]).isEmpty)
        await #expect(throws: ProvisionerError(.notFound, "")) { try await find("ada") }
    }
}
