import Synchronization

/// Where host functions wait in tests: nobody passes until it is opened. Heeds cancellation.
final class Gate: Sendable {
    private struct State {
        var isOpen: Bool
        var arrived = 0
        var lastID = 0
        var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state: Mutex<State>

    init(isOpen: Bool) {
        state = Mutex(State(isOpen: isOpen))
    }

    func open() {
        let waiting = state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for continuation in waiting { continuation.resume() }
    }

    func pass() async throws {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (mayPass, ready) = state.withLock { state in
                    state.arrived += 1
                    let mayPass = state.isOpen || Task.isCancelled
                    if !mayPass { state.waiting[id] = continuation }
                    let arrived = state.arrived
                    let ready = state.watchers.filter { $0.count <= arrived }
                    state.watchers.removeAll { $0.count <= arrived }
                    return (mayPass, ready)
                }
                for watcher in ready { watcher.continuation.resume() }
                if mayPass { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.resume(throwing: CancellationError())
        }
    }

    /// Returns once so many have arrived in all.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isReady = state.withLock { state in
                if state.arrived < count { state.watchers.append((count, continuation)) }
                return state.arrived >= count
            }
            if isReady { continuation.resume() }
        }
    }
}
