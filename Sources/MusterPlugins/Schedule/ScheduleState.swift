import MusterCore
import SCIM

/// How far a plugin's schedule has come for one tenant: kept in the store, so that one node runs each time and none is
/// forgotten over a restart. Pure: what is claimed and what comes next is decided here, by times alone.
struct ScheduleState: Sendable, Hashable {
    /// The time of the schedule that was run last, or is being run.
    var slot: Timestamp
    /// Attempts made for it.
    var attempts = 0
    /// Until when a node has it; nil when none does.
    var leasedUntil: Timestamp?
    /// When it is to be tried again; nil when it is over.
    var due: Timestamp?
    /// What the last attempt said that failed.
    var lastError: String?

    /// What a node was given to run.
    struct Claim: Sendable, Hashable {
        var slot: Timestamp
        var attempt: Int
    }

    /// The state of a schedule that is seen for the first time: it waits for its next time.
    init(startingAt now: Timestamp) { slot = now }

    /// Takes what is due: the latest time that has come, or another attempt at the last one.
    ///
    /// Of several times that were missed while nobody ran, only the latest is made up for.
    mutating func claim(_ schedule: CronExpression, now: Timestamp, lease: Duration) -> Claim? {
        if let leasedUntil, leasedUntil > now { return nil }
        if let latest = schedule.latest(after: slot, upTo: now) {
            (slot, attempts, lastError) = (latest, 0, nil)
        } else if leasedUntil == nil {
            guard let due, due <= now else { return nil }
        }
        // A lease that ran out was that of a node that is gone: its attempt is made again.
        attempts += 1
        (leasedUntil, due) = (now + lease, nil)
        return Claim(slot: slot, attempt: attempts)
    }

    /// Notes how a claimed run ended; nothing when another node has it by now.
    /// - Parameter due: When it is to be tried again; nil when it is over.
    mutating func settle(_ claim: Claim, due: Timestamp?, error: String?, counts: Bool = true) {
        guard slot == claim.slot, attempts == claim.attempt, leasedUntil != nil else { return }
        if !counts { attempts -= 1 }
        (leasedUntil, self.due, lastError) = (nil, due, error)
    }

    /// When there may be something to do next.
    func nextLook(_ schedule: CronExpression) -> Timestamp? {
        [leasedUntil ?? due, schedule.next(after: slot)].compactMap(\.self).min()
    }
}

extension CronExpression {
    /// The last of the times after `time` that have come; nil when none has.
    fileprivate func latest(after time: Timestamp, upTo now: Timestamp) -> Timestamp? {
        guard var found = next(after: time), found <= now else { return nil }
        // Halves the time in which a later one may lie, until there is no room for one: times are whole minutes.
        var end = now
        while end.milliseconds - found.milliseconds >= 60_000 {
            let middle = Timestamp(milliseconds: found.milliseconds + (end.milliseconds - found.milliseconds) / 2)
            if let later = next(after: middle), later <= end { found = later } else { end = middle }
        }
        return found
    }
}

extension ScheduleState {
    /// The state as it is stored, among the plugin's values.
    var stored: PluginValue {
        var map: AttributeMap = ["slot": .integer(slot.milliseconds), "attempts": .integer(Int64(attempts))]
        if let leasedUntil { map.append("leasedUntil", .integer(leasedUntil.milliseconds)) }
        if let due { map.append("due", .integer(due.milliseconds)) }
        if let lastError { map.append("lastError", .string(lastError)) }
        return PluginValue(.complex(map))
    }

    /// Reads the bytes of what ``stored`` gave.
    init?(stored bytes: [UInt8]) {
        guard let document = PluginValue(bytes: bytes)?.value, let slot = document["slot"]?.integer,
            let attempts = document["attempts"]?.integer
        else { return nil }
        func time(_ name: String) -> Timestamp? { document[name]?.integer.map { Timestamp(milliseconds: $0) } }
        self.slot = Timestamp(milliseconds: slot)
        self.attempts = Int(attempts)
        (leasedUntil, due, lastError) = (time("leasedUntil"), time("due"), document["lastError"]?.string)
    }
}
