import Dispatch
import SCIM
import Synchronization

/// Runs slow computations on threads of their own, a few at a time, so that they hold up no other task.
final class HashingPool: Sendable {
    private struct State {
        var running = 0
        var waiting: [CheckedContinuation<Bool, Never>] = []
    }

    private let width: Int
    private let longestQueue: Int
    private let queue = DispatchQueue(label: "muster.hashing", attributes: .concurrent)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - width: How many run at a time.
    ///   - longestQueue: How many may wait.
    init(width: Int, longestQueue: Int) {
        self.width = width
        self.longestQueue = longestQueue
    }

    /// Runs `body` as soon as it is its turn.
    /// - Throws: `SCIMError` 503 when too many wait already.
    func run<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws -> Value {
        try await enter()
        defer { leave() }
        return await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }

    private enum Admission {
        case admitted, waiting, refused
    }

    private func enter() async throws {
        let isAdmitted = await withCheckedContinuation { (continuation: CheckedContinuation<Bool, Never>) in
            let admission = state.withLock { state -> Admission in
                if state.running < width {
                    state.running += 1
                    return .admitted
                }
                guard state.waiting.count < longestQueue else { return .refused }
                state.waiting.append(continuation)
                return .waiting
            }
            switch admission {
            case .admitted: continuation.resume(returning: true)
            case .refused: continuation.resume(returning: false)
            case .waiting: break
            }
        }
        guard isAdmitted else { throw SCIMError.unavailable("too many passwords are being checked", retryAfter: 1) }
    }

    /// Hands the place to whoever waits longest.
    private func leave() {
        let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
            guard state.waiting.isEmpty else { return state.waiting.removeFirst() }
            state.running -= 1
            return nil
        }
        next?.resume(returning: true)
    }
}
