/// How the provisioner works.
package struct ProvisionerSettings: Sendable {
    /// How many people are worked on at the same time, over all targets.
    package var concurrency = 16
    /// How long a claim holds that nobody gives back: that of a command which was killed. A slow target may take longer; whom a
    /// worker is at work on it does not begin with once more.
    package var lease: Duration = .seconds(900)
    /// How often it looks for work that nobody woke it for.
    package var pollInterval: Duration = .milliseconds(500)
    /// How often a plan is tried before a person has to look at it.
    package var maximumAttempts = 10
    /// The wait after the first failed attempt; each further one is twice as long, spread by up to a half.
    package var baseWait: Duration = .seconds(2)
    /// The longest wait between attempts.
    package var longestWait: Duration = .seconds(900)
    /// How many attempts in a row may fail before the target is quarantined.
    package var failuresBeforeQuarantine = 5
    /// The first interval of a quarantine; each further one in a row is twice as long.
    package var baseQuarantine: Duration = .seconds(60)
    /// The longest interval of a quarantine.
    package var longestQuarantine: Duration = .seconds(6 * 3600)
    /// How long records of what was done are kept.
    package var retention: Duration = .seconds(90 * 86_400)
    /// Whether this is the only worker of its store: then claims that an earlier process left are free at the start.
    package var isOnlyWorker = true

    /// Creates the usual settings.
    package init() {}

    /// The wait after so many attempts.
    func wait(after attempts: Int, random: Double) -> Duration {
        min(longestWait, baseWait * (1 << min(max(attempts - 1, 0), 16))) * (0.5 + random / 2)
    }

    /// How long a target is left alone that was quarantined so many times in a row before.
    func quarantine(after quarantines: Int) -> Duration {
        min(longestQuarantine, baseQuarantine * (1 << min(quarantines, 16)))
    }
}
