import MusterCore
import SCIM
import Synchronization

extension DeliveryWorker {
    /// How far a worker is on its way to its end.
    enum Stage: Int, Comparable, Sendable {
        /// Claims and delivers.
        case working
        /// Claims nothing more; handlers go on.
        case stopping
        /// Handlers are cancelled.
        case cancelling
        /// Whatever still runs is left alone.
        case abandoning

        static func < (left: Stage, right: Stage) -> Bool { left.rawValue < right.rawValue }
    }

    /// What the loop, the handlers and those who wait share; behind the worker's lock.
    struct State: Sendable {
        /// What is in hand.
        var slots = DeliverySlots()
        /// How far the end is.
        var stage = Stage.working
        /// Whether a loop runs; there is never a second one.
        var isLooping = false
        /// Whether claims of an earlier process are still to be given back.
        var needsRelease: Bool
        /// Those who wait for the loop to have nothing to do, oldest first.
        var waiters: [(id: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
        var lastWaiter: UInt64 = 0
        /// Moves on with every turn, so that no subscriber is always asked last.
        var rotation = 0
        /// Subscribers that are left out until a time, because their deliveries cannot be read.
        var paused: [String: Timestamp] = [:]
        /// Subscribers that were not there at the last look, while deliveries waited for them.
        var absent: Set<String> = []
        /// What the subscribers with a limit may begin.
        var buckets: [String: TokenBucket] = [:]
        /// Count down to the later stages of the end.
        var countdowns: [Task<Void, Never>] = []

        /// Whether the worker may return.
        var isOver: Bool { stage == .abandoning || stage > .working && slots.isEmpty }

        init(needsRelease: Bool) { self.needsRelease = needsRelease }

        // MARK: Rates

        /// How many more deliveries a subscriber can be handed at `now`.
        mutating func room(for subscription: Subscription, at now: Timestamp) -> Int {
            let room = slots.room(for: subscription)
            guard let rate = subscription.ratePerSecond else { return room }
            var bucket = buckets[subscription.name] ?? TokenBucket(rate: rate, now: now)
            // Another rate by now: what the old one has brought is forgotten.
            if bucket.rate != rate { bucket = TokenBucket(rate: rate, now: now) }
            defer { buckets[subscription.name] = bucket }
            return min(room, bucket.available(at: now))
        }

        /// Forgets the rates of those that have none any more.
        mutating func forgetBuckets(except subscriptions: [Subscription]) {
            guard !buckets.isEmpty else { return }
            let limited = Set(subscriptions.filter { $0.ratePerSecond != nil }.map(\.name))
            buckets = buckets.filter { limited.contains($0.key) }
        }

        /// How long until a subscriber that has used up its rate may be asked for again, and so long that more than one
        /// delivery may have become free where the rate is high; nil where none has used it up.
        var rateWait: Duration? {
            buckets.values.map(\.wait).filter { $0 > .zero }.min().map { max(.milliseconds(20), $0) }
        }
    }

    // MARK: One loop at a time

    /// Becomes the one that loops, unless there is one.
    func enter() -> Bool {
        state.withLock { state in
            guard !state.isLooping else { return false }
            state.isLooping = true
            state.stage = .working
            return true
        }
    }

    /// Ends being the one that loops.
    func leave() {
        let (countdowns, waiters) = state.withLock { state in
            defer {
                state.isLooping = false
                state.countdowns = []
                state.waiters = []
            }
            return (state.countdowns, state.waiters)
        }
        for countdown in countdowns { countdown.cancel() }
        for waiter in waiters { waiter.continuation.resume() }
    }

    // MARK: Waiting for idleness

    /// Has the loop look again, and returns when it has had nothing to do since the call, when it ended, or when the task is cancelled.
    func waitUntilIdle() async {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.isLooping, !Task.isCancelled else { return true }
                    state.waiters.append((id, continuation))
                    return false
                }
                // Only now: a turn that began before would not count, and there may be no other for long.
                if isOver { continuation.resume() } else { signal.notify() }
            }
        } onCancel: {
            let continuation = state.withLock { state in
                let index = state.waiters.firstIndex { $0.id == id }
                return index.map { state.waiters.remove(at: $0).continuation }
            }
            continuation?.resume()
        }
    }

    // MARK: The end

    /// Begins the end, or brings it nearer.
    func stop(_ stage: Stage) {
        let countdown = Task {
            do {
                if stage == .stopping {
                    try await sleep(settings.gracePeriod)
                    advance(to: .cancelling)
                }
                try await sleep(settings.cancellationPeriod)
                advance(to: .abandoning)
            } catch {
                // Everything ended in time.
            }
        }
        state.withLock { $0.countdowns.append(countdown) }
        advance(to: stage)
    }

    private func advance(to stage: Stage) {
        state.withLock { $0.stage = max($0.stage, stage) }
        signal.notify()
    }
}
