package import Logging
package import MusterCore
import ServiceLifecycle
import Synchronization

/// Takes deliveries from the store's queue, hands them to their subscribers, and writes down how it went.
///
/// A delivery is handled at least once: it is claimed for a while, and only an end that the store has written counts.
/// The order of one subject and subscriber is the store's promise, which gives out only the oldest; the worker claims
/// anew only after it has written the end of what went before. A store that fails never ends the worker: it keeps the
/// ends that are not written yet, waits and tries again.
///
/// One loop does all that concerns the store, one transaction in each turn: the ends since the last turn, then new
/// claims for the free places. While it is committed, handlers go on, so that turns grow with the load by themselves.
package final class DeliveryWorker: Service {
    let store: any Store
    let subscriptions: @Sendable () -> [Subscription]
    let clock: WallClock
    let concurrency: Int
    let settings: DeliverySettings
    let sleep: @Sendable (Duration) async throws -> Void
    let random: @Sendable () -> Double
    let logger: Logger
    let metrics = DeliveryMetrics()
    let signal = Signal()
    let state: Mutex<State>

    /// Creates a worker that does nothing yet.
    /// - Parameters:
    ///   - subscriptions: Who hears of events now. Asked in every turn, so it should be quick. Deliveries to others
    ///     stay in the queue.
    ///   - concurrency: How many handlers run at the same time.
    ///   - sleep: Waits, and ends early when its task is cancelled.
    ///   - random: Numbers in 0..<1 that spread retries.
    package init(
        store: any Store, subscriptions: @escaping @Sendable () -> [Subscription], clock: WallClock = .system,
        concurrency: Int = 64, settings: DeliverySettings = DeliverySettings(),
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
        random: @escaping @Sendable () -> Double = { .random(in: 0..<1) },
        logger: Logger = Logger(label: "muster.delivery")
    ) {
        self.store = store
        self.subscriptions = subscriptions
        self.clock = clock
        self.concurrency = max(1, concurrency)
        self.settings = settings
        self.sleep = sleep
        self.random = random
        self.logger = logger
        state = Mutex(State(needsRelease: settings.isOnlyWorker))
    }

    /// Who hears of events now.
    package var subscribers: Set<String> { Set(subscriptions().map(\.name)) }

    /// Says that a change with deliveries was committed. Cheap; may be called from anywhere.
    package func wake() { signal.notify() }

    /// Works until graceful shutdown or cancellation.
    ///
    /// At graceful shutdown it claims nothing more and lets running handlers finish within the grace period; then, or
    /// at once when cancelled, it cancels them and waits a little longer. It returns when every end is written, or when
    /// that time is over: what is left then is delivered anew after the next start.
    package func run() async throws {
        while !enter() { await waitUntilIdle() }
        // The loop is a task of its own: a cancelled one could not write down the ends.
        let loop = Task { try await self.loop(.service) }
        let result = await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await loop.result
            } onGracefulShutdown: {
                self.stop(.stopping)
            }
        } onCancel: {
            self.stop(.cancelling)
        }
        leave()
        try result.get()
    }

    /// Works until nothing is due and every handler has returned; what waits for its subscriber's rate is left. While ``run()`` works, waits for it to get there.
    /// - Throws: What the store throws, unless ``run()`` is at work, which waits for better times.
    package func drain() async throws {
        guard enter() else {
            await waitUntilIdle()
            return try Task.checkCancellation()
        }
        defer { leave() }
        try await loop(.drain)
    }
}
