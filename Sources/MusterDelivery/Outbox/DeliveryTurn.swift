import MusterCore
import SCIM

/// One turn of the worker at the store, in one transaction: the ends of earlier claims, then new claims.
struct DeliveryTurn: Sendable {
    /// How many deliveries a subscriber has room for.
    struct Claim: Sendable {
        var subscriber: String
        /// How many it has in hand.
        var held: Int
        /// How many more it can be handed at most.
        var limit: Int

        /// How many it is handed of the places that are free: of those that others leave, half are its own at most, so that
        /// however many subscribers are slow, the next one finds a place.
        func share(of free: Int) -> Int {
            let half = (free + held + 1) / 2
            return min(limit, free, max(0, half - held))
        }
    }

    /// What was written.
    struct Result: Sendable {
        /// Claims whose end did not count, since the delivery was no longer held under this lease.
        var lost: [Delivery] = []
        /// Deliveries to hand out.
        var claimed: [Delivery] = []
    }

    /// Whether leases of an earlier process are given back first.
    var releasesLeases = false
    /// The ends.
    var endings: [DeliverySlots.Ending] = []
    /// Who is asked for, in the order of their turn.
    var claims: [Claim] = []
    /// How many deliveries are claimed at most for all.
    var limit = 0
    var now: Timestamp
    var leasedUntil: Timestamp

    /// Whether there is nothing to ask of the store.
    var isEmpty: Bool { !releasesLeases && endings.isEmpty && (claims.isEmpty || limit == 0) }

    /// Ends in the order in which they came, so that a subject's next delivery can be claimed at once.
    func run(in transaction: any WriteTransaction) throws -> Result {
        var result = Result()
        if releasesLeases { try transaction.releaseLeases() }
        for ending in endings {
            let counted = try ending.write(in: transaction)
            if !counted { result.lost.append(ending.delivery) }
        }
        for claim in claims {
            let wanted = claim.share(of: limit - result.claimed.count)
            guard wanted > 0 else { continue }
            result.claimed += try transaction.claimDeliveries(
                for: [claim.subscriber], limit: wanted, now: now, leasedUntil: leasedUntil)
        }
        return result
    }
}

extension DeliverySlots.Ending {
    /// Writes the end.
    /// - Returns: Whether it counted: not when another claim holds the delivery by now, or when it was dropped.
    func write(in transaction: any WriteTransaction) throws -> Bool {
        do {
            try transaction.settle(delivery, settlement)
            // Only a second attempt finds the record of a first one.
            if record != nil || delivery.attempts > 1, !settlement.isRelease { try transaction.record(record, of: delivery) }
            return true
        } catch let error as StoreError where error.code == .conflict || error.code == .notFound {
            return false
        }
    }
}

extension DeliverySettlement {
    /// Whether the attempt does not count.
    fileprivate var isRelease: Bool { if case .release = self { true } else { false } }
}
