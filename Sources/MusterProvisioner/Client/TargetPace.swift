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
    func wait(isWrite: Bool) async throws {
        while let time = turn(isWrite: isWrite) { try await sleep(time) }
    }

    /// Lets nobody ask for a while.
    func pause(for time: Duration) {
        let end = clock.now() + time
        state.withLock { $0.pausedUntil = max($0.pausedUntil ?? end, end) }
    }

    /// How long is to be waited before trying again; nil when the request may be sent, which is then counted.
    private func turn(isWrite: Bool) -> Duration? {
        let now = clock.now()
        return state.withLock { state in
            if let end = state.pausedUntil, end > now { return .milliseconds(end.milliseconds - now.milliseconds) }
            state.pausedUntil = nil
            guard var bucket = isWrite ? state.writes : state.reads else { return nil }
            let isFree = bucket.available(at: now) > 0
            if isFree { bucket.take(1) }
            if isWrite { state.writes = bucket } else { state.reads = bucket }
            return isFree ? nil : max(.milliseconds(1), bucket.wait)
        }
    }
}
