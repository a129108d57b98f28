import Synchronization

/// The work took longer than it may; whether it came to its end is not known.
package struct DeadlineExceeded: Error {}

/// Runs `operation` in a task of its own and waits for it no longer than `limit`.
///
/// What runs too long is cancelled but not awaited: a hook or a disk that does not answer must not keep a connection. The
/// task keeps the caller's task-local values.
/// - Throws: What `operation` throws, or ``DeadlineExceeded``.
package func withDeadline<Value: Sendable>(
    _ limit: Duration, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let race = Race<Value>()
    let work = Task {
        do { race.finish(.success(try await operation())) } catch { race.finish(.failure(error)) }
    }
    let timer = Task {
        guard (try? await Task.sleep(for: limit)) != nil else { return }
        race.finish(.failure(DeadlineExceeded()))
        work.cancel()
    }
    defer { timer.cancel() }
    return try await withTaskCancellationHandler {
        try await race.value()
    } onCancel: {
        work.cancel()
    }
}

/// Keeps the first of several results for the one who waits.
private final class Race<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, any Error>)
        case finished(Result<Value, any Error>)
        case done
    }

    private let state = Mutex<State>(.open)

    func finish(_ result: Result<Value, any Error>) {
        let waiting: CheckedContinuation<Value, any Error>? = state.withLock { state in
            switch state {
            case .open: state = .finished(result)
            case .awaited(let continuation):
                state = .done
                return continuation
            case .finished, .done: break
            }
            return nil
        }
        waiting?.resume(with: result)
    }

    func value() async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let result: Result<Value, any Error>? = state.withLock { state in
                guard case .finished(let result) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .done
                return result
            }
            if let result { continuation.resume(with: result) }
        }
    }
}
