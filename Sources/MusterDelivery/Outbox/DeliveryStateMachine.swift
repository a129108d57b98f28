package import MusterCore
package import SCIM

/// What becomes of a delivery after an attempt: a pure decision, without a clock or a store.
package struct DeliveryStateMachine: Sendable {
    /// How often and how long apart.
    package var policy: RetryPolicy

    /// What is kept of a reason, in characters.
    package static let reasonLimit = 1024

    package init(policy: RetryPolicy) { self.policy = policy }

    /// The settlement of an attempt.
    ///
    /// A wait that the subscriber names is kept as it is, between nothing and ``RetryPolicy/longestWait``, even where
    /// it is longer than the policy's maximum: whoever answers `Retry-After` knows better than a back-off does.
    /// - Parameters:
    ///   - attempts: How many were made, this one included.
    ///   - random: In 0..<1: where in its range the wait lies.
    package func settlement(
        after outcome: DeliveryOutcome, attempts: Int, now: Timestamp, random: Double
    ) -> DeliverySettlement {
        switch outcome {
        case .delivered:
            return .delivered
        case .fail(let reason):
            return .setAside(error: Self.cut(reason))
        case .retry(_, let reason) where attempts >= policy.maximumAttempts:
            return .setAside(error: Self.cut(reason))
        case .retry(let after, let reason):
            let wait = after.map { min(max(.zero, $0), RetryPolicy.longestWait) } ?? policy.wait(after: attempts, random: random)
            return .retry(due: now + wait, error: Self.cut(reason))
        case .postpone(let wait):
            return .release(due: now + min(max(RetryPolicy.shortestPostponement, wait), RetryPolicy.longestWait))
        }
    }

    private static func cut(_ reason: String) -> String {
        reason.count <= reasonLimit ? reason : String(reason.prefix(reasonLimit - 1)) + "…"
    }
}
