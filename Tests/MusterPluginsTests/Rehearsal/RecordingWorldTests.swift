import Foundation
import Logging
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

@Suite struct RecordingWorldTests {
    private static let permissions =
        #""permissions": {"http": ["https://api.example.com/*"], "kv": true, "secrets": ["KEY"], "scim": ["users:read"]}"#

    /// A plugin in the real world of a test, and the same plugin in a world that only records.
    private struct Pair {
        let live: TestPlugins
        let shadow: PluginHost
        let observed = Observed()

        init(_ body: String, answers: @escaping @Sendable (OutboundRequest) -> OutboundResponse? = { _ in nil }, transport: FakeTransport)
            async throws
        {
            live = try await plugin(
                .onCreate, body, manifest: RecordingWorldTests.permissions, settings: PluginSettings(secret: { _ in "s3cret-value" }),
                transport: transport)
            let observed = observed
            let base = PluginWorld(store: live.store, transport: transport, clock: live.time.clock)
            let recording = RecordingWorld(over: base, answers: answers) { observed.add($0) }
            shadow = PluginHost(
                directory: live.directory, store: live.store, world: recording.world, settings: live.host.settings, logger: live.log.logger)
            try await shadow.load()
        }

        /// The same plugin in the real world of the test, where it is taken down what it does.
        func recording(clock: WallClock) async throws -> PluginHost {
            let host = PluginHost(
                directory: live.directory, store: live.store,
                world: PluginWorld(store: live.store, transport: live.transport, clock: clock).journaling, settings: live.host.settings,
                logger: live.log.logger)
            try await host.load()
            return host
        }

        func run(as record: RunRecord? = nil) async -> (outcome: DeliveryOutcome, record: RunRecord) {
            await shadow.run(Self.delivery, as: record)
        }

        static let delivery = Delivery(
            id: 1, subscriber: "plugin:probe", event: .user(.userCreated), state: .leased, attempts: 1, due: .init(milliseconds: 0),
            leasedUntil: nil, lease: 1, lastError: nil)
    }

    private final class Observed: Sendable {
        private let all = Mutex<[RecordingWorld.Observation]>([])
        func add(_ observation: RecordingWorld.Observation) { all.withLock { $0.append(observation) } }
        var titles: [String] { all.withLock { $0.map { "\($0.plugin) \($0.hook.rawValue) \($0.requestID) \($0.call.title)" } } }
    }

    @Test("nothing is sent; calls are taken down with what they carry, without secrets, and answered with {}")
    func nothingIsSent() async throws {
        let transport = FakeTransport()
        let pair = try await Pair(
            """
            local key = muster.secrets.get("KEY")
            local reply = muster.http.post("https://api.example.com/a?k=" .. key,
                { headers = { authorization = "Bearer x", ["x-mode"] = "fast " .. key }, json = { name = ctx.user.userName, key = key } })
            if reply.status ~= 200 or next(reply.decode()) then error("another answer") end
            """, transport: transport)
        let (outcome, record) = await pair.run()
        #expect(outcome == .delivered)
        #expect(transport.requests.isEmpty)
        let call = try #require(record.calls.first)
        #expect(record.calls.count == 1)
        #expect(call.title == "POST https://api.example.com/a?k=***")
        #expect(call.headers.contains(HTTPHeader("authorization", "***")))
        #expect(call.headers.contains(HTTPHeader("x-mode", "fast ***")))
        #expect(call.headers.contains(HTTPHeader("idempotency-key", "change-1-1:probe:1")))
        #expect(try AttributeValue(json: call.body.text) == ["name": "ada", "key": "***"])
        #expect(call.isAnswerMadeUp)
        #expect(pair.observed.titles == ["probe onCreate request-1 POST https://api.example.com/a?k=***"])
    }

