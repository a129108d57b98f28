import Synchronization

/// Keeps what comes in, and lets a test wait for it.
final class Record<Element: Sendable>: Sendable {
    private struct Waiter {
        let id: Int
        let isFulfilled: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<[Element], Never>
    }

    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiters: [Waiter] = []
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    init() {}

    /// Keeps what a stream brings.
    init(_ stream: AsyncStream<Element>) {
        Task {
            for await element in stream { append(element) }
            finish()
        }
    }

    /// What has come so far.
    var elements: [Element] { state.withLock { $0.elements } }

    func append(_ element: Element) {
        change { $0.elements.append(element) }
    }

    /// Nothing more will come.
    func finish() {
        change { $0.isFinished = true }
    }

    /// Waits until what has come fulfils a condition, until nothing more will come, or until the task is cancelled.
    @discardableResult
    func wait(until isFulfilled: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                change { $0.waiters.append(Waiter(id: id, isFulfilled: isFulfilled, continuation: continuation)) }
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    /// Waits until nothing more will come.
    @discardableResult
    func finished() async -> [Element] { await wait { _ in false } }

    private func cancel(_ id: Int) {
        let (elements, waiter) = state.withLock { state in
            let index = state.waiters.firstIndex { $0.id == id }
            return (state.elements, index.map { state.waiters.remove(at: $0) })
        }
        waiter?.continuation.resume(returning: elements)
    }

    private func change(_ body: (inout State) -> Void) {
        let (elements, woken) = state.withLock { state in
            body(&state)
            let (elements, isFinished) = (state.elements, state.isFinished)
            let isOver = { (waiter: Waiter) in isFinished || waiter.isFulfilled(elements) }
            let woken = state.waiters.filter(isOver)
            state.waiters.removeAll(where: isOver)
            return (elements, woken)
        }
        for waiter in woken { waiter.continuation.resume(returning: elements) }
    }
}
