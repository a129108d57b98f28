import MusterCore
import SCIM
import Synchronization

/// How fast a target may be asked: one for all who ask it, reads and writes apart; and a pause for all when it asks for one.
final class TargetPace: Sendable {
    private struct State {
        var reads: TokenBucket?
        var writes: TokenBucket?
        var pausedUntil: Timestamp?
    }

    /// The longest wait of somebody at work; a plan that would have to wait longer comes back to it later.
    static let longestWait = Duration.seconds(60)

    private let state: Mutex<State>
    private let clock: WallClock
    private let sleep: @Sendable (Duration) async throws -> Void

    init(_ dialect: TargetDialect, clock: WallClock, sleep: @escaping @Sendable (Duration) async throws -> Void) {
        let now = clock.now()
        state = Mutex(
            State(
                reads: dialect.readsPerSecond.map { TokenBucket(rate: $0, now: now) },
                writes: dialect.writesPerSecond.map { TokenBucket(rate: $0, now: now) }))
        self.clock = clock
        self.sleep = sleep
    }

    /// Waits until one more request may be sent.
    /// - Throws: ``TargetError`` `throttled` where the target asked for a longer pause than somebody at work should wait for.
    func wait(isWrite: Bool) async throws {
        while let time = try turn(isWrite: isWrite) { try await sleep(time) }
    }

    /// Lets nobody ask for a while.
    func pause(for time: Duration) {
        let end = clock.now() + time
        state.withLock { $0.pausedUntil = max($0.pausedUntil ?? end, end) }
    }

    /// How long is to be waited before trying again; nil when the request may be sent, which is then counted.
    private func turn(isWrite: Bool) throws -> Duration? {
        let now = clock.now()
        return try state.withLock { state in
            if let end = state.pausedUntil, end > now {
                let rest = Duration.milliseconds(end.milliseconds - now.milliseconds)
                guard rest <= Self.longestWait else {
                    throw TargetError(.throttled, "it asked for a pause that is not over", retryAfter: rest)
                }
                return rest
            }
            state.pausedUntil = nil
            guard var bucket = isWrite ? state.writes : state.reads else { return nil }
            let isFree = bucket.available(at: now) > 0
            if isFree { bucket.take(1) }
            if isWrite { state.writes = bucket } else { state.reads = bucket }
            return isFree ? nil : max(.milliseconds(1), bucket.wait)
        }
    }
}
