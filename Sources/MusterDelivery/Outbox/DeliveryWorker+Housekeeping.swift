import Logging
import MusterCore
import SCIM
import Synchronization

extension DeliveryWorker {
    /// What is done now and then beside the deliveries.
    struct Housekeeping: Sendable {
        /// The last round; there is never a second one.
        var task: Task<Void, Never>?
        var nextBacklog: Timestamp?
        var nextPrune: Timestamp?
    }

    private static let pruneBatch = 1000
    private static let pruneBatches = 20

    /// Starts a round when it is time for one.
    func keepHouse(_ housekeeping: inout Housekeeping, now: Timestamp) {
        guard housekeeping.nextBacklog.map({ $0 <= now }) ?? true else { return }
        housekeeping.nextBacklog = now + settings.backlogInterval
        let prunes = housekeeping.nextPrune.map { $0 <= now } ?? true
        if prunes { housekeeping.nextPrune = now + settings.pruneInterval }
        let (previous, limit) = (housekeeping.task, now + (.zero - settings.retention))
        let subscribers = subscribers
        housekeeping.task = Task {
            await previous?.value
            do {
                let summaries = try await store.read(.scan) { try $0.queueSummary() }
                metrics.show(summaries, subscribers: subscribers, now: now)
                tellOfAbsent(summaries, subscribers)
                if prunes { try await prune(before: limit) }
            } catch {
                logger.debug("housekeeping of the queue failed", metadata: ["error": "\(error)"])
            }
        }
    }

    /// Says once for each subscriber that deliveries wait for one that is not there.
    private func tellOfAbsent(_ summaries: [String: QueueSummary], _ subscribers: Set<String>) {
        let waiting = summaries.filter { !subscribers.contains($0.key) && ($0.value.counts[.ready] ?? 0) > 0 }
        let news = state.withLock { state in
            defer { state.absent = Set(waiting.keys) }
            return waiting.filter { !state.absent.contains($0.key) }
        }
        for (name, summary) in news.sorted(by: { $0.key < $1.key }) {
            logger.warning(
                "deliveries wait for a subscriber that is not there; bring it back, or give them up with 'muster deliveries drop'",
                metadata: [
                    "delivery.subscriber": "\(name)",
                    "delivery.count": "\((summary.counts[.ready] ?? 0) + (summary.counts[.blocked] ?? 0))",
                ])
        }
    }

    /// Forgets finished deliveries in small transactions, and of a long list only the beginning.
    private func prune(before limit: Timestamp) async throws {
        for _ in 0..<Self.pruneBatches {
            guard state.withLock({ $0.stage == .working }) else { return }
            let forgotten = try await store.write { try $0.pruneDeliveries(before: limit, limit: Self.pruneBatch) }
            guard forgotten == Self.pruneBatch else { return }
        }
    }
}
