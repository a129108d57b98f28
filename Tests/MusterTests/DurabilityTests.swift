import Foundation
import Muster
import Testing

/// What the server said yes to survives that its process is killed, and so does every hook that is owed for it.
@Suite struct DurabilityTests {
    @Test("20 kills under write load lose no acknowledged write and no hook, and no event is acknowledged twice", .timeLimit(.minutes(10)))
    func kills() async throws {
        let folder = try TemporaryFolder()
        try await Receiver.run { receiver in
            let plugins = try ledger(in: folder, port: receiver.port)
            var server = try await ServerProcess(data: folder.path("data"), plugins: plugins)
            let group = try await server.client.createGroup("everyone")
            let written = Written()
            for round in 1...20 {
                let load = load(server.client, group: group, round: round, written)
                // Each kill comes after another number of writes, in the middle of others.
                let enough = written.users.elements.count + Int.random(in: 3...40)
                await written.users.wait { $0.count >= enough }
                await server.kill()
                await load.value
                server = try await server.restarted()
            }

            let store = try SQLiteStore(path: folder.path("data/muster.sqlite"))
            // The server goes on with what is owed; nothing else wakes this test but time.
            while try await !store.read(.scan, { try $0.backlog() }).isEmpty { try await Task.sleep(for: .milliseconds(20)) }
            #expect(await server.stop() == 0)

            let users = written.users.elements
            #expect(users.count >= 60)
            let members = try await store.read(.scan) { transaction in
                for id in users { #expect(try transaction.resource(ResourceKey(type: "User", id: id)) != nil, "user \(id) is lost") }
                var members: Set<String> = []
                try transaction.forEachMember(of: ResourceKey(type: "Group", id: group)) { members.insert($0.member.id) }
                return members
            }
            #expect(members.isSuperset(of: written.members.elements), "a membership is lost")

            let deliveries = try await store.read(.scan) { try $0.deliveries(DeliveryQuery(limit: 1_000_000)) }
            #expect(deliveries.allSatisfy { $0.state == .delivered })
            for delivery in deliveries { #expect(try await store.acknowledgements(of: delivery.id) == 1) }
            let owed = Set(deliveries.map(\.event.id))
            #expect(owed.count == deliveries.count)
            try checkCalls(receiver.messages.elements, of: deliveries)
            let heard = Set(receiver.messages.elements.compactMap { $0.body["event"]?.string })
            #expect(heard.isSuperset(of: owed), "a hook that was owed has not run")
            let greeted = Set(deliveries.filter { $0.event.kind == .userCreated }.map(\.event.subject.id))
            #expect(greeted.isSuperset(of: users), "a user has no event")
            let joined = Set(deliveries.filter { $0.event.kind == .memberAdded }.map(\.event.subject.id))
            #expect(joined.isSuperset(of: written.members.elements), "a membership has no event")
        }
    }

    /// Of one subject no event is told after a newer one, and what is told again bears the key of the first time.
    private func checkCalls(_ messages: [Receiver.Message], of deliveries: [Delivery]) throws {
        let numbers = Dictionary(uniqueKeysWithValues: deliveries.map { ($0.event.id, $0.id) })
        var last: [String: Int64] = [:]
        var (keys, events): ([String: String], [String: String]) = ([:], [:])
        for message in messages {
            let event = try #require(message.body["event"]?.string)
            let number = try #require(numbers[event], "an event was told that was never committed")
            let subject = try #require(message.body["key"]?.string)
            #expect(number >= last[subject] ?? 0, "of \(subject) an older event was told after a newer one")
            last[subject] = max(number, last[subject] ?? 0)
            let key = try #require(message.headers["idempotency-key"])
            #expect(keys[event] ?? key == key && events[key] ?? event == event)
            (keys[event], events[key]) = (key, event)
        }
    }

    /// What was answered with 2xx.
    private struct Written: Sendable {
        let users = Record<String>()
        let members = Record<String>()
    }

    /// Eight clients that write until the server is gone.
    private func load(_ client: Client, group: String, round: Int, _ written: Written) -> Task<Void, Never> {
        Task {
            await withTaskGroup(of: Void.self) { tasks in
                for worker in 0..<8 {
                    tasks.addTask {
                        for number in 0... {
                            do {
                                let answer = try await client.send("POST", "/Users", ["userName": .string("u\(round)-\(worker)-\(number)")])
                                guard answer.status == 201, let id = answer.id else {
                                    Issue.record("\(answer.status): \(answer.text)")
                                    return
                                }
                                written.users.append(id)
                                let joined = try await client.addMember(id, to: group)
                                guard joined.status / 100 == 2 else {
                                    Issue.record("\(joined.status): \(joined.text)")
                                    return
                                }
                                written.members.append(id)
                            } catch { return }
                        }
                    }
                }
            }
        }
    }

    /// A plugin that tells the receiver of every event.
    private func ledger(in folder: TemporaryFolder, port: Int) throws -> String {
        try folder.plugin(
            "ledger",
            manifest: """
                "permissions": {"http": ["http://127.0.0.1:\(port)/*"]},
                "retry": {"maxAttempts": 1000, "baseMs": 20, "maxMs": 200}
                """,
            lua: """
                local function tell(ctx)
                  local reply = muster.http.post("http://127.0.0.1:\(port)/event", { json = { event = ctx.event.id, key = ctx.event.key } })
                  if reply.status ~= 200 then ctx.retry { reason = "the ledger says " .. reply.status } end
                end
                return { onCreate = tell, onGroupAdd = tell, onGroupCreate = tell }
                """)
    }
}
