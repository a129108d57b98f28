import Logging
import MusterCore
import SCIM
import Synchronization

extension DeliveryWorker {
    /// How long a subject waits while a handler may still be at work on it whose delivery is over.
    private static let workingDelay: Duration = .seconds(10)

    /// Why a loop runs.
    enum Purpose: Sendable {
        /// Until it is stopped, whatever the store does.
        case service
        /// Until nothing is due, or the store fails.
        case drain
    }

    /// What a turn is about to do.
    private struct Step: Sendable {
        var turn: DeliveryTurn
        var subscriptions: [Subscription]
        /// How long until a subscriber may be asked for again that has used up its rate; nil where none has.
        var rateWait: Duration?
        /// The last one who waited for idleness when the turn began.
        var lastWaiter: UInt64
    }

    /// Takes turns at the store.
    func loop(_ purpose: Purpose) async throws {
        var (outage, housekeeping) = (StoreOutage(), Housekeeping())
        while let step = nextStep() {
            do {
                let claimed = try await take(step.turn, step.subscriptions)
                if outage.end() { logger.notice("the store answers again; deliveries go on") }
                if claimed == 0, becomesIdle(step), purpose == .drain { return }
            } catch {
                if purpose == .drain {
                    state.withLock { $0.slots.putBack(step.turn.endings) }
                    throw error
                }
                if await !rescue(step.turn, step.subscriptions) {
                    let wait = outage.fail()
                    if outage.isNew {
                        logger.error("the store fails; deliveries wait until it answers", metadata: ["error": "\(error)"])
                    }
                    try? await sleep(wait)
                    continue
                }
            }
            if purpose == .drain { try Task.checkCancellation() }
            if purpose == .service { keepHouse(&housekeeping, now: step.turn.now) }
            await wait(atMost: step.rateWait)
        }
        await housekeeping.task?.value
        let left = state.withLock { $0.slots.abandon() }
        for delivery in left {
            logger.warning("a handler did not return before the end; its delivery comes again", metadata: delivery.metadata)
        }
    }

    // MARK: A turn

    /// What to do next; nil when this is the end.
    private func nextStep() -> Step? {
        let (now, subscriptions) = (clock.now(), subscriptions().unique)
        var (late, hung): ([Task<Void, Never>], [DeliverySlots.Slot]) = ([], [])
        let step = state.withLock { state -> Step? in
            late = state.stage >= .cancelling ? state.slots.allTasks() : state.slots.overdueTasks(at: now)
            hung = state.slots.hang(at: now)
            for slot in hung { state.slots.end(slot.delivery, settlement(of: slot, at: now)) }
            guard !state.isOver else { return nil }
            var turn = DeliveryTurn(now: now, leasedUntil: now + settings.lease)
            turn.endings = state.slots.takeEndings()
            if state.stage == .working {
                turn.releasesLeases = state.needsRelease
                turn.limit = concurrency - state.slots.active
                turn.claims = claims(subscriptions, at: now, &state)
            }
            return Step(turn: turn, subscriptions: subscriptions, rateWait: state.rateWait, lastWaiter: state.lastWaiter)
        }
        for task in late { task.cancel() }
        for slot in hung { logger.warning("a handler does not return; its attempt counts as failed", metadata: slot.delivery.metadata) }
        return step
    }

    private func settlement(of hung: DeliverySlots.Slot, at now: Timestamp) -> DeliverySettlement {
        DeliveryStateMachine(policy: hung.subscription.retry).settlement(
            after: .retry(after: nil, reason: "the handler did not return within \(settings.lease.components.seconds) s"),
            attempts: hung.delivery.attempts, now: now, random: random())
    }

    /// Those who have room, beginning with another one each time.
    private func claims(_ subscriptions: [Subscription], at now: Timestamp, _ state: inout State) -> [DeliveryTurn.Claim] {
        guard !subscriptions.isEmpty else { return [] }
        state.rotation = (state.rotation + 1) % subscriptions.count
        let (first, rest) = (subscriptions[state.rotation...], subscriptions[..<state.rotation])
        state.forgetBuckets(except: subscriptions)
        return (first + rest).compactMap { subscription in
            let room = state.room(for: subscription, at: now)
            let isPaused = state.paused[subscription.name].map { $0 > now } ?? false
            guard room > 0, !isPaused else { return nil }
            return DeliveryTurn.Claim(subscriber: subscription.name, held: state.slots.count(of: subscription.name), limit: room)
        }
    }

    /// Writes a turn and starts what it claimed.
    /// - Returns: How many deliveries were claimed.
    private func take(_ turn: DeliveryTurn, _ subscriptions: [Subscription]) async throws -> Int {
        guard !turn.isEmpty else { return 0 }
        let result = try await store.write { try turn.run(in: $0) }
        note(turn.endings, lost: result.lost)
        if turn.releasesLeases { state.withLock { $0.needsRelease = false } }
        start(result.claimed, of: turn, subscriptions)
        return result.claimed.count
    }

