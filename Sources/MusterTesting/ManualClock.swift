public import MusterCore
public import SCIM
import Synchronization

/// A clock that stands still until a test moves it.
///
/// What shall see the time gets ``wallClock``; what shall wait gets ``sleep(for:)``, which ends when the test moves
/// the clock far enough.
public final class ManualClock: Sendable {
    private struct Sleeper {
        var wakes: Timestamp
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var sleepers: [UInt64: Sleeper] = [:]
        var lastSleeper: UInt64 = 0
    }

    private let state: Mutex<State>

    /// Creates a clock that shows `now`; usually 2026-01-01T00:00:00Z.
    public init(now: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) {
        state = Mutex(State(now: now))
    }

    /// The time that it shows.
    public var now: Timestamp { state.withLock { $0.now } }

    /// The clock for code that only looks at the time.
    public var wallClock: WallClock { WallClock { self.now } }

    /// How many tasks sleep.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// Moves the clock on and wakes whoever slept for so long.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            let over = state.sleepers.filter { $0.value.wakes <= state.now }
            for id in over.keys { state.sleepers[id] = nil }
            return over.values.sorted { $0.wakes < $1.wakes }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Waits until the clock was moved by `duration`.
    /// - Throws: `CancellationError` as soon as the task is cancelled.
    public func sleep(for duration: Duration) async throws {
        let id = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let result = state.withLock { state -> Result<Void, any Error>? in
                    if Task.isCancelled { return .failure(CancellationError()) }
                    guard duration > .zero else { return .success(()) }
                    state.sleepers[id] = Sleeper(wakes: state.now + duration, continuation: continuation)
                    return nil
                }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }
}
