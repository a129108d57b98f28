import Synchronization

/// Runs one piece of work after the other, in the order in which they came.
package final class InTurn: Sendable {
    private let last = Mutex<Task<Void, Never>?>(nil)

    package init() {}

    /// Runs `work` once all that came before has ended. It goes on when the caller is cancelled.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = last.withLock { last in
            let earlier = last
            let task = Task {
                await earlier?.value
                return try await work()
            }
            last = Task { _ = await task.result }
            return task
        }
        return try await task.value
    }
}
