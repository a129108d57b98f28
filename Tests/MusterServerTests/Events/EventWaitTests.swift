import HTTPTypes
import MusterDirectory
import SCIM
import ServiceLifecycle
import Testing

@testable import MusterServer

@Suite(.timeLimit(.minutes(2))) struct EventWaitTests {
    @Test("a poll that finds nothing waits for the next commit (RFC 8936 §2.4)")
    func woken() async throws {
        // It would look again only when all is over.
        let rig = try await EventRig(settings: EventSettings(longestWait: .seconds(30), lookInterval: .seconds(30)))
        try await rig.run { client in
            let start = try await client.poll(["from": "now", "returnImmediately": true])
            async let poll = client.poll(["cursor": start.cursor])
            let path = "/Users/" + (try await client.user("ada"))
            #expect(try await poll.paths() == [path])
        }
    }

    @Test("a poll that waits finds what another process wrote")
    func otherProcess() async throws {
        let settings = EventSettings(longestWait: .seconds(30), lookInterval: .milliseconds(5))
        let rig = try await EventRig(settings: settings, isNotified: false)
        try await rig.run { client in
            async let poll = client.poll([:])
            let path = "/Users/" + (try await client.user("ada"))
            #expect(try await poll.paths() == [path])
        }
    }

    @Test("a change that the reader may not see does not end its wait")
    func hidden() async throws {
        let rig = try await EventRig(settings: EventSettings(longestWait: .seconds(30), lookInterval: .seconds(30)))
        let groups = try await rig.token(scopes: "read:Group")
        try await rig.run { client in
            async let poll = client.with(groups).poll([:])
            _ = try await client.user("ada")
            let path = "/Groups/" + (try await client.group("staff"))
            #expect(try await poll.paths() == [path])
        }
    }

    @Test("a poll that nothing happens in ends empty, and may be repeated")
    func empty() async throws {
        let rig = try await EventRig(settings: EventSettings(longestWait: .milliseconds(1)))
        try await rig.run { client in
            let poll = try await client.poll([:])
            #expect(poll.answer.status == 200)
            #expect(poll.order.isEmpty && poll.isMoreAvailable == false)
            #expect(try await client.poll(["cursor": poll.cursor]).cursor == poll.cursor)
        }
    }

    @Test("only so many polls may wait; others are told to come later", arguments: [(0, 4), (4, 0)])
    func bounded(all: Int, ofOne: Int) async throws {
        let settings = EventSettings(longestWait: .seconds(30), maximumWaiting: all, maximumWaitingPerClient: ofOne)
        try await EventRig(settings: settings).run { client in
            let answer = try await client.poll([:]).answer
            #expect(answer.isError(429))
            #expect(answer.headers[.retryAfter] == "5")
            #expect(try await client.poll().answer.status == 200)
        }
    }

    @Test("a place is given back when its poll is answered")
    func places() async throws {
        let settings = EventSettings(longestWait: .milliseconds(1), maximumWaiting: 1, maximumWaitingPerClient: 1)
        try await EventRig(settings: settings).run { client in
            for _ in 0..<5 {
                let status = try await client.poll([:]).answer.status
                #expect(status == 200)
            }
        }
    }

    // MARK: The broadcast

    @Test("a notice between the look and the wait is not lost")
    func lateNotice() async {
        let broadcast = EventBroadcast()
        let seen = broadcast.notices
        broadcast.notify()
        await broadcast.wait(after: seen, atMost: .seconds(600))
    }

    @Test("everyone who waits is woken")
    func everyone() async {
        let broadcast = EventBroadcast()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<20 { group.addTask { await broadcast.wait(after: 0, atMost: .seconds(600)) } }
            broadcast.notify()
            await group.waitForAll()
        }
    }

    @Test("who is cancelled waits no longer")
    func cancelled() async {
        let task = Task { await EventBroadcast().wait(after: 0, atMost: .seconds(600)) }
        task.cancel()
        await task.value
    }

    @Test("a graceful shutdown ends every wait")
    func shutdown() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let waiting = WaitingService(start: start)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: waiting, successTerminationBehavior: .ignore)], logger: LogRecorder().logger))
        async let run: Void = group.run()
        for await _ in started { break }
        await group.triggerGracefulShutdown()
        try await run
    }

    private struct WaitingService: Service {
        let start: AsyncStream<Void>.Continuation

        func run() async throws {
            start.yield()
            await EventBroadcast().wait(after: 0, atMost: .seconds(600))
            #expect(Task.isShuttingDownGracefully)
        }
    }

    @Test("no poll may wait longer than 30 seconds")
    func longest() {
        #expect(EventSettings(longestWait: .seconds(3600)).longestWait == .seconds(30))
        #expect(EventSettings(longestWait: .seconds(5)).longestWait == .seconds(5))
    }
}
