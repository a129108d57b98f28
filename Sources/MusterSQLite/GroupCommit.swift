import GRDB
import MusterCore
import Synchronization

/// Lets concurrent writers share one commit.
///
/// What waits is run on the writer's own thread: one transaction for all, a savepoint for each, one durable flush,
/// and only then is anybody told. While the disk works, the next ones gather.
final class GroupCommit: Sendable {
    /// What one caller wants written.
    struct Write: Sendable {
        /// Runs the closure.
        /// - Returns: What tells the caller, once the commit is durable.
        let run: @Sendable (SQLiteTransaction) throws -> @Sendable () -> Void
        /// Tells the caller that nothing was written.
        let fail: @Sendable (any Error) -> Void
    }

    private struct State {
        /// The newest last; nil where one was taken already.
        private var waiting: [Write?] = []
        private var taken = 0
        var isRunning = false

        mutating func append(_ write: Write) { waiting.append(write) }

        mutating func next() -> Write? {
            // Under constant load the queue is never empty, hence the second case.
            if taken == waiting.count || taken >= 1024 {
                waiting.removeFirst(taken)
                taken = 0
            }
            guard taken < waiting.count else { return nil }
            defer {
                waiting[taken] = nil
                taken += 1
            }
            return waiting[taken]
        }
    }

    /// How many closures share a commit at most.
    private static let maximumCount = 256
    /// How long closures are added to a transaction at most, so that the first need not wait for ever.
    private static let maximumDuration = Duration.milliseconds(20)

    private let pool: DatabasePool
    private let shared: SharedState
    private let state = Mutex(State())
    /// How many commits there have been.
    let commits = Atomic<Int>(0)

    init(pool: DatabasePool, shared: SharedState) {
        self.pool = pool
        self.shared = shared
    }

    /// Queues a write; its `run` or `fail` tells the caller when it is done. A caller who has given up is written for
    /// all the same.
    func enqueue(_ write: Write) {
        let isIdle = state.withLock { state in
            state.append(write)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if isIdle { pool.asyncWriteWithoutTransaction { self.drain($0) } }
    }

    private func drain(_ database: Database) {
        while let first = next(orRest: true) { commitTogether(startingWith: first, database) }
    }

    /// The next write that waits. When there is none, `orRest` ends the running in the same moment.
    private func next(orRest: Bool) -> Write? {
        state.withLock { state in
            let next = state.next()
            if next == nil, orRest { state.isRunning = false }
            return next
        }
    }

    private func commitTogether(startingWith first: Write, _ database: Database) {
        let transaction = SQLiteTransaction(database, shared: shared, isWriting: true)
        do { try transaction.begin() } catch {
            // Who waits behind would wait as long again for the same answer; who comes once it is told is tried anew.
            let error = StoreError.leaving(error)
            let waiting = [first] + (1..<Self.maximumCount).compactMap { _ in next(orRest: false) }
            for write in waiting { write.fail(error) }
            return
        }
        var done: [(write: Write, succeed: @Sendable () -> Void)] = []
        var (write, count): (Write?, Int) = (first, 0)
        let start = ContinuousClock.now
        do {
            while let current = write {
                do {
                    done.append((current, try transaction.inSavepoint { try current.run(transaction) }))
                } catch {
                    current.fail(StoreError.leaving(error))
                    // A full disk, for one, ends the transaction and with it what the others wrote.
                    guard transaction.isOpen else { throw error }
                }
                count += 1
                let isFull = count >= Self.maximumCount || start.duration(to: .now) > Self.maximumDuration
                write = isFull ? nil : next(orRest: false)
            }
            try transaction.commit()
        } catch {
            transaction.rollback()
            let error = StoreError.leaving(error)
            let reason = error as? StoreError ?? StoreError(.unavailable, "the transaction was undone; try again")
            for (write, _) in done { write.fail(reason) }
            return
        }
        commits.add(1, ordering: .relaxed)
        for (_, succeed) in done { succeed() }
    }
}
