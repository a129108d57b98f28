package import Logging
package import MusterCore
package import SCIM

/// Runs the plugins' `onSchedule` hooks at their times, as long as its task is not cancelled.
package struct PluginScheduler: Sendable {
    /// How long it sleeps at most, so that plugins and tenants that come later are found.
    static let longestSleep = Duration.seconds(15)

    let hosts: @Sendable () async throws -> [(host: PluginHost, tenants: [Tenant])]
    let clock: WallClock
    let sleep: @Sendable (Duration) async throws -> Void
    let logger: Logger

    /// - Parameter hosts: The plugins that are at work, each with the tenants that they work for; asked before every look.
    package init(
        hosts: @escaping @Sendable () async throws -> [(host: PluginHost, tenants: [Tenant])], clock: WallClock = .system,
        sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }, logger: Logger
    ) {
        self.hosts = hosts
        self.clock = clock
        self.sleep = sleep
        self.logger = logger
    }

    /// Looks, runs what is due, sleeps, until the task is cancelled; runs that are at work then are cancelled too, and come again
    /// with the next start.
    package func run() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                var nextLook: Timestamp?
                do { nextLook = try await look { host, run in group.addTask { await host.run(run) } } } catch {
                    logger.error("the plugins' schedules cannot be read", metadata: ["error": "\(error)"])
                }
                let wait = nextLook.map { Duration.milliseconds($0.milliseconds - clock.now().milliseconds) } ?? Self.longestSleep
                do { try await sleep(min(max(wait, .milliseconds(100)), Self.longestSleep)) } catch { break }
            }
            group.cancelAll()
        }
    }

    /// Runs what is due now and waits for it. For tests and specs.
    /// - Returns: How many runs there were, and when there may be another one.
    @discardableResult
    package func runDue() async throws -> (runs: Int, nextLook: Timestamp?) {
        var count = 0
        while true {
            var runs: [(PluginHost, ScheduledRun)] = []
            let nextLook = try await look { runs.append(($0, $1)) }
            if runs.isEmpty { return (count, nextLook) }
            for (host, run) in runs { await host.run(run) }
            count += runs.count
        }
    }

    private func look(_ start: (PluginHost, ScheduledRun) -> Void) async throws -> Timestamp? {
        var nextLook: Timestamp?
        for (host, tenants) in try await hosts() where host.hasSchedules {
            for tenant in tenants {
                let (runs, next) = await host.claimScheduledRuns(in: tenant)
                for run in runs { start(host, run) }
                nextLook = [nextLook, next].compactMap(\.self).min()
            }
        }
        return nextLook
    }
}
