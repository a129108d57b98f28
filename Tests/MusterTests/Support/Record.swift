import Synchronization

/// Keeps what comes in, and lets a test wait for it.
final class Record<Element: Sendable>: Sendable {
    private struct Waiter {
        let isFulfilled: @Sendable ([Element]) -> Bool
        let continuation: CheckedContinuation<[Element], Never>
    }

    private struct State {
        var elements: [Element] = []
        var isFinished = false
        var waiters: [Waiter] = []
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

    /// Waits until what has come fulfils a condition, or until nothing more will come.
    @discardableResult
    func wait(until isFulfilled: @escaping @Sendable ([Element]) -> Bool) async -> [Element] {
        await withCheckedContinuation { continuation in
            change { $0.waiters.append(Waiter(isFulfilled: isFulfilled, continuation: continuation)) }
        }
    }

    /// Waits until nothing more will come.
    @discardableResult
    func finished() async -> [Element] { await wait { _ in false } }

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
