import MusterCore
import SCIM

/// Holds calls back from a destination that fails again and again: a pure state machine, without a clock or a socket.
///
/// After ``tolerated`` failures in a row it opens for a while that doubles each time. Then one call is let through on
/// trial: if it succeeds all go, if it fails the breaker opens anew, for longer. A destination that asks for a pause by
/// `Retry-After` gets it; that counts as no failure.
struct DestinationBreaker: Sendable {
    /// What a call showed of its destination.
    enum Finding: Sendable, Hashable {
        /// It answers, whatever it says.
        case works
        /// No connection, no answer in time, or a status from 500 to 599.
        case fails
        /// It asks to be left alone for so long.
        case pauses(Duration)
        /// Nothing: the call was given up, or never left.
        case unknown
    }

    /// Failures in a row that open it.
    static let tolerated = 5
    /// The first wait at most; it doubles with each opening.
    static let base = Duration.seconds(10)
    /// The longest wait.
    static let longest = Duration.seconds(600)
    /// The longest pause that a destination gets.
    static let longestPause = Duration.seconds(3600)
    /// How long others wait while a call is on trial.
    static let trialWait = Duration.seconds(1)
    /// After so long a call on trial is taken for lost.
    static let trialLimit = Duration.seconds(60)

    private(set) var failures = 0
    private var openings = 0
    private var openUntil: Timestamp?
    private var isPause = false
    private var trialSince: Timestamp?

    /// What a person is told: `closed`, `open`, `paused` or `trial`.
    enum Phase: String, Sendable, Hashable, CaseIterable {
        case closed, open, paused, trial
    }

    var phase: Phase { trialSince != nil ? .trial : openUntil == nil ? .closed : isPause ? .paused : .open }

    /// How long calls wait, as things stand at `now`.
    func wait(at now: Timestamp) -> Duration { openUntil.map { max(.zero, $0 - now) } ?? .zero }

    /// Whether a call may go now.
    /// - Returns: Nil if so; else how long to wait before asking again.
    mutating func admit(at now: Timestamp) -> Duration? {
        if let trialSince {
            if now < trialSince + Self.trialLimit { return Self.trialWait }
            self.trialSince = now
            return nil
        }
        guard let openUntil else { return nil }
        guard now >= openUntil else { return openUntil - now }
        if isPause, openings == 0 {
            (self.openUntil, isPause) = (nil, false)
        } else {
            trialSince = now
        }
        return nil
    }

    /// Notes what a call that was let through has shown.
    /// - Parameter random: In 0..<1: where in the upper half of its range the wait lies, so that what failed together does
    ///   not come back together.
    /// - Returns: Whether this opened it.
    mutating func record(_ finding: Finding, at now: Timestamp, random: Double) -> Bool {
        switch finding {
        case .works:
            // A call from before the opening says nothing about now.
            guard trialSince != nil || openUntil == nil else { return false }
            self = DestinationBreaker()
        case .unknown:
            // The trial is over without an answer; the next call is one.
            trialSince = nil
        case .pauses(let duration):
            trialSince = nil
            let until = now + min(max(.zero, duration), Self.longestPause)
            guard openUntil.map({ $0 < until }) ?? true else { return false }
            (openUntil, isPause) = (until, true)
        case .fails:
            guard trialSince != nil || openUntil == nil else { return false }
            failures += 1
            guard trialSince != nil || failures >= Self.tolerated else { return false }
            var wait = Self.base
            for _ in 0..<openings where wait < Self.longest { wait *= 2 }
            wait = min(wait, Self.longest)
            openings += 1
            (openUntil, isPause, trialSince) = (now + (wait / 2 + (wait / 2) * random), false, nil)
            return true
        }
        return false
    }
}

extension Timestamp {
    /// The time between two instants.
    fileprivate static func - (left: Timestamp, right: Timestamp) -> Duration {
        .milliseconds(left.milliseconds - right.milliseconds)
    }
}
