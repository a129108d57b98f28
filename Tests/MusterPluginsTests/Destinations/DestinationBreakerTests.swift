import MusterCore
import SCIM
import Testing

@testable import MusterPlugins

@Suite struct DestinationBreakerTests {
    private func at(_ seconds: Int) -> Timestamp { Timestamp(milliseconds: 1_767_225_600_000 + Int64(seconds) * 1000) }

    /// A breaker in a box, since an expectation cannot change a value.
    private final class Box {
        private(set) var value: DestinationBreaker
        init(_ value: DestinationBreaker = DestinationBreaker()) { self.value = value }

        func admit(at now: Timestamp) -> Duration? { value.admit(at: now) }
        @discardableResult func record(_ finding: DestinationBreaker.Finding, at now: Timestamp, random: Double = 1) -> Bool {
            value.record(finding, at: now, random: random)
        }
    }

    /// A breaker that has just opened at 0, for 10 seconds.
    private func opened() -> Box {
        let breaker = Box()
        for _ in 0..<DestinationBreaker.tolerated { breaker.record(.fails, at: at(0)) }
        return breaker
    }

    @Test("failures in a row open it, and any answer in between begins the count anew")
    func opening() {
        let breaker = Box()
        for _ in 0..<4 { #expect(!breaker.record(.fails, at: at(0), random: 0)) }
        #expect(!breaker.record(.works, at: at(0), random: 0))
        for _ in 0..<4 { #expect(!breaker.record(.fails, at: at(0), random: 0)) }
        #expect(breaker.value.phase == .closed && breaker.admit(at: at(0)) == nil)
        #expect(breaker.record(.fails, at: at(0), random: 0))
        #expect(breaker.value.phase == .open && breaker.admit(at: at(0)) == .seconds(5))
        #expect(breaker.admit(at: at(4)) == .seconds(1))
    }

    @Test("the wait doubles up to ten minutes, and its upper half is spread")
    func growing() {
        let breaker = opened()
        var (now, waits): (Int, [Duration]) = (0, [breaker.value.wait(at: at(0))])
        for _ in 0..<8 {
            now += 1000
            #expect(breaker.admit(at: at(now)) == nil)
            #expect(breaker.record(.fails, at: at(now), random: 1))
            waits.append(breaker.value.wait(at: at(now)))
        }
        #expect(waits == [10, 20, 40, 80, 160, 320, 600, 600, 600].map { .seconds($0) })
        let spread = Box()
        for _ in 0..<5 { spread.record(.fails, at: at(0), random: 0.5) }
        #expect(spread.value.wait(at: at(0)) == .milliseconds(7500))
    }

    @Test("then one call goes on trial while the others wait; its end decides for all")
    func trial() {
        let breaker = opened()
        #expect(breaker.admit(at: at(10)) == nil)
        #expect(breaker.value.phase == .trial && breaker.admit(at: at(10)) == DestinationBreaker.trialWait)
        let failed = Box(breaker.value)
        #expect(failed.record(.fails, at: at(11), random: 1))
        #expect(failed.value.phase == .open && failed.admit(at: at(12)) == .seconds(19))
        #expect(!breaker.record(.works, at: at(11), random: 1))
        #expect(breaker.value.phase == .closed && breaker.admit(at: at(11)) == nil && breaker.value.failures == 0)
    }

    @Test("a trial that shows nothing gives way to the next call, and so does one that never ends")
    func lostTrial() {
        let breaker = opened()
        #expect(breaker.admit(at: at(10)) == nil)
        breaker.record(.unknown, at: at(11), random: 1)
        #expect(breaker.admit(at: at(11)) == nil && breaker.value.phase == .trial)
        #expect(breaker.admit(at: at(12)) == DestinationBreaker.trialWait)
        #expect(breaker.admit(at: at(80)) == nil)
    }

    @Test("calls from before the opening neither close it nor make it longer")
    func late() {
        let breaker = opened()
        breaker.record(.works, at: at(1), random: 1)
        #expect(!breaker.record(.fails, at: at(2), random: 1))
        #expect(breaker.admit(at: at(2)) == .seconds(8))
    }

    @Test("a pause that was asked for is kept, up to an hour, and then all go on at once")
    func pause() {
        let breaker = Box()
        breaker.record(.pauses(.seconds(30)), at: at(0), random: 0)
        #expect(breaker.value.phase == .paused && breaker.admit(at: at(1)) == .seconds(29))
        #expect(breaker.admit(at: at(30)) == nil && breaker.value.phase == .closed)
        #expect(breaker.admit(at: at(30)) == nil)
        breaker.record(.pauses(.seconds(90_000)), at: at(30), random: 0)
        #expect(breaker.value.wait(at: at(30)) == .seconds(3600))
    }

    @Test(
        "Retry-After is read in seconds and in every form of a date (RFC 9110 §10.2.3)",
        arguments: [
            ("120", Duration.seconds(120)), (" 0 ", .zero), ("99999999999999999999", .seconds(86_400)),
            ("Thu, 01 Jan 2026 00:01:30 GMT", .seconds(90)), ("Thursday, 01-Jan-26 00:01:30 GMT", .seconds(90)),
            ("Thu Jan  1 00:01:30 2026", .seconds(90)), ("Sun, 06 Nov 1994 08:49:37 GMT", .zero),
            ("Sunday, 06-Nov-94 08:49:37 GMT", .zero), ("Fri, 01 Jan 2027 00:00:00 GMT", .seconds(86_400)),
            ("soon", nil), ("", nil), ("-5", nil), ("1.5", nil), ("Thu, 32 Jan 2026 00:00:00 GMT", nil), ("Thu, 01 Jan 2026 00:00:00", nil),
        ] as [(String, Duration?)])
    func retryAfter(_ text: String, _ wait: Duration?) {
        #expect(OutboundResponse(status: 503, headers: [.init("Retry-After", text)]).retryAfter(now: at(0)) == wait)
    }

    @Test("what counts as a failure of the destination, and what does not")
    func findings() {
        func finding(_ status: Int, _ wait: String? = nil) -> DestinationBreaker.Finding {
            .init(.init(status: status, headers: wait.map { [.init("retry-after", $0)] } ?? []), now: at(0))
        }
        #expect([200, 302, 400, 401, 404, 429].map { finding($0) } == Array(repeating: .works, count: 6))
        #expect([500, 502, 503, 599].map { finding($0) } == Array(repeating: .fails, count: 4))
        #expect(finding(429, "7") == .pauses(.seconds(7)) && finding(503, "7") == .pauses(.seconds(7)) && finding(500, "7") == .fails)
        let codes: [(TransportError.Code, DestinationBreaker.Finding)] = [
            (.connectionFailed, .fails), (.timeout, .fails), (.unresolvedHost, .fails), (.responseTooLarge, .works),
            (.cancelled, .unknown), (.invalidURL, .unknown), (.refusedAddress, .unknown),
        ]
        for (code, expected) in codes { #expect(DestinationBreaker.Finding(TransportError(code, "")) == expected) }
        #expect(DestinationBreaker.Finding(CancellationError()) == .unknown)
    }
}
