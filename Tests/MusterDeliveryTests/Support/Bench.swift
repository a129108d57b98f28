import Dispatch
import Logging
import MusterCore
import MusterDelivery
import MusterSQLite
import MusterTesting
import SCIM
import Synchronization

/// A worker on a store of its own, with a clock that the test moves.
struct Bench: Sendable {
    let store: SQLiteStore
    let clock = ManualClock()
    let log = EventLog()

    init() throws { store = try SQLiteStore.inMemory() }

    /// A worker whose retries wait exactly half of the longest time.
    func worker(
        on other: (any Store)? = nil, _ subscriptions: [Subscription], concurrency: Int = 64,
        settings: DeliverySettings = DeliverySettings()
    ) -> DeliveryWorker {
        let clock = clock
        return DeliveryWorker(
            store: other ?? store, subscriptions: { subscriptions }, clock: clock.wallClock, concurrency: concurrency,
            settings: settings, sleep: { try await clock.sleep(for: $0) }, random: { 0 },
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Writes one event about each of `subjects`, in this order, for every subscriber.
    func post(_ subjects: [String], to subscribers: [String]) async throws {
        let now = clock.now
        let changes = subjects.map { Self.change(to: $0, at: now) }
        try await store.write { transaction in
            for change in changes {
                let event = LifecycleEvent(id: change.id + "-0", kind: .userUpdated, subject: change.resource, change: change)
                try transaction.append(change, [(event: event, subscribers: subscribers)])
            }
        }
    }

    private static let changes = Atomic<Int>(0)

    private static func change(to subject: String, at time: Timestamp) -> ChangeRecord {
        let number = changes.add(1, ordering: .relaxed).newValue
        return ChangeRecord(
            id: "change-\(number)", time: time, resource: ResourceKey(type: "User", id: subject), operation: .patch,
            actor: "test", requestID: "request-\(number)", depth: 0, before: nil, after: Array(#"{"id":"\#(subject)"}"#.utf8), changes: [])
    }

    /// All deliveries, oldest first.
    func deliveries() async throws -> [Delivery] {
        try await store.read(.scan) { try $0.deliveries(DeliveryQuery(limit: 10_000)) }.reversed()
    }

    /// The states of all deliveries, oldest first.
    func states() async throws -> [Delivery.State] { try await deliveries().map(\.state) }
}

/// What happened, in order; a test can wait for it.
final class EventLog: Sendable {
    private struct State {
        var lines: [String] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var lines: [String] { state.withLock { $0.lines } }

    func add(_ line: String) {
        let ready = state.withLock { state in
            state.lines.append(line)
            let ready = state.waiters.filter { $0.count <= state.lines.count }
            state.waiters.removeAll { $0.count <= state.lines.count }
            return ready
        }
        for waiter in ready { waiter.continuation.resume() }
    }

    /// Returns when at least `count` lines are there.
    func wait(for count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.lines.count >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }
}

/// A door that handlers wait at until the test opens it; deaf to cancellation.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func pass() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func open() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}

/// Waits for something that happens soon on another task, in steps of a millisecond, for at most ten seconds.
func eventually(_ condition: @Sendable () async throws -> Bool) async throws -> Bool {
    for _ in 0..<10_000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(1))
    }
    return false
}

/// Holds a thread until the test lets it go.
final class Blocker: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    func block() {
        semaphore.wait()
        semaphore.signal()
    }

    func open() { semaphore.signal() }
}
