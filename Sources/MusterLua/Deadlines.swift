import Synchronization

/// Pending deadlines, all served by one ticking task that rests while there are none.
///
/// One `Task.sleep` for each wait would be simpler, but on Linux a cancelled sleep keeps its timer until the time that nobody waits for
/// any more: under load that is a leak for the length of the deadline.
package final class Deadlines: Sendable {
    private struct State {
        var lastID: UInt64 = 0
        var entries: [UInt64: Entry] = [:]
        /// No entry is due before this; an entry that was removed may leave it too early, never too late.
        var earliest: ContinuousClock.Instant?
        var isTicking = false
    }

    private struct Entry {
        var instant: ContinuousClock.Instant
        var late: @Sendable () -> Void
    }

    package static let shared = Deadlines()

    private let state = Mutex(State())
    private let tick: Duration

    /// - Parameter tick: How often the deadlines are looked at, and so how late they may be.
    package init(tick: Duration = .milliseconds(20)) {
        self.tick = tick
    }

    /// Calls `late` once the instant has passed, unless ``remove(_:)`` comes first. It must be quick.
    package func add(_ instant: ContinuousClock.Instant, _ late: @escaping @Sendable () -> Void) -> UInt64 {
        let (id, mustStart) = state.withLock { state in
            state.lastID += 1
            state.entries[state.lastID] = Entry(instant: instant, late: late)
            state.earliest = min(state.earliest ?? instant, instant)
            let mustStart = !state.isTicking
            state.isTicking = true
            return (state.lastID, mustStart)
        }
        if mustStart { Task.detached { await self.run() } }
        return id
    }

    package func remove(_ id: UInt64) {
        state.withLock { _ = $0.entries.removeValue(forKey: id) }
    }

    /// How many deadlines are pending.
    package var count: Int { state.withLock { $0.entries.count } }

    /// Ticks until a second has passed without any deadline.
    private func run() async {
        var quietTicks = 0
        while true {
            try? await Task.sleep(for: tick)
            for late in takeDue(at: .now) { late() }
            let (isQuiet, isOver) = state.withLock { state in
                let isQuiet = state.entries.isEmpty
                let isOver = isQuiet && tick * quietTicks > .seconds(1)
                if isOver { state.isTicking = false }
                return (isQuiet, isOver)
            }
            if isOver { return }
            quietTicks = isQuiet ? quietTicks + 1 : 0
        }
    }

    private func takeDue(at now: ContinuousClock.Instant) -> [@Sendable () -> Void] {
        state.withLock { state in
            guard let earliest = state.earliest, earliest <= now else { return [] }
            let due = state.entries.filter { $0.value.instant <= now }
            for id in due.keys { state.entries.removeValue(forKey: id) }
            state.earliest = state.entries.values.lazy.map(\.instant).min()
            return due.values.map(\.late)
        }
    }
}
