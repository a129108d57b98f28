import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite("onSchedule")
struct SchedulingTests {
    /// A plugin whose hook has this body and the schedule of every ten minutes. The clock starts at a full hour.
    private func scheduled(_ body: String, manifest: String = #""schedule": "*/10 * * * *""#) async throws -> TestPlugins {
        let plugins = try TestPlugins()
        try plugins.add(
            "probe", manifest + #", "permissions": {"kv": true, "http": ["https://a.example/*"]}"#,
            lua: "return { onSchedule = function(ctx)\n\(body)\nend }")
        #expect(try await plugins.host.load().map(\.state) == [.loaded])
        return plugins
    }

    private func scheduler(_ plugins: TestPlugins, tenants: [Tenant] = [.default]) -> PluginScheduler {
        PluginScheduler(hosts: { [(plugins.host, tenants)] }, clock: plugins.time.clock, logger: plugins.log.logger)
    }

    private func lines(_ plugins: TestPlugins) -> [String] { plugins.log.lines.map(\.message) }

    @Test("runs at its times, once each, and not before the first one")
    func times() async throws {
        let plugins = try await scheduled("muster.log.info(ctx.event.time .. ' ' .. ctx.event.attempt .. ' ' .. ctx.request.tenant)")
        let scheduler = scheduler(plugins)
        #expect(try await scheduler.runDue().runs == 0)
        plugins.time.advance(by: .seconds(599))
        #expect(try await scheduler.runDue().runs == 0)
        plugins.time.advance(by: .seconds(1))
        #expect(try await scheduler.runDue().runs == 1)
        #expect(try await scheduler.runDue().runs == 0)
        plugins.time.advance(by: .seconds(600))
        #expect(try await scheduler.runDue().runs == 1)
        #expect(lines(plugins) == ["2026-01-01T00:10:00.000Z 1 default", "2026-01-01T00:20:00.000Z 1 default"])
    }

    @Test("of the times that were missed the latest is made up for, and each tenant has its own")
    func missed() async throws {
        let plugins = try await scheduled("muster.log.info(ctx.event.time .. ' ' .. ctx.request.tenant)")
        let scheduler = scheduler(plugins, tenants: [.default, Tenant(name: "acme")])
        #expect(try await scheduler.runDue().runs == 0)
        plugins.time.advance(by: .seconds(40 * 86_400 + 1200))
        #expect(try await scheduler.runDue().runs == 2)
        #expect(lines(plugins) == ["2026-02-10T00:20:00.000Z default", "2026-02-10T00:20:00.000Z acme"])
    }

    @Test("two nodes on one store share the times out; one that is gone is replaced when its lease ends")
    func nodes() async throws {
        let plugins = try await scheduled("muster.log.info(tostring(ctx.event.attempt))")
        _ = await plugins.host.claimScheduledRuns(in: .default)
        plugins.time.advance(by: .seconds(600))
        let first = await plugins.host.claimScheduledRuns(in: .default).runs
        #expect(first.count == 1)
        #expect(await plugins.host.claimScheduledRuns(in: .default).runs.isEmpty)
        plugins.time.advance(by: PluginHost.scheduleLease)
        let second = await plugins.host.claimScheduledRuns(in: .default).runs
        #expect(second.map(\.claim.attempt) == [2] && second.map(\.claim.slot) == first.map(\.claim.slot))
        // The first node comes back from the dead: its word does not count any more.
        await plugins.host.run(first[0])
        #expect(await plugins.host.claimScheduledRuns(in: .default).runs.isEmpty)
        await plugins.host.run(second[0])
        plugins.time.advance(by: .seconds(60))
        #expect(await plugins.host.claimScheduledRuns(in: .default).runs.isEmpty)
    }

