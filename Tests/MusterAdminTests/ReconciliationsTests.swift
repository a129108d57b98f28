import MusterCore
import MusterServer
import MusterTesting
import SCIM
import Testing

@testable import MusterAdmin
@testable import MusterProvisioner

@Suite("Reconciliations that outlast their requests")
struct ReconciliationsTests {
    private func begin(
        _ reconciliations: Reconciliations, in tenant: Tenant = .default,
        _ work: @escaping @Sendable (@escaping @Sendable (ReconcileProgress) -> Void) async throws -> ReconcileReport
    ) -> Task<Void, Never>? {
        reconciliations.begin(at: "app", in: tenant, mode: .full, isPlanOnly: true, by: "anna", work)
    }

    @Test("a target has one at a time, which tells how far it is and then what came of it")
    func one() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (told, tell) = AsyncStream.makeStream(of: Void.self)
        let reconciliations = Reconciliations(clock: WallClock { Samples.time })
        #expect(reconciliations.run(at: "app", in: .default) == nil)
        let first = try #require(
            begin(reconciliations) { progress in
                progress(ReconcileProgress(phase: "accounts", done: 3, all: 7))
                tell.finish()
                for await _ in gate {}
                return ReconcileReport()
            })
        #expect(begin(reconciliations) { _ in ReconcileReport() } == nil)
        let theirs = try #require(begin(reconciliations, in: Tenant(name: "acme")) { _ in ReconcileReport() })
        await theirs.value
        for await _ in told {}
        let running = try #require(reconciliations.run(at: "app", in: .default)).document
        #expect(running["state"] == "running" && running["progress"] == ["phase": "accounts", "done": 3, "all": 7])
        open.finish()
        await first.value
        let done = try #require(reconciliations.run(at: "app", in: .default)).document
        #expect(done["state"] == "done" && done["report"] == ReconcileReport().json && done["progress"] == nil)
        #expect(done["ended"]?.string == Samples.time.dateTime)
        let second = try #require(begin(reconciliations) { _ in throw ProvisionerError(.target, "it is down") })
        await second.value
        let failed = try #require(reconciliations.run(at: "app", in: .default)).document
        #expect(failed["state"] == "failed" && failed["error"] == "it is down")
        reconciliations.forget("app", in: .default)
        #expect(reconciliations.run(at: "app", in: .default) == nil)
    }

    @Test("one that takes longer than a request may is answered 202, and another one meanwhile is a conflict")
    func long() async throws {
        let rig = try await AdminRig()
        _ = try await rig.provisioner.save(AdminRig.definition(), in: .default, by: "anna")
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        rig.target.stub("GET", AdminRig.baseURL + "/Groups*") { _ in
            for await _ in gate {}
            throw TransportError(.connectionFailed, "it is down")
        }
        let operation = try #require(AdminOperation.all.first { $0.id == "reconcileTarget" })
        let call = AdminCall(
            provisioner: rig.provisioner, reconciliations: Reconciliations(), tenant: .default, actor: "anna", patience: .zero,
            names: ["name": "app"], parameters: try QueryParameters(nil), body: .null)
        let answer = try await operation.act(call)
        #expect(answer.status == 202 && answer.document?["state"] == "running")
        let refused = await #expect(throws: SCIMError.self) { try await operation.act(call) }
        #expect(refused?.status == 409)
        open.finish()
    }
}
