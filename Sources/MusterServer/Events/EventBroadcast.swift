import ServiceLifecycle
import Synchronization

/// Tells whoever waits that something was committed.
///
/// A waiter says what it has seen, so that a notice between its look and its wait is not lost.
final class EventBroadcast: Sendable {
    private struct State {
        var notices: UInt64 = 0
        var waiters: [ObjectIdentifier: Waiter] = [:]
    }

    private let state = Mutex(State())

    /// How many notices there have been.
    var notices: UInt64 { state.withLock { $0.notices } }

    /// Wakes all who wait.
    func notify() {
        let waiters = state.withLock { state in
            state.notices &+= 1
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.wake() }
    }

    /// Returns with the first notice after the first `seen` ones, after `duration`, when the task is cancelled, or when the
    /// server shuts down.
    func wait(after seen: UInt64, atMost duration: Duration) async {
        let waiter = Waiter()
        let isLate = state.withLock { state in
            guard state.notices == seen else { return true }
            state.waiters[ObjectIdentifier(waiter)] = waiter
            return false
        }
        guard !isLate else { return }
        let timer = Task {
            try? await Task.sleep(for: duration)
            waiter.wake()
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await waiter.wait()
            } onGracefulShutdown: {
                waiter.wake()
            }
        } onCancel: {
            waiter.wake()
        }
        timer.cancel()
        state.withLock { _ = $0.waiters.removeValue(forKey: ObjectIdentifier(waiter)) }
    }
}

/// One who waits, once.
private final class Waiter: Sendable {
    private enum State {
        case new
        case waiting(CheckedContinuation<Void, Never>)
        case awake
    }

    private let state = Mutex<State>(.new)

    func wake() {
        let continuation: CheckedContinuation<Void, Never>? = state.withLock { state in
            defer { state = .awake }
            guard case .waiting(let continuation) = state else { return nil }
            return continuation
        }
        continuation?.resume()
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isAwake = state.withLock { state in
                if case .awake = state { return true }
                state = .waiting(continuation)
                return false
            }
            if isAwake { continuation.resume() }
        }
    }
}
