import Logging
import MusterCore
import MusterServer
import MusterTesting
import SCIM
import Synchronization
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

    @Test("one that was forgotten tells no more, and does not speak for the next at its target")
    func forgotten() async throws {
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        let (last, end) = AsyncStream.makeStream(of: Void.self)
        let reconciliations = Reconciliations()
        let first = try #require(
            begin(reconciliations) { progress in
                for await _ in gate {}
                progress(ReconcileProgress(phase: "accounts", done: 1, all: nil))
                throw ProvisionerError(.notFound, "the target is gone")
            })
        reconciliations.forget("app", in: .default)
        let second = try #require(
            begin(reconciliations) { _ in
                for await _ in last {}
                return ReconcileReport()
            })
        open.finish()
        await first.value
        let running = try #require(reconciliations.run(at: "app", in: .default))
        #expect(running.outcome == nil && running.progress == nil)
        end.finish()
        await second.value
        #expect(reconciliations.run(at: "app", in: .default)?.document["state"] == "done")
    }

    @Test("a failure that is told of in the log stands there")
    func logged() async throws {
        struct Broken: Error {}
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { _ in
            LineHandler { line in lines.withLock { $0.append(line) } }
        }
        let reconciliations = Reconciliations()
        let run = try #require(withLogger(logger) { _ in begin(reconciliations) { _ in throw Broken() } })
        await run.value
        #expect(reconciliations.run(at: "app", in: .default)?.document["error"] == "the server failed; its log tells more")
        #expect(lines.withLock { $0 } == ["error: a reconciliation failed"])
    }
}

/// Hands on what is logged, a line each.
private struct LineHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.info
    let take: @Sendable (String) -> Void

    init(_ take: @escaping @Sendable (String) -> Void) { self.take = take }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { take("\(event.level): \(event.message)") }
}
