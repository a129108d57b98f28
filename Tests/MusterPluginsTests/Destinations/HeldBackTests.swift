import Logging
import MusterCore
import SCIM
import Synchronization
import Testing

@testable import MusterPlugins

/// What a hook and its deliveries see of a destination's breaker.
@Suite struct HeldBackTests {
    private static let permission = #""permissions": {"http": ["https://api.example.com/*", "https://other.example.com/*"]}"#

    private let time = TestClock()

    private func plugins(_ body: String, on hook: HookName = .onCreate, answer: @escaping @Sendable () throws -> OutboundResponse)
        async throws -> TestPlugins
    {
        try await plugin(hook, body, manifest: Self.permission, transport: FakeTransport { _ in try answer() }, time: time)
    }

    private static let call = #"local r = muster.http.get("https://api.example.com/a"); if r.status >= 500 then ctx.retry("busy") end"#

    @Test("calls to a destination that failed five times in a row fail at once, and the delivery waits without an attempt")
    func postponed() async throws {
        let plugins = try await plugins(Self.call) { .init(status: 500) }
        for _ in 0..<5 { #expect(await plugins.handle("probe", .user(.userCreated)) == .retry(after: nil, reason: "busy")) }
        let outcome = await plugins.handle("probe", .user(.userCreated))
        guard case .postpone(let wait) = outcome else {
            Issue.record("\(outcome)")
            return
        }
        #expect(wait >= .seconds(5) && wait <= .seconds(10))
        #expect(plugins.transport.requests.count == 5)
        let report = try #require(plugins.host.reports.first)
        #expect(report.heldBack.map(\.destination) == ["https://api.example.com"] && report.heldBack[0].phase == "open")
        #expect(report.document["heldBack"]?.array?.first?["destination"] == "https://api.example.com")
        #expect(!plugins.log.lines.contains { $0.level == .error })
    }

    @Test("once the time is over one call is tried, and when it succeeds all go on")
    func recovers() async throws {
        let isWell = Mutex(false)
        let plugins = try await plugins(Self.call) { .init(status: isWell.withLock { $0 } ? 200 : 502) }
        for _ in 0..<5 { _ = await plugins.handle("probe", .user(.userCreated)) }
        time.advance(by: .seconds(10))
        #expect(await plugins.handle("probe", .user(.userCreated)) == .retry(after: nil, reason: "busy"))
        #expect(plugins.transport.requests.count == 6)
        isWell.withLock { $0 = true }
        time.advance(by: .seconds(20))
        for _ in 0..<3 { #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered) }
        #expect(plugins.host.reports.first?.heldBack == [])
    }

    @Test("a hook that catches the error goes its own way, and other destinations are not concerned")
    func caught() async throws {
        let body = """
            local ok, problem = pcall(muster.http.get, "https://api.example.com/a")
            if ok then ctx.retry("asked") end
            assert(problem:find("https://api.example.com is left alone for %d+ s: 5 calls in a row failed"), problem)
            assert(not pcall(muster.http.get, "https://other.example.com/b"))
            """
        let plugins = try await plugins(body) { throw TransportError(.connectionFailed, "refused") }
        // Each run that is let go reaches neither.
        for _ in 0..<5 { _ = await plugins.handle("probe", .user(.userCreated)) }
        #expect(await plugins.handle("probe", .user(.userCreated)) == .delivered)
        #expect(plugins.transport.requests.map(\.url).filter { $0.contains("other") }.count >= 1)
    }

    @Test("Retry-After pauses the destination for the plugin's other deliveries, and the script can read it")
    func pause() async throws {
        let body = """
            local r = muster.http.get("https://api.example.com/a")
            if r.status == 429 then ctx.retry { after = r.retryAfter, reason = "busy" } end
            """
        let plugins = try await plugins(body) { .init(status: 429, headers: [.init("Retry-After", "40")]) }
        #expect(await plugins.handle("probe", .user(.userCreated)) == .retry(after: .seconds(40), reason: "busy"))
        #expect(await plugins.handle("probe", .user(.userCreated)) == .postpone(.seconds(40)))
        #expect(plugins.transport.requests.count == 1)
        #expect(plugins.host.reports.first?.heldBack.map(\.phase) == ["paused"])
    }

    @Test("before the commit a call that is held back is the plugin's failure, as its manifest says")
    func beforeCommit() async throws {
        let plugins = try await plugins(Self.call.replacing("ctx.retry", with: "error"), on: .mapUser) {
            throw TransportError(.timeout, "no answer")
        }
        for _ in 0..<5 { await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) } }
        let error = await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(error?.status == 503)
        let calls = plugins.transport.requests.count
        await #expect(throws: SCIMError.self) { try await plugins.create(["userName": "ada"]) }
        #expect(plugins.transport.requests.count == calls)
    }
}