    @Test("a failure is tried again with growing waits under the same event, until the next time comes")
    func retries() async throws {
        let manifest = #""schedule": "*/10 * * * *", "retry": {"maxAttempts": 9, "baseMs": 60000, "maxMs": 3600000}"#
        let plugins = try await scheduled("muster.log.info(ctx.event.id .. ' ' .. ctx.event.attempt) error('broken')", manifest: manifest)
        let scheduler = scheduler(plugins)
        _ = try await scheduler.runDue()
        var runs: [Int] = []
        for minute in 1...20 {
            plugins.time.advance(by: .seconds(60))
            if try await scheduler.runDue().runs > 0 { runs.append(minute) }
        }
        // 10; then a minute, two and four later; the wait of eight minutes would go beyond the next time.
        #expect(runs == [10, 11, 13, 17, 20])
        let id = "schedule-probe-default-2026-01-01T00:10:00.000Z"
        #expect(lines(plugins).filter { $0.hasPrefix(id) } == (1...4).map { "\(id) \($0)" })
        #expect(lines(plugins).contains { $0.contains("given up until its next time") })
    }

    @Test("outcomes: retry names its wait, fail and skip are over at once")
    func outcomes() async throws {
        let plugins = try await scheduled(
            """
            local n = muster.kv.incr("n")
            if n == 1 then ctx.retry { after = 120, reason = "busy" } end
            if n == 2 then ctx.fail { reason = "no" } end
            ctx.skip("nothing")
            """)
        let scheduler = scheduler(plugins)
        _ = try await scheduler.runDue()
        var runs: [Int] = []
        for minute in 1...25 {
            plugins.time.advance(by: .seconds(60))
            if try await scheduler.runDue().runs > 0 { runs.append(minute) }
        }
        #expect(runs == [10, 12, 20])
    }

    @Test("a tenant whose schedule cannot be read holds up no other; what was claimed runs")
    func unreadable() async throws {
        let plugins = try await scheduled("muster.log.info(ctx.request.tenant)")
        var world = plugins.host.world
        let values = world.values
        world.values = { plugin in
            let stored = values(plugin)
            return PluginValues(
                get: { key, tenant in
                    if tenant.name == "gone" { throw StoreError(.notFound, "there is no tenant 'gone'") }
                    return try await stored.get(key, tenant)
                }, update: stored.update)
        }
        let host = PluginHost(
            directory: plugins.directory, store: plugins.store, world: world, settings: PluginSettings(), logger: plugins.log.logger)
        try await host.load()
        let tenants = ["a", "gone", "b"].map { Tenant(name: $0) }
        let scheduler = PluginScheduler(hosts: { [(host, tenants)] }, clock: plugins.time.clock, logger: plugins.log.logger)
        #expect(try await scheduler.runDue().nextLook == plugins.time.clock.now() + .seconds(600))
        plugins.time.advance(by: .seconds(600))
        #expect(try await scheduler.runDue().runs == 2)
        #expect(lines(plugins).filter { $0 == "a" || $0 == "b" } == ["a", "b"])
        #expect(plugins.log.lines.contains { $0.message.contains("cannot be read") && $0.metadata["tenant"] == "gone" })
    }

    @Test("the wait for another try counts from the end of the run")
    func waitFromTheEnd() async throws {
        let time = TestClock()
        // The call takes five minutes.
        let transport = FakeTransport { _ in
            time.advance(by: .seconds(300))
            return .init(status: 503)
        }
        let plugins = try TestPlugins(transport: transport, time: time)
        try plugins.add(
            "probe", #""schedule": "0 * * * *", "permissions": {"http": ["https://a.example/*"]}"#,
            lua: """
                return { onSchedule = function(ctx)
                  muster.http.get("https://a.example/")
                  ctx.retry { after = 120, reason = "busy" }
                end }
                """)
        try await plugins.host.load()
        let scheduler = scheduler(plugins)
        _ = try await scheduler.runDue()
        time.advance(by: .seconds(3600))
        let looked = try await scheduler.runDue()
        #expect(looked.runs == 1 && looked.nextLook == time.clock.now() + .seconds(120))
    }

