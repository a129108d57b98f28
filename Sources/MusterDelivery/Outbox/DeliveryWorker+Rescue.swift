import Logging
import MusterCore
import SCIM
import Synchronization

extension DeliveryWorker {
    /// How long a subscriber whose deliveries cannot be claimed, while those of others can, is left out.
    private static let pause: Duration = .seconds(60)

    /// After a turn that failed: does its parts one by one, so that one row that cannot be read or written holds up
    /// no other.
    /// - Returns: Whether anything worked. If not, the store is out of order, and all is kept for later.
    func rescue(_ turn: DeliveryTurn, _ subscriptions: [Subscription]) async -> Bool {
        var isAlive = false
        let unwritten = await write(turn.endings, &isAlive)
        var unclaimed: [(subscriber: String, error: any Error)] = []
        if isAlive || turn.endings.isEmpty, await releaseLeases(turn, &isAlive) {
            unclaimed = await claim(turn, subscriptions, &isAlive)
        }
        guard isAlive else {
            state.withLock { $0.slots.putBack(unwritten.map(\.ending)) }
            return false
        }
        for (ending, error) in unwritten {
            logger.error(
                "the end of a delivery cannot be written; it comes again when its lease is over",
                metadata: ending.delivery.metadata.merging(["error": "\(error)"]) { $1 })
        }
        for (subscriber, error) in unclaimed {
            state.withLock { $0.paused[subscriber] = turn.now + Self.pause }
            logger.error(
                "deliveries cannot be read; the subscriber is left out for a minute",
                metadata: ["delivery.subscriber": "\(subscriber)", "error": "\(error)"])
        }
        return true
    }

    private func write(
        _ endings: [DeliverySlots.Ending], _ isAlive: inout Bool
    ) async -> [(ending: DeliverySlots.Ending, error: any Error)] {
        var unwritten: [(ending: DeliverySlots.Ending, error: any Error)] = []
        for (index, ending) in endings.enumerated() {
            do {
                let counted = try await store.write { try ending.write(in: $0) }
                isAlive = true
                note([ending], lost: counted ? [] : [ending.delivery])
            } catch {
                unwritten.append((ending, error))
                // Three in a row and none that worked: no use in asking for each.
                if !isAlive, unwritten.count == 3 { return unwritten + endings[(index + 1)...].map { ($0, error) } }
            }
        }
        return unwritten
    }

    /// - Returns: Whether claims may follow.
    private func releaseLeases(_ turn: DeliveryTurn, _ isAlive: inout Bool) async -> Bool {
        guard turn.releasesLeases else { return true }
        do { try await store.write { try $0.releaseLeases() } } catch { return false }
        state.withLock { $0.needsRelease = false }
        isAlive = true
        return true
    }

    private func claim(
        _ turn: DeliveryTurn, _ subscriptions: [Subscription], _ isAlive: inout Bool
    ) async -> [(subscriber: String, error: any Error)] {
        var unclaimed: [(subscriber: String, error: any Error)] = []
        var single = DeliveryTurn(limit: turn.limit, now: turn.now, leasedUntil: turn.leasedUntil)
        for claim in turn.claims where single.limit > 0 {
            single.claims = [claim]
            do {
                let claimed = try await store.write { [single] in try single.run(in: $0).claimed }
                isAlive = true
                single.limit -= claimed.count
                start(claimed, of: turn, subscriptions)
            } catch {
                unclaimed.append((claim.subscriber, error))
                if !isAlive, unclaimed.count == 3 { break }
            }
        }
        return unclaimed
    }
}
