import Synchronization

/// One wait that ends once: with the operation's result, at its deadline, or when the caller is cancelled.
///
/// An operation that does not heed cancellation is left behind; nobody waits for it.
final class BoundedWait<Value: Sendable>: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Value, any Error>?
        var work: Task<Void, Never>?
        var deadline: UInt64?
        var early: Result<Value, any Error>?
        var isSettled = false
    }

    private let state = Mutex(State())
    private let deadlines: Deadlines

    init(deadlines: Deadlines) {
        self.deadlines = deadlines
    }

    /// Waits for the operation; throws `late` at the deadline and `CancellationError` when the caller is cancelled.
    static func run(
        until deadline: ContinuousClock.Instant,
        deadlines: Deadlines,
        late: any Error,
        _ operation: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        let wait = BoundedWait(deadlines: deadlines)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard wait.begin(continuation) else { return }
                let id = deadlines.add(deadline) { wait.settle(.failure(late)) }
                let work = Task {
                    do { wait.settle(.success(try await operation())) } catch { wait.settle(.failure(error)) }
                }
                wait.attach(work, deadline: id)
            }
        } onCancel: {
            wait.settle(.failure(CancellationError()))
        }
    }

    /// False when the caller was cancelled before the operation began.
    func begin(_ continuation: CheckedContinuation<Value, any Error>) -> Bool {
        let early = state.withLock { state in
            if state.early == nil { state.continuation = continuation }
            return state.early
        }
        if let early { continuation.resume(with: early) }
        return early == nil
    }

    /// Hands over what must be cleared away when the wait ends, which may have happened already.
    func attach(_ work: Task<Void, Never>, deadline: UInt64?) {
        let isSettled = state.withLock { state in
            if !state.isSettled { (state.work, state.deadline) = (work, deadline) }
            return state.isSettled
        }
        if isSettled { clear(work, deadline) }
    }

    /// Ends the wait; only the first call counts.
    func settle(_ result: Result<Value, any Error>) {
        let ended: State? = state.withLock { state in
            guard !state.isSettled else { return nil }
            state.isSettled = true
            let ended = state
            if state.continuation == nil { state.early = result }
            (state.continuation, state.work, state.deadline) = (nil, nil, nil)
            return ended
        }
        guard let ended else { return }
        clear(ended.work, ended.deadline)
        ended.continuation?.resume(with: result)
    }

    private func clear(_ work: Task<Void, Never>?, _ deadline: UInt64?) {
        if let deadline { deadlines.remove(deadline) }
        work?.cancel()
    }
}
