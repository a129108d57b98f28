package import MusterCore
package import MusterPlugins
package import SCIM

/// An event of which two versions of a plugin make something else.
package struct ReplayDifference: Sendable {
    /// The event.
    package var event: LifecycleEvent
    /// What differs between the calls.
    package var calls: [CallDifference]
    /// How the deployed version ended, and how the one under development does, where that differs.
    package var ending: (was: String, now: String)?
    /// Whether not all was kept as the deployed version was told it, so that the difference may come from that.
    package var isUncertain: Bool

    /// The difference for a person: a title, and what differs below it.
    package var lines: [String] {
        let subject = "\(event.subject.type) \(event.subject.id)"
        var lines = ["\(event.kind.rawValue) of \(subject) at \(event.change.time.dateTime) (event \(event.id))"]
        lines += calls.flatMap(\.lines).map { "  " + $0 }
        if let ending { lines.append("  outcome: \(ending.was) → \(ending.now)") }
        if isUncertain { lines.append("  not all of the deployed run was kept; the difference may come from that") }
        return lines
    }

    /// The difference as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = [
            "event": .string(event.id), "hook": .string(event.kind.rawValue), "time": .string(event.change.time.dateTime),
            "subject": ["type": .string(event.subject.type), "id": .string(event.subject.id)], "calls": .array(calls.map(\.document)),
        ]
        if let ending { map.append("outcome", ["was": .string(ending.was), "is": .string(ending.now)]) }
        if isUncertain { map.append("uncertain", true) }
        return .complex(map)
    }
}

/// What a replay found in all.
package struct ReplaySummary: Sendable, Hashable {
    /// Events that were replayed.
    package var replayed = 0
    /// Those of them that differ.
    package var differing = 0
    /// Events whose deployed run was not recorded, or is forgotten.
    package var unrecorded = 0
    /// Events that the deployed version has yet to hear of.
    package var untried = 0

    /// The summary for a person.
    package var lines: [String] {
        var lines = ["\(replayed) events replayed, \(differing) differ"]
        if unrecorded > 0 { lines.append("  \(unrecorded) left out: what the deployed version did was not recorded, or is forgotten") }
        if untried > 0 { lines.append("  \(untried) left out: the deployed version has yet to hear of them") }
        return lines
    }

    /// The summary as JSON.
    package var document: AttributeValue {
        [
            "replayed": .integer(Int64(replayed)), "differing": .integer(Int64(differing)), "unrecorded": .integer(Int64(unrecorded)),
            "untried": .integer(Int64(untried)),
        ]
    }
}
