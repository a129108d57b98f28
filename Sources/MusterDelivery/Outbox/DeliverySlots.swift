import MusterCore
import SCIM

/// What a worker has in hand: which handlers run, for whom and until when, and which ends are yet to be written down.
/// Bookkeeping only: it starts, cancels and waits for nothing.
struct DeliverySlots: Sendable {
    /// One run of a handler.
    struct Slot: Sendable {
        let delivery: Delivery
        let subscription: Subscription
        /// When its task is cancelled.
        let cancelAt: Timestamp
        let task: Task<Void, Never>
        var isCancelled = false
        /// Whether it was cancelled since its time was over, and not since the worker comes to its end.
        var isLate = false
        /// Whether its lease ran out and it still did not return. It goes on counting against its subscriber, so that
        /// one that hangs holds up only itself.
        var isHung = false
    }

    /// Those of one subject for one subscriber, which come one after the other.
    private struct Line: Hashable {
        let subscriber: String
        let subject: ResourceKey

        init(_ delivery: Delivery) { (subscriber, subject) = (delivery.subscriber, delivery.event.subject) }
    }

    /// The end of a claim that the store does not know of yet.
    struct Ending: Sendable {
        var delivery: Delivery
        var settlement: DeliverySettlement
        /// What the attempt did; nil where nothing is kept of it.
        var record: [UInt8]?
    }

    private var slots: [UInt64: Slot] = [:]
    private var lastTicket: UInt64 = 0
    private var held: [String: Int] = [:]
    private var lines: Set<Line> = []
    /// How many handlers run, those that hang left out.
    private(set) var active = 0
    /// Ends to be written, oldest first.
    private(set) var endings: [Ending] = []

    /// Whether nothing runs and nothing is left to be written.
    var isEmpty: Bool { active == 0 && endings.isEmpty }

    /// How many deliveries a subscriber has in hand, those that hang among them.
    func count(of subscriber: String) -> Int { held[subscriber, default: 0] }

    /// How many more deliveries a subscriber can be handed now.
    func room(for subscription: Subscription) -> Int { max(0, subscription.concurrency - count(of: subscription.name)) }

    /// Whether a handler is at work for the same subscriber and subject, though the store says otherwise: one that hangs, or one
    /// whose delivery was dropped.
    func isAtWork(besides delivery: Delivery) -> Bool { lines.contains(Line(delivery)) }

    /// Whether a run was cancelled since its time was over.
    func isLate(_ ticket: UInt64) -> Bool { slots[ticket]?.isLate ?? false }

    // MARK: A run begins and ends

    /// Takes a slot for a claimed delivery.
    /// - Parameter task: Starts the handler, which reports its end under the given ticket.
    mutating func begin(
        _ delivery: Delivery, for subscription: Subscription, cancelAt: Timestamp, task: (UInt64) -> Task<Void, Never>
    ) {
        lastTicket += 1
        active += 1
        held[subscription.name, default: 0] += 1
        lines.insert(Line(delivery))
        slots[lastTicket] = Slot(
            delivery: delivery, subscription: subscription, cancelAt: cancelAt, task: task(lastTicket))
    }

    /// Ends a run.
    /// - Returns: Whether it counts: not when its lease had run out.
    mutating func end(_ ticket: UInt64, _ settlement: DeliverySettlement, record: [UInt8]? = nil) -> Bool {
        guard let slot = slots.removeValue(forKey: ticket) else { return false }
        let left = held[slot.subscription.name, default: 1] - 1
        held[slot.subscription.name] = left > 0 ? left : nil
        lines.remove(Line(slot.delivery))
        guard !slot.isHung else { return false }
        active -= 1
        endings.append(Ending(delivery: slot.delivery, settlement: settlement, record: record))
        return true
    }

    /// Notes the end of a claim that no running handler holds.
    mutating func end(_ delivery: Delivery, _ settlement: DeliverySettlement) {
        endings.append(Ending(delivery: delivery, settlement: settlement))
    }

    // MARK: Writing ends down

    /// Takes out what is to be written.
    mutating func takeEndings() -> [Ending] {
        defer { endings = [] }
        return endings
    }

    /// Puts back what could not be written, before what ended since.
    mutating func putBack(_ endings: [Ending]) { self.endings = endings + self.endings }

    // MARK: Time runs out

    /// The tasks to cancel because their time is over by `now`; each is named once.
    mutating func overdueTasks(at now: Timestamp) -> [Task<Void, Never>] {
        for (ticket, slot) in slots where !slot.isCancelled && slot.cancelAt <= now { slots[ticket]?.isLate = true }
        return cancel { $0.cancelAt <= now }
    }

    /// All tasks, for the end of the worker.
    mutating func allTasks() -> [Task<Void, Never>] { cancel { _ in true } }

    private mutating func cancel(where isOver: (Slot) -> Bool) -> [Task<Void, Never>] {
        var tasks: [Task<Void, Never>] = []
        for (ticket, slot) in slots where !slot.isCancelled && isOver(slot) {
            slots[ticket]?.isCancelled = true
            tasks.append(slot.task)
        }
        return tasks
    }

    /// Gives up the runs whose lease is over by `now`.
    mutating func hang(at now: Timestamp) -> [Slot] {
        var hung: [Slot] = []
        for (ticket, slot) in slots where !slot.isHung && (slot.delivery.leasedUntil ?? now) <= now {
            slots[ticket]?.isHung = true
            active -= 1
            hung.append(slot)
        }
        return hung.sorted { $0.delivery.id < $1.delivery.id }
    }

    /// Gives up every run, whatever its lease, without an end: the lease will end by itself.
    mutating func abandon() -> [Delivery] {
        var left: [Delivery] = []
        for (ticket, slot) in slots where !slot.isHung {
            slots[ticket]?.isHung = true
            left.append(slot.delivery)
        }
        active = 0
        return left
    }
}
