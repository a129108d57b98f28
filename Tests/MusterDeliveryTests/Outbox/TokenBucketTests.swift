import SCIM
import Testing

import MusterCore

@Suite struct TokenBucketTests {
    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_767_225_600_000 + milliseconds) }

    /// A bucket in a box, since an expectation cannot change a value.
    private final class Box {
        private var value: TokenBucket
        init(rate: Double, now: Timestamp) { value = TokenBucket(rate: rate, now: now) }

        var wait: Duration { value.wait }
        func available(at now: Timestamp) -> Int { value.available(at: now) }
        func take(_ count: Int) { value.take(count) }
    }

    @Test("it begins full, gives what a second brings at once, and then as fast as the rate")
    func rate() {
        let bucket = Box(rate: 20, now: at(0))
        #expect(bucket.available(at: at(0)) == 20)
        bucket.take(20)
        #expect(bucket.available(at: at(0)) == 0 && bucket.wait == .milliseconds(50))
        #expect(bucket.available(at: at(49)) == 0)
        #expect(bucket.available(at: at(50)) == 1 && bucket.wait == .zero)
        #expect(bucket.available(at: at(500)) == 10)
        #expect(bucket.available(at: at(60_000)) == 20)
    }

    @Test("a rate of less than one in a second lets one go, and then waits")
    func slow() {
        let bucket = Box(rate: 0.1, now: at(0))
        #expect(bucket.available(at: at(0)) == 1)
        bucket.take(1)
        #expect(bucket.available(at: at(9_999)) == 0)
        #expect(bucket.available(at: at(10_000)) == 1)
    }

    @Test("over any time no more goes than the rate allows beside the first burst, however often it is asked")
    func bound() {
        let bucket = Box(rate: 7, now: at(0))
        var gone = 0
        for time in stride(from: Int64(0), through: 100_000, by: 13) {
            let now = bucket.available(at: at(time))
            bucket.take(now)
            gone += now
        }
        #expect((700...707).contains(gone))
    }

    @Test("a clock that was set back gives nothing away and stops nothing")
    func setBack() {
        let bucket = Box(rate: 1, now: at(100_000))
        bucket.take(1)
        #expect(bucket.available(at: at(0)) == 0)
        #expect(bucket.available(at: at(1000)) == 1)
    }
}
