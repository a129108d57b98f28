import Testing

@testable import MusterServer

@Suite("Limits of failures")
struct FailureLimiterTests {
    private let time = LockedBox(ContinuousClock.now)

    private func limiter(_ limits: FailureLimits) -> FailureLimiter { FailureLimiter(limits) { [time] in time.value } }

    private func advance(_ duration: Duration) { time.value = time.value.advanced(by: duration) }

    @Test("An address may fail so often, then waits for each further attempt")
    func bucket() {
        let limiter = limiter(FailureLimits(burst: 3, interval: .seconds(10)))
        let (one, two) = (IPAddress("192.0.2.1"), IPAddress("192.0.2.2"))
        for _ in 0..<3 {
            #expect(limiter.refusal(for: one) == nil)
            limiter.noteFailure(of: one)
        }
        #expect(limiter.refusal(for: one) == .init(wait: .seconds(10), isFirst: true))
        #expect(limiter.refusal(for: two) == nil, "another address is free")
        advance(.seconds(4))
        #expect(limiter.refusal(for: one) == .init(wait: .seconds(6), isFirst: false), "the log has it already")
        advance(.seconds(6))
        #expect(limiter.refusal(for: one) == nil)
        limiter.noteFailure(of: one)
        #expect(limiter.refusal(for: one) == .init(wait: .seconds(10), isFirst: true))
        advance(.seconds(3600))
        for _ in 0..<3 {
            #expect(limiter.refusal(for: one) == nil)
            limiter.noteFailure(of: one)
        }
        #expect(limiter.refusal(for: one) != nil, "a long rest fills the bucket and no more")
    }

    @Test("All addresses of an IPv6 /64 count as one client")
    func subnets() {
        let limiter = limiter(FailureLimits(burst: 1))
        limiter.noteFailure(of: IPAddress("2001:db8:0:1::1"))
        #expect(limiter.refusal(for: IPAddress("2001:db8:0:1:ffff::2")) != nil)
        #expect(limiter.refusal(for: IPAddress("2001:db8:0:2::1")) == nil)
    }

    @Test("Many addresses together meet the limit for all, and those that are not known meet no other")
    func total() throws {
        let limiter = limiter(FailureLimits(burst: 100, totalBurst: 5, totalInterval: .seconds(2)))
        for number in 1...5 { limiter.noteFailure(of: IPAddress("192.0.2.\(number)")) }
        #expect(limiter.refusal(for: IPAddress("198.51.100.1")) == .init(wait: .seconds(2), isFirst: true))
        #expect(limiter.refusal(for: nil) == .init(wait: .seconds(2), isFirst: false))
        advance(.seconds(2))
        #expect(limiter.refusal(for: nil) == nil)
        limiter.noteFailure(of: nil)
        #expect(limiter.refusal(for: nil) != nil)
    }

    @Test("Of more addresses than it may remember it forgets the oldest")
    func memory() {
        let limiter = limiter(FailureLimits(burst: 1, totalBurst: 1000, capacity: 10))
        for number in 1...11 { limiter.noteFailure(of: IPAddress("192.0.2.\(number)")) }
        #expect(limiter.refusal(for: IPAddress("192.0.2.1")) == nil)
        #expect(limiter.refusal(for: IPAddress("192.0.2.11")) != nil)
    }
}
