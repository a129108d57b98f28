import Logging
import MusterCore
import SCIM
import Synchronization

extension Provisioner {
    /// Works until the task is cancelled: claims what is due at each target that is on, plans it, and carries out what needs no
    /// approval or has it. What is under way at the end is given back.
    package func run() async {
        while !Task.isCancelled, settings.isOnlyWorker {
            do {
                try await store.write { try $0.releaseProvisioningLeases() }
                break
            } catch { await pause(after: error) }
        }
        await loop(untilIdle: false)
    }

    /// Works until nothing is due and nothing is under way, beside ``run()`` too: for commands and tests.
    package func drain() async { await loop(untilIdle: true) }

    private func loop(untilIdle: Bool) async {
        let signal = Signal()
        signals.withLock { $0[ObjectIdentifier(signal)] = signal }
        defer { _ = signals.withLock { $0.removeValue(forKey: ObjectIdentifier(signal)) } }
        await withDiscardingTaskGroup { group in
            var housekeeping = Timestamp(milliseconds: 0)
            while !Task.isCancelled {
                do {
                    let (targets, ripe) = try await knownTargets()
                    // One that hangs keeps nobody from the others.
                    for target in ripe where probed.withLock({ $0.insert(target.key).inserted }) {
                        group.addTask {
                            await self.tryAgain(target)
                            self.probed.withLock { _ = $0.remove(target.key) }
                            self.wake()
                        }
                    }
                    if clock.now() >= housekeeping {
                        try await keepHouse(targets)
                        housekeeping = clock.now() + .seconds(60)
                    }
                    let claimed = try await claim(targets)
                    for (task, target) in claimed {
                        group.addTask {
                            await self.work(on: task, at: target)
                            self.slots.leave(task.subject, at: target.row.name)
                            self.wake()
                        }
                    }
                    if claimed.isEmpty {
                        guard untilIdle else {
                            await pause(settings.pollInterval, signal)
                            continue
                        }
                        if slots.isEmpty, probed.withLock(\.isEmpty) { return }
                        // Whoever is at work says when it has ended.
                        await signal.wait()
                    }
                } catch {
                    await pause(after: error)
                    if untilIdle, error is CancellationError { return }
                }
            }
        }
    }

    /// Waits for a call of ``wake()`` or until the time is over.
    private func pause(_ time: Duration, _ signal: Signal) async {
        await withTaskGroup { [sleep] group in
            group.addTask { try? await sleep(time) }
            group.addTask { await signal.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    private func pause(after error: any Error) async {
        logger.error("the provisioner waits for the store", metadata: ["error": "\(error)"])
        try? await sleep(.seconds(1))
    }

    /// The targets that are on, and those whose quarantine is over.
    private func knownTargets() async throws -> (open: [KnownTarget], ripe: [KnownTarget]) {
        var (open, ripe) = ([KnownTarget](), [KnownTarget]())
        for row in try await store.read({ try $0.provisioningTargets(in: nil) }) where row.state != .off {
            let target: KnownTarget
            do { target = try known(row) } catch let error as ProvisionerError {
                logger.error("a target is left alone", metadata: ["target.name": "\(row.name)", "error": "\(error)"])
                continue
            }
            if row.state == .on {
                open.append(target)
            } else if let time = row.resumesAt, time <= clock.now() {
                ripe.append(target)
            }
        }
        return (open, ripe)
    }

    /// Tries a target whose quarantine is over; where it works, it is on.
    private func tryAgain(_ target: KnownTarget) async {
        do { try await probe(target) } catch {
            logger.error("a target could not be tried", metadata: ["target.name": "\(target.row.name)", "error": "\(error)"])
        }
    }

    private func claim(_ targets: [KnownTarget]) async throws -> [(ProvisioningTask, KnownTarget)] {
        let now = clock.now()
        var rooms: [(target: KnownTarget, limit: Int)] = []
        for target in targets.shuffled() {
            let room = min(target.definition.dialect.concurrency - slots.count(target.key), settings.concurrency - slots.total)
            if room > 0 { rooms.append((target, room)) }
        }
        guard !rooms.isEmpty else { return [] }
        let (lease, most) = (now + settings.lease, settings.concurrency - slots.total)
        let claimed = try await store.write { [rooms, slots] transaction in
            var claimed: [(ProvisioningTask, KnownTarget)] = []
            for (target, room) in rooms where claimed.count < most {
                claimed += try transaction.claimProvisioningTasks(
                    of: target.row.name, in: target.row.tenant, except: slots.subjects(at: target.key),
                    limit: min(room, most - claimed.count), now: now, leasedUntil: lease
                ).map { ($0, target) }
            }
            return claimed
        }
        for (task, target) in claimed { slots.enter(task.subject, at: target.row.name) }
        return claimed
    }

    /// Makes the work that only time brings, and forgets what is old.
    private func keepHouse(_ targets: [KnownTarget]) async throws {
        let (now, retention) = (clock.now(), settings.retention)
        let (rows, summaries) = try await store.read(.scan) {
            (try $0.provisioningTargets(in: nil), try $0.provisioningSummaries(in: nil))
        }
        metrics.show(rows, summaries)
        for target in targets {
            try await makeUp(at: target, now: now)
            guard case .deleteAfter(let days) = target.definition.leaving else { continue }
            let (name, tenant) = (target.row.name, target.row.tenant)
            try await store.write { transaction in
                let left = try transaction.targetLinks(
                    leftBefore: now + .seconds(-86_400 * days), target: name, in: tenant, limit: 500)
                for link in left where try transaction.provisioningTask(for: link.subject, at: name) == nil {
                    try transaction.enqueue(ProvisioningTask(target: name, subject: link.subject, due: now, created: now))
                }
            }
        }
        _ = try await store.write { try $0.pruneProvisioningRecords(before: now + .zero - retention, limit: 1000) }
    }
}

extension Timestamp {
    fileprivate static func - (left: Timestamp, duration: Duration) -> Timestamp { left + (.zero - duration) }
}

/// Who is worked on at each target.
final class WorkSlots: Sendable {
    private let atWork = Mutex<[Provisioner.TargetKey: Set<ResourceKey>]>([:])

    var total: Int { atWork.withLock { $0.values.reduce(0) { $0 + $1.count } } }
    var isEmpty: Bool { total == 0 }
    func count(_ key: Provisioner.TargetKey) -> Int { subjects(at: key).count }
    func subjects(at key: Provisioner.TargetKey) -> Set<ResourceKey> { atWork.withLock { $0[key] ?? [] } }

    func enter(_ subject: ResourceKey, at target: String) {
        atWork.withLock { _ = $0[.init(tenant: subject.tenant, name: target), default: []].insert(subject) }
    }

    func leave(_ subject: ResourceKey, at target: String) {
        atWork.withLock { _ = $0[.init(tenant: subject.tenant, name: target)]?.remove(subject) }
    }
}
