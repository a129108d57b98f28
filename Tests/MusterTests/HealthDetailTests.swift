import Foundation
import Logging
import MusterCore
import MusterPlugins
import MusterSQLite
import MusterTesting
import SCIM
import Testing

@testable import Muster

@Suite("The detail of health")
struct HealthDetailTests {
    @Test("a subscriber whose plugin is paused is behind as soon as its oldest event is a minute old, though none of it is due")
    func paused() async throws {
        let folder = try TemporaryFolder()
        let plugins = try folder.plugin(
            "loops", manifest: #""limits": {"cpuMs": 1}"#, lua: "return { onCreate = function() while true do end end }")
        let (store, clock) = (try SQLiteStore.inMemory(), ManualClock())
        let host = PluginHost(
            directory: URL(filePath: plugins, directoryHint: .isDirectory), store: store,
            world: PluginWorld(store: store, transport: NoTransport(), clock: clock.wallClock), settings: PluginSettings(), logger: .quiet)
        try await host.load()
        let user = ResourceKey(type: "User", id: "ada")
        let change = ChangeRecord(
            id: "change-1", time: clock.now, resource: user, operation: .create, actor: "test", requestID: "request-1", depth: 0,
            before: nil,
            after: Array(#"{"id":"ada"}"#.utf8), changes: [])
        let event = LifecycleEvent(id: "change-1-0", kind: .userCreated, subject: user, change: change)
        try await store.write { try $0.append(change, [(event: event, subscribers: ["plugin:loops"])]) }

        let health = HealthDetail(
            store: store, clock: clock.wallClock, subscribers: { ["plugin:loops"] }, plugins: { [host] }, targets: { [] })
        func standing() async throws -> (status: String?, due: Int64?, event: Int64?) {
            let document = try await health.document()
            let row = document["subscribers"]?.array?.first
            return (document["status"]?.string, row?["oldestDueSeconds"]?.integer, row?["oldestEventSeconds"]?.integer)
        }
        /// Hands the delivery to the plugin, and writes down what came of it.
        func turn() async throws -> DeliveryOutcome {
            let (now, lease) = (clock.now, clock.now + .seconds(120))
            let claimed = try await store.write { try $0.claimDeliveries(for: ["plugin:loops"], limit: 1, now: now, leasedUntil: lease) }
            let delivery = try #require(claimed.first)
            let outcome = await host.handle(delivery)
            try await store.write { try $0.settle(delivery, .release(due: now + .seconds(60))) }
            return outcome
        }
        // Five times it has to be stopped.
        for _ in 1...4 {
            _ = try await turn()
            #expect(try await standing() == ("ok", 0, (clock.now.milliseconds - change.time.milliseconds) / 1000))
            clock.advance(by: .seconds(60))
        }
        _ = try await turn()
        #expect(try await standing() == ("behind", 0, 240))
        clock.advance(by: .seconds(60))
        #expect(try await turn() == .postpone(.seconds(60)))
        #expect(try await standing() == ("behind", 0, 300))
    }
}

/// Never asked.
private struct NoTransport: HTTPTransport {
    func send(_ request: OutboundRequest) async throws -> OutboundResponse { throw TransportError(.connectionFailed, "nothing is sent") }
}