    @Test("permissions guard a world that only records as they guard the real one")
    func guarded() async throws {
        let pair = try await Pair(#"muster.http.get("https://elsewhere.example.com/")"#, transport: FakeTransport())
        let (outcome, record) = await pair.run()
        #expect(outcome.retryReason?.contains("not among the addresses of this plugin") == true)
        #expect(record.calls.isEmpty)
    }

    @Test("a request is answered from the given source")
    func answers() async throws {
        let pair = try await Pair(
            #"local r = muster.http.get("https://api.example.com/a"); if r.status == 404 then ctx.fail { reason = r.body } end"#,
            answers: { $0.url.hasSuffix("/a") ? OutboundResponse(status: 404, body: Array("not here".utf8)) : nil },
            transport: FakeTransport())
        let (outcome, record) = await pair.run()
        #expect(outcome == .fail(reason: "not here"))
        #expect(record.calls.first?.isAnswerMadeUp == false)
    }

    @Test("values are read from the real ones; what is written lies above them and is seen by later runs, not by the store")
    func values() async throws {
        let pair = try await Pair(
            """
            local n = muster.kv.incr("n")
            muster.kv.set("seen", { n = n })
            muster.kv.delete("old")
            if muster.kv.get("seen").n ~= n or muster.kv.get("old") then error("not what was written") end
            if n == 6 then ctx.fail { reason = "six" } end
            """, transport: FakeTransport())
        let stored: [String: (bytes: [UInt8], expires: Timestamp?)] = [
            "default/probe/n": (PluginValue(4).bytes, nil), "default/probe/old": (PluginValue("x").bytes, nil),
        ]
        pair.live.store.state.withLock { $0.values = stored }
        let first = await pair.run()
        #expect(first.outcome == .delivered)
        #expect(first.record.calls.map(\.title) == ["kv set n", "kv set seen", "kv remove old"])
        #expect(await pair.run().outcome == .fail(reason: "six"))
        #expect(pair.live.store.state.withLock { $0.values.mapValues(\.bytes) } == stored.mapValues(\.bytes))
    }

    @Test("a recorded run is repeated: answers, values, time and UUIDs are those of then, and the calls do not differ")
    func repeated() async throws {
        let count = Mutex(0)
        let transport = FakeTransport { _ in
            let number = count.withLock { count in
                count += 1
                return count
            }
            return OutboundResponse(status: 200, body: Array(#"{"number":\#(number)}"#.utf8))
        }
        let pair = try await Pair(
            """
            local function ask(n)
                return muster.http.get("https://api.example.com/next?" .. n).decode().number
            end
            muster.once(ctx, "greet", function() muster.http.post("https://api.example.com/greet", { json = { first = ask(1) } }) end)
            muster.http.post("https://api.example.com/log", { json = {
                second = ask(1), at = muster.time.now(), id = muster.crypto.uuid(), visits = muster.kv.incr("visits") } })
            """, transport: transport)
        let (outcome, record) = await pair.live.host.run(Pair.delivery)
        #expect(outcome == .delivered)
        #expect(transport.requests.count == 4)
        // What was kept is what is told later, when all else has moved on.
        let kept = try #require(RunRecord(bytes: record.bytes))
        pair.live.time.advance(by: .seconds(1000))
        let again = await pair.run(as: kept)
        #expect(again.outcome == .delivered)
        #expect(CallComparison.differences(from: kept.calls, to: again.record.calls).flatMap(\.lines) == [])
        #expect(again.record.calls.count == kept.calls.count)
        #expect(transport.requests.count == 4)
        // Without the record the step counts as done, and the rest goes another way.
        #expect(!CallComparison.differences(from: kept.calls, to: await pair.run().record.calls).isEmpty)
    }

    @Test("a clock that is read several times in one millisecond tells the same again; records without counts are read too")
    func clock() async throws {
        let pair = try await Pair(
            """
            local function now() return muster.time.iso() end
            muster.http.post("https://api.example.com/log", { json = { now(), now(), now(), now(), now() } })
            """, transport: FakeTransport())
        let reads = Mutex(0)
        // Three readings fall into each millisecond.
        let clock = WallClock {
            Timestamp(
                milliseconds: reads.withLock { reads in
                    reads += 1
                    return Int64((reads - 1) / 3)
                })
        }
        let live = try await pair.recording(clock: clock)
        let (_, record) = await live.run(Pair.delivery)
        let times = record.inputs.filter { $0.source == .clock }.map(\.times)
        #expect(times.reduce(0, +) == 5 && times.count < 5, "\(times)")
        let kept = try #require(RunRecord(bytes: record.bytes))
        #expect(kept == record)
        #expect(CallComparison.differences(from: kept.calls, to: await pair.run(as: kept).record.calls).flatMap(\.lines) == [])

        let old = try #require(RunRecord(bytes: Array(#"{"inputs": [{"source": "clock", "name": "", "value": 5}]}"#.utf8)))
        #expect(old.inputs == [.init(.clock, "", 5)])
        #expect(await pair.run(as: old).record.calls.first?.body.text.contains("1970-01-01T00:00:00.005Z") == true)
    }

    @Test("a record whose answers are longer than what is kept says so, and only such a one", arguments: [(16, false), (17, true)])
    func longAnswers(kilobytes: Int, isIncomplete: Bool) async throws {
        let transport = FakeTransport { _ in .init(status: 200, body: Array(repeating: UInt8(ascii: "x"), count: kilobytes << 10)) }
        let pair = try await Pair(#"muster.http.get("https://api.example.com/a")"#, transport: transport)
        let (_, record) = await pair.live.host.run(Pair.delivery)
        #expect(record.isIncomplete == isIncomplete)
        #expect(RunRecord(bytes: record.bytes)?.isIncomplete == isIncomplete)
    }

    @Test("tokens and passwords of requests, answers and values are blotted out, and the record says that it is not whole")
    func tokens() async throws {
        let transport = FakeTransport { _ in
            .init(status: 200, body: Array(#"{"user":{"access_token":"t0p-a","expires_in":3600},"refresh_token":"t0p-b"}"#.utf8))
        }
        let pair = try await Pair(
            """
            local reply = muster.http.post("https://api.example.com/token?access_token=t0p-c",
                { body = "grant_type=password&client_secret=t0p-d&password=t0p-e&scope=all" })
            muster.kv.set("login", reply.decode())
            muster.http.post("https://api.example.com/a", { json = { Password = "t0p-f", expires = muster.kv.get("login").user.expires_in } })
            """, transport: transport)
        let (outcome, record) = await pair.live.host.run(Pair.delivery)
        #expect(outcome == .delivered)
        #expect(!String(decoding: record.bytes, as: UTF8.self).contains("t0p"))
        #expect(record.calls.first?.title == "POST https://api.example.com/token?access_token=***")
        #expect(record.calls.first?.body.text == "grant_type=password&client_secret=***&password=***&scope=all")
        let kept = try #require(RunRecord(bytes: record.bytes))
        #expect(kept == record && kept.isIncomplete && !kept.isCut)
        // The rest is as it was: the same version does the same.
        #expect(CallComparison.differences(from: kept.calls, to: await pair.run(as: kept).record.calls).flatMap(\.lines) == [])
    }

    @Test("a token that an earlier version of Muster has kept is not shown")
    func oldTokens() throws {
        let old = #"""
            {"calls": [{"kind": "http", "method": "GET", "target": "https://a/?access_token=t0p", "body": "{\"password\": \"t0p\"}",
            "answer": {"status": 200, "body": "{\"id_token\": \"t0p\"}"}}]}
            """#
        let record = try #require(RunRecord(bytes: Array(old.utf8)))
        #expect(record.calls.count == 1)
        #expect(!record.document.jsonText.contains("t0p"))
        #expect(record.isIncomplete)
    }

    @Test(
        "what is blotted out of a text, and what is not",
        arguments: [
            (#"{"a":[{"idToken" : "x\"y"}],"b":1}"#, #"{"a":[{"idToken" : "***"}],"b":1}"#),
            (#"{"password":12,"client-secret":{"a":["]"]},"z":"é"}"#, #"{"password":"***","client-secret":"***","z":"é"}"#),
            (#"{"access_token":"cut in the mid"#, #"{"access_token":"***""#),
            (#"say "hello {"ACCESS_TOKEN":"x"}"#, #"say "hello {"ACCESS_TOKEN":"***"}"#),
            ("access_token=x&token_type=bearer", "access_token=***&token_type=bearer"),
            (#"{"next":"https://a/?b=1&refresh_token=x"}"#, #"{"next":"https://a/?b=1&refresh_token=***"}"#),
            (#"{"password":null,"token_type":"bearer","passwords":"x"}"#, nil), ("password=&a=access_token", nil), ("", nil),
            (#"{"op":"password","path":"password"}"#, nil), (#""password""#, nil), (#""password":"#, nil),
        ])
    func blots(text: String, kept: String?) {
        #expect(text.withoutTokens == kept ?? text)
        #expect(text.withoutTokens.withoutTokens == kept ?? text)
    }

    @Test("a recorded failure fails again")
    func failures() async throws {
        let transport = FakeTransport { _ in throw TransportError(.timeout, "no answer from api.example.com in time") }
        let pair = try await Pair(#"muster.http.get("https://api.example.com/a")"#, transport: transport)
        let record = RunRecord(calls: [
            {
                var call = RecordedCall(kind: .http, method: "GET", target: "https://api.example.com/a")
                call.problem = "no answer from api.example.com in time"
                return call
            }()
        ])
        #expect(await pair.run(as: record).outcome.retryReason?.contains("no answer from api.example.com in time") == true)
    }

    @Test("what a run does without end is cut, and the record says so")
    func limits() async throws {
        let pair = try await Pair(
            #"for i = 1, 700 do muster.http.get("https://api.example.com/" .. i) end"#, transport: FakeTransport())
        let (_, record) = await pair.run()
        #expect(record.isCut)
        #expect(record.calls.count <= RunJournal.entryLimit)
    }
}
