import MusterCore
import SCIM

extension SpecWorldEngine {
    /// What became of the deliveries while a world settled.
    struct Settlement: Sendable, Hashable {
        /// How many were acknowledged.
        var delivered = 0
        /// How many were given up.
        var setAside = 0
        /// How much time passed in the world, in seconds.
        var seconds = 0.0
    }

    /// How long a world goes on by itself.
    static let longestSettling = Duration.seconds(30 * 86_400)
    private static let longestRun = 10_000

    /// Hands out deliveries until none is left, also those that have to wait: time passes as fast as they are done.
    /// - Parameter toleratesFailures: Whether hooks that fail are left to be tried again, instead of ending this.
    /// - Throws: ``PluginFailed``; `HostCallError` when deliveries are left after ``longestSettling``.
    func settle(toleratesFailures: Bool) async throws -> Settlement {
        let (start, before) = (world.now, try await counts())
        let left = try await run(until: start + Self.longestSettling, toleratesFailures)
        if let open = left.first { throw HostCallError("world.settle: " + Self.unsettled(open, of: left.count)) }
        let after = try await counts()
        return Settlement(
            delivered: after.delivered - before.delivered, setAside: after.setAside - before.setAside,
            seconds: Double(world.now.milliseconds - start.milliseconds) / 1000)
    }

    /// Lets time pass; what comes due meanwhile is handed out at its time.
    /// - Throws: ``PluginFailed``.
    func advance(by time: Duration, toleratesFailures: Bool) async throws {
        let end = world.now + time
        _ = try await run(until: end, toleratesFailures)
        world.setTime(max(world.now, end))
    }

    /// Kills the process and starts it anew on the same store.
    /// - Parameter count: Hands out deliveries first, until this many calls over HTTP have reached their receivers; the last
    ///   one's answer is not heard any more. Nil: at once.
    func crash(afterCalls count: Int?) async throws {
        if let count {
            lifeline.cut(afterCalls: count)
            do { _ = try await run(until: world.now + Self.longestSettling, true) } catch {
                guard lifeline.isCut else { throw error }
            }
            guard lifeline.isCut else {
                throw HostCallError("world.crash: all deliveries were done before \(count) more calls were made")
            }
        }
        world.forgetFailures()
        try await restart()
    }

    /// Hands out what comes due until a time.
    /// - Returns: The deliveries that are left, oldest first.
    private func run(until end: Timestamp, _ toleratesFailures: Bool) async throws -> [Delivery] {
        for _ in 0..<Self.longestRun {
            try await engine.drain()
            if let failure = world.takeFailures().first, !toleratesFailures { throw PluginFailed(failure) }
            let open = try await deliveries([.ready, .blocked, .leased])
            guard let first = open.filter({ $0.state == .ready }).map(\.due).min() ?? open.first?.due else { return [] }
            // What is due and was not taken is held back for a while by its subscriber.
            let next = first > world.now ? first : world.now + .seconds(1)
            guard next <= end else { return open }
            world.setTime(next)
        }
        return try await deliveries([.ready, .blocked, .leased])
    }

    /// Deliveries, oldest first.
    func deliveries(_ states: [Delivery.State] = []) async throws -> [Delivery] {
        try await store.read { try $0.deliveries(DeliveryQuery(states: states, limit: 10_000)) }.reversed()
    }

    private func counts() async throws -> (delivered: Int, setAside: Int) {
        let all = try await deliveries([.delivered, .setAside])
        let delivered = all.count { $0.state == .delivered }
        return (delivered, all.count - delivered)
    }

    private static func unsettled(_ delivery: Delivery, of count: Int) -> String {
        let more = count > 1 ? " (and \(count - 1) more)" : ""
        let error = delivery.lastError.map { ": \($0)" } ?? ""
        return "\(delivery.event.kind.rawValue) of \(delivery.event.subject.type) \(delivery.event.subject.id) for \(delivery.subscriber)"
            + "\(more) is not done after \(delivery.attempts) attempts in \(longestSettling.components.seconds / 86_400) days\(error)"
    }
}

/// A hook failed while a world went on.
struct PluginFailed: Error {
    let failure: SpecLog.Failure

    init(_ failure: SpecLog.Failure) { self.failure = failure }
}
