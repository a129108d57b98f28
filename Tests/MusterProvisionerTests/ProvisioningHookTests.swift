import MusterCore
import MusterProvisioner
import MusterTesting
import SCIM
import Synchronization
import Testing

@Suite("Scripts in provisioning")
struct ProvisioningHookTests {
    @Test("a script that skips, rejects or fails keeps nobody's account open", arguments: ["skip", "reject", "fail"])
    func leaver(how: String) async throws {
        let ends = Mutex<[ProvisioningHooks.Ending]>([])
        let bench = try Bench(
            hooks: ProvisioningHooks(
                map: { document, person, _ in
                    if person.isActive { return .document(document) }
                    guard how != "fail" else { throw ProvisionerError(.invalid, "the plugin failed") }
                    return how == "skip" ? .skip("not mine") : .reject("no cost centre")
                }, ended: { end in ends.withLock { $0.append(end) } }))
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["active"] == true)
        try await bench.change(ada, ["active": false])
        try await bench.settle()
        #expect(bench.target.user(named: "ada")?["active"] == false)
        #expect(try await bench.tasks([.failed]).isEmpty)
        #expect(ends.withLock { $0.map(\.plan.action) } == [.create, .deactivate])
        #expect(ends.withLock { $0.allSatisfy { $0.subject == ada } } && Set(ends.withLock { $0.map(\.key) }).count == 2)
    }

    @Test("a plan that fails tells the id of the account that it could not change")
    func failure() async throws {
        let ends = Mutex<[ProvisioningHooks.Ending]>([])
        let bench = try Bench(hooks: ProvisioningHooks(ended: { end in ends.withLock { $0.append(end) } }))
        let ada = try await bench.addUser("ada")
        try await bench.connect()
        try await bench.settle()
        bench.target.switches.refusedUserNames = ["ada"]
        try await bench.change(ada, ["title": "Countess"])
        try await bench.settle()
        let last = try #require(ends.withLock { $0.last })
        #expect(last.error != nil && last.plan.action == .update)
        #expect(last.remoteID == bench.id(of: "ada") && last.person?.user["userName"] == "ada")
    }
}