    /// Hands out what was claimed.
    func start(_ claimed: [Delivery], of turn: DeliveryTurn, _ subscriptions: [Subscription]) {
        guard !claimed.isEmpty else { return }
        let byName = Dictionary(uniqueKeysWithValues: subscriptions.map { ($0.name, $0) })
        let cancelAt = turn.leasedUntil + (.zero - settings.cancellationMargin)
        state.withLock { state in
            for delivery in claimed {
                if state.slots.isAtWork(besides: delivery) {
                    state.slots.end(delivery, .release(due: turn.now + Self.workingDelay))
                    signal.notify()
                } else if state.stage == .working, let subscription = byName[delivery.subscriber] {
                    state.buckets[subscription.name]?.take(1)
                    state.slots.begin(delivery, for: subscription, cancelAt: cancelAt) { ticket in
                        Task { await self.handle(delivery, subscription, ticket) }
                    }
                } else {
                    // The end began while the claim was written.
                    state.slots.end(delivery, .release(due: turn.now))
                    signal.notify()
                }
            }
        }
    }

    /// Runs a handler and notes its end.
    private func handle(_ delivery: Delivery, _ subscription: Subscription, _ ticket: UInt64) async {
        let (outcome, record) = await subscription.handle(delivery)
        let (now, random) = (clock.now(), random())
        let counts = state.withLock { state in
            let settlement = DeliveryStateMachine(policy: subscription.retry).settlement(
                after: state.slots.isLate(ticket) ? outcome.late(after: settings.longestRun) : outcome, attempts: delivery.attempts,
                now: now,
                random: random)
            return state.slots.end(ticket, settlement, record: record)
        }
        if !counts { logger.info("a handler returned after its attempt was given up", metadata: delivery.metadata) }
        signal.notify()
    }

    /// Counts and logs what was written.
    func note(_ endings: [DeliverySlots.Ending], lost: [Delivery]) {
        for ending in endings {
            guard !lost.contains(where: { $0.id == ending.delivery.id && $0.lease == ending.delivery.lease }) else {
                logger.info("an end came too late, the delivery is no longer held", metadata: ending.delivery.metadata)
                continue
            }
            metrics.count(ending)
            switch ending.settlement {
            case .delivered, .release: break
            case .retry(let due, let error):
                logger.info(
                    "a delivery failed and will be tried again",
                    metadata: ending.delivery.metadata.merging(["error": "\(error)", "due": "\(due.milliseconds)"]) { $1 })
            case .setAside(let error):
                logger.warning(
                    "a delivery is set aside",
                    metadata: ending.delivery.metadata.merging(["error": "\(error)"]) { $1 })
            }
        }
    }

    // MARK: Waiting

    /// Whether nothing runs and nothing is left to be written; tells those who waited for it when the turn began.
    private func becomesIdle(_ step: Step) -> Bool {
        let (isIdle, waiters) = state.withLock { state in
            guard state.slots.isEmpty else { return (false, state.waiters.prefix(0)) }
            let waiters = state.waiters.prefix { $0.id <= step.lastWaiter }
            state.waiters.removeFirst(waiters.count)
            return (true, waiters)
        }
        for waiter in waiters { waiter.continuation.resume() }
        return isIdle
    }

    /// Returns with the next signal, when it is time to look again, or at once when there is nothing left to do.
    private func wait(atMost limit: Duration?) async {
        if signal.take() || state.withLock({ $0.isOver }) { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.signal.wait() }
            group.addTask { try? await self.sleep(min(self.settings.pollInterval, limit ?? self.settings.pollInterval)) }
            await group.next()
            group.cancelAll()
        }
    }
}

/// How long to leave a store alone that fails: from 100 ms doubling to 2 s.
struct StoreOutage: Sendable {
    private var failures = 0

    /// Whether the last failure was the first one.
    var isNew: Bool { failures == 1 }

    /// Notes a failure.
    /// - Returns: How long to wait.
    mutating func fail() -> Duration {
        failures += 1
        return .milliseconds(min(2000, 100 << min(failures - 1, 5)))
    }

    /// Notes that it works.
    /// - Returns: Whether it did not before.
    mutating func end() -> Bool {
        defer { failures = 0 }
        return failures > 0
    }
}

extension [Subscription] {
    /// The first of each name.
    fileprivate var unique: [Subscription] {
        var names: Set<String> = []
        return filter { names.insert($0.name).inserted }
    }
}

extension DeliveryOutcome {
    /// The outcome of a handler that was cancelled since its time was over: putting off what it could not do in that time would
    /// call it for ever, so that is a failure.
    fileprivate func late(after time: Duration) -> DeliveryOutcome {
        guard case .postpone = self else { return self }
        return .retry(after: nil, reason: "the handler did not return within \(time.components.seconds) s")
    }
}

extension Delivery {
    /// What a log line says of it: never a document.
    var metadata: Logger.Metadata {
        [
            "delivery.id": "\(id)", "delivery.attempt": "\(attempts)", "delivery.subscriber": "\(subscriber)",
            "event.id": "\(event.id)", "event.kind": "\(event.kind.rawValue)",
        ]
    }
}
