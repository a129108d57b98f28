import MusterCore
import SCIM

/// Holds a plugin back that had to be stopped again and again: five kills within ten minutes open it for five.
///
/// After that one run is tried; another kill opens it anew, a good run closes it for good.
struct CircuitBreaker: Sendable {
    static let tolerated = 5
    static let window = Duration.seconds(600)
    static let pause = Duration.seconds(300)

    private var kills: [Timestamp] = []
    private var openUntil: Timestamp?
    private var isOnTrial = false

    /// Whether the plugin is held back at this time.
    mutating func isOpen(at now: Timestamp) -> Bool {
        guard let openUntil else { return false }
        if now < openUntil { return true }
        self.openUntil = nil
        isOnTrial = true
        return false
    }

    /// The plugin was stopped because it used too much CPU time or memory.
    /// - Returns: Whether this opened the breaker.
    mutating func recordKill(at now: Timestamp) -> Bool {
        kills.removeAll { $0 + Self.window <= now }
        kills.append(now)
        guard isOnTrial || kills.count >= Self.tolerated else { return false }
        openUntil = now + Self.pause
        isOnTrial = false
        kills = []
        return true
    }

    /// A run ended within its limits.
    mutating func recordSuccess() { isOnTrial = false }
}
