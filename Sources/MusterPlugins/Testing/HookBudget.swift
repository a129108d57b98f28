import MusterLua

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What a hook that `test.run` runs may use, as on a server, and what it has used. Begun and read on the thread of its machine.
struct HookBudget: Sendable {
    private let context: RunContext
    private let limits: PluginManifest.Limits
    /// How much slower Lua is than on a server.
    private let slowdown: Int
    private let start = Self.threadTime

    init(_ context: RunContext, _ limits: PluginManifest.Limits, slowdown: Int) {
        (self.context, self.limits, self.slowdown) = (context, limits, slowdown)
    }

    var hook: HookName { context.hook }

    /// What the server would have stopped the hook for; nil where it would not.
    var overrun: String? {
        let most = limits.cpu(in: hook.phase)
        if Self.threadTime - start > most * slowdown {
            return "\(hook.rawValue) took more than its \(most) of CPU time (limits.cpuMs in plugin.json)"
        }
        return limits.overrun(of: context, waited: context.waited)
    }

    private static var threadTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension PluginManifest.Limits {
    /// What is said of a hook that has waited for too long; nil where it has not.
    func overrun(of run: RunContext, waited: Duration) -> String? {
        let most = wall(in: run.hook.phase)
        return waited > most ? "\(run.hook.rawValue) is not done within \(most) (limits.wallMs in plugin.json)" : nil
    }
}