    @Test("a node that finds the state of another one leaves the run to it, and looks again at once")
    func faster() async throws {
        let plugins = try await scheduled("muster.log.info('runs')")
        _ = await plugins.host.claimScheduledRuns(in: .default)
        plugins.time.advance(by: .seconds(600))
        var world = plugins.host.world
        let (values, other) = (world.values, plugins.host)
        world.values = { plugin in
            let stored = values(plugin)
            return PluginValues(
                get: { key, tenant in
                    let state = try await stored.get(key, tenant)
                    // The other node is there between this one's look and its claim.
                    #expect(await other.claimScheduledRuns(in: tenant).runs.count == 1)
                    return state
                }, update: stored.update)
        }
        let slower = PluginHost(
            directory: plugins.directory, store: plugins.store, world: world, settings: PluginSettings(), logger: plugins.log.logger)
        try await slower.load()
        let claimed = await slower.claimScheduledRuns(in: .default)
        #expect(claimed.runs.isEmpty && claimed.nextLook == plugins.time.clock.now())
    }

    @Test(
        "the latest of the times that were missed is found, however many there were",
        arguments: [
            ("* * * * *", "2036-02-29T11:59:00.000Z"), ("*/7 0-11 * * *", "2036-02-29T11:56:00.000Z"),
            ("0 3 29 2 *", "2036-02-29T03:00:00.000Z"), ("5 23 * * *", "2036-02-28T23:05:00.000Z"), ("@yearly", "2036-01-01T00:00:00.000Z"),
        ])
    func latest(_ text: String, _ expected: String) throws {
        let (first, now) = (Timestamp(dateTime: "2026-01-01T00:00:00Z"), Timestamp(dateTime: "2036-02-29T11:59:59.999Z"))
        var state = ScheduleState(startingAt: try #require(first))
        let claim = state.claim(try CronExpression(text), now: try #require(now), lease: .seconds(1))
        #expect(claim?.slot.dateTime == expected)
    }

    @Test("requests carry the same idempotency key on each attempt at a time")
    func keys() async throws {
        let transport = FakeTransport()
        let plugins = try TestPlugins(transport: transport)
        let manifest = """
            "schedule": "*/10 * * * *", "retry": {"baseMs": 1000, "maxMs": 1000}, "permissions": {"http": ["https://a.example/*"]}
            """
        try plugins.add(
            "probe", manifest, lua: "return { onSchedule = function(ctx) muster.http.post('https://a.example/') error('again') end }")
        try await plugins.host.load()
        let scheduler = scheduler(plugins)
        _ = try await scheduler.runDue()
        plugins.time.advance(by: .seconds(600))
        _ = try await scheduler.runDue()
        plugins.time.advance(by: .seconds(2))
        _ = try await scheduler.runDue()
        let keys = transport.requests.map { request in request.headers.first { $0.name == "idempotency-key" }?.value }
        #expect(keys == Array(repeating: "schedule-probe-default-2026-01-01T00:10:00.000Z:probe:1", count: 2))
    }

    @Test("a hook without a schedule, and a schedule that is none, do not load")
    func manifests() async throws {
        let plugins = try TestPlugins()
        try plugins.add("a", lua: "return { onSchedule = function() end }")
        try plugins.add("b", #""schedule": "61 * * * *""#, lua: "return { onSchedule = function() end }")
        try plugins.add("c", #""schedule": "@daily", "scheduleZone": "Nowhere""#, lua: "return { onSchedule = function() end }")
        let reports = try await plugins.host.load()
        #expect(reports.map(\.state) == [.failed, .failed, .failed])
        #expect(reports[0].diagnostics.first?.summary == "onSchedule needs a schedule")
        #expect(reports[1].diagnostics.first?.path == "schedule")
        #expect(reports[2].diagnostics.first?.summary.contains("there is no time zone 'Nowhere'") == true)
    }
}
