import MusterCore
import MusterDelivery
import SCIM
import Testing

@Suite("What becomes of a delivery after an attempt")
struct DeliveryStateMachineTests {
    static let now = Timestamp(milliseconds: 1_000_000)
    let machine = DeliveryStateMachine(
        policy: RetryPolicy(maximumAttempts: 4, base: .seconds(2), maximum: .seconds(10)))

    struct Row: Sendable, CustomTestStringConvertible {
        var outcome: DeliveryOutcome
        var attempts: Int
        var random: Double
        var expected: DeliverySettlement
        var testDescription: String { "\(outcome) at attempt \(attempts)" }

        init(_ outcome: DeliveryOutcome, _ attempts: Int, random: Double = 0, _ expected: DeliverySettlement) {
            (self.outcome, self.attempts, self.random, self.expected) = (outcome, attempts, random, expected)
        }
    }

    static func due(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: now.milliseconds + milliseconds) }

    static let rows: [Row] = [
        Row(.delivered, 1, .delivered),
        Row(.delivered, 9, .delivered),
        Row(.fail(reason: "no"), 1, .setAside(error: "no")),
        // Back-off: 2, 4, 8, then 10 s at most; from the half upward.
        Row(.retry(after: nil, reason: "x"), 1, .retry(due: due(1000), error: "x")),
        Row(.retry(after: nil, reason: "x"), 2, .retry(due: due(2000), error: "x")),
        Row(.retry(after: nil, reason: "x"), 3, .retry(due: due(4000), error: "x")),
        Row(.retry(after: nil, reason: "x"), 1, random: 0.5, .retry(due: due(1500), error: "x")),
        Row(.retry(after: nil, reason: "x"), 3, random: 0.5, .retry(due: due(6000), error: "x")),
        // The last attempt.
        Row(.retry(after: nil, reason: "x"), 4, .setAside(error: "x")),
        Row(.retry(after: nil, reason: "x"), 400, .setAside(error: "x")),
        Row(.retry(after: .seconds(5), reason: "x"), 4, .setAside(error: "x")),
        // A time that the subscriber names, between nothing and a day.
        Row(.retry(after: .seconds(30), reason: "x"), 1, random: 0.9, .retry(due: due(30_000), error: "x")),
        Row(.retry(after: .zero, reason: "x"), 3, .retry(due: due(0), error: "x")),
        Row(.retry(after: .seconds(-5), reason: "x"), 1, .retry(due: due(0), error: "x")),
        Row(.retry(after: .seconds(864_000), reason: "x"), 1, .retry(due: due(86_400_000), error: "x")),
        // Postponed: however many attempts, none is counted.
        Row(.postpone(.seconds(60)), 4, .release(due: due(60_000))),
        Row(.postpone(.zero), 1, .release(due: due(100))),
        Row(.postpone(.seconds(864_000)), 1, .release(due: due(86_400_000))),
    ]

    @Test("each outcome has its settlement", arguments: rows)
    func settlement(_ row: Row) {
        let settlement = machine.settlement(after: row.outcome, attempts: row.attempts, now: Self.now, random: row.random)
        #expect(settlement == row.expected)
    }

    @Test("a wait lies between half and the whole of base * 2^(n-1), at most the maximum", arguments: 1...70)
    func wait(attempt: Int) {
        let policy = RetryPolicy(maximumAttempts: 100, base: .milliseconds(10), maximum: .seconds(3600))
        let longest = attempt > 30 ? Duration.seconds(3600) : min(.milliseconds(10 << (attempt - 1)), .seconds(3600))
        #expect(policy.wait(after: attempt, random: 0) == longest / 2)
        #expect(policy.wait(after: attempt, random: 0.999_999) <= longest)
        #expect(policy.wait(after: attempt, random: 0.5) == longest / 2 + longest / 4)
    }

    @Test("a policy that makes no sense becomes the nearest that does")
    func policy() {
        let policy = RetryPolicy(maximumAttempts: 0, base: .seconds(-1), maximum: .zero)
        #expect(policy.maximumAttempts == 1)
        #expect(policy.base == .milliseconds(1))
        #expect(policy.maximum == .milliseconds(1))
    }

    @Test("a long reason is cut")
    func reason() {
        let settlement = machine.settlement(
            after: .fail(reason: String(repeating: "ä", count: 5000)), attempts: 1, now: Self.now, random: 0)
        #expect(settlement == .setAside(error: String(repeating: "ä", count: 1023) + "…"))
    }
}
