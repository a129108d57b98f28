package import Foundation
package import MusterCore
import MusterPlugins
package import SCIM

/// Runs recorded events through a plugin under development, and compares what it does with what the deployed version did.
///
/// Nothing is sent. Each run is told what the deployed version's last attempt was told: the answers to its requests, the values
/// of `muster.kv`, the time. So a version that is the same does the same.
package struct Replay: Sendable {
    /// Which events.
    package struct Options: Sendable {
        /// Whose directory.
        package var tenant = Tenant.default
        /// From when on.
        package var since: Timestamp
        /// Until when; nil for all.
        package var until: Timestamp?
        /// The id of the only user or group that is of interest; nil for all.
        package var subject: String?

        package init(since: Timestamp) { self.since = since }
    }

    /// Changes in hand at a time.
    private static let pageSize = 200
    private static let width = 8

    private let engine: RehearsalEngine
    private let store: any Store
    private let options: Options
    private let subscriber: String
    /// Of changes before it finished deliveries may have been forgotten.
    private let keptSince: Timestamp

    /// - Parameters:
    ///   - store: A copy of the server's.
    ///   - plugin: The folder of the plugin under development, called as the deployed one is.
    ///   - clock: Tells which deliveries are past their time.
    /// - Throws: ``ConfigurationError`` with what is wrong with the plugin or the tenant.
    package init(
        onCopy store: any Store, plugin: URL, configuration: Configuration, options: Options,
        environment: [String: String] = ProcessInfo.processInfo.environment, clock: WallClock = .system
    ) async throws {
        let plugin = plugin.standardizedFileURL
        let (name, folder) = (plugin.lastPathComponent, plugin.deletingLastPathComponent())
        engine = try await RehearsalEngine(
            store: store, plugins: folder, configuration: configuration.restricted(to: name, in: folder), tenant: options.tenant,
            world: .recorded(answers: { _ in nil }), environment: environment)
        guard let report = engine.host.reports.first(where: { $0.name == name }) else {
            throw ConfigurationError(["there is no plugin in \(plugin.path(percentEncoded: false)); name its folder with --plugin"])
        }
        guard report.state == .loaded else { throw ConfigurationError([report.line]) }
        subscriber = engine.host.subscriber(name)
        self.store = store
        self.options = options
        keptSince = clock.now() + .seconds(-86_400 * configuration.delivery.retentionDays)
    }

    /// What has to be known about the plugin before the result is believed.
    package var notes: [String] { engine.notes.filter { !$0.contains("switched off") } }

    /// Goes over the events. Only a page of changes is held at a time.
    /// - Parameters:
    ///   - progress: Is told how many changes of how many are done.
    ///   - report: Is told of each event that differs, oldest first.
    package func run(
        progress: (_ done: Int, _ total: Int) -> Void, report: (ReplayDifference) -> Void
    ) async throws -> ReplaySummary {
        var summary = ReplaySummary()
        guard let (first, last) = try await range() else { return summary }
        let recordingSince = try await RecordingPeriod(store: store).start()
        var recorded = RecordedPages(store: store, subscriber: subscriber, fromChange: first)
        var number = first - 1
        while true {
            let page = try await store.read(.scan) { [number, options] in
                try $0.changes(in: options.tenant, after: number, limit: Self.pageSize)
            }
            guard let end = page.last?.number else { break }
            let deliveries = try await recorded.take(upToChange: end)
            var cases: [Case] = []
            for change in page where change.record.time >= options.since && change.record.time <= options.until ?? change.record.time {
                for event in change.events where options.subject.map({ $0 == event.subject.id }) ?? true {
                    guard let found = self.case(event, deliveries[event.id], recordingSince, &summary) else { continue }
                    cases.append(found)
                }
            }
            for difference in await differences(cases) {
                summary.differing += 1
                report(difference)
            }
            summary.replayed += cases.count
            progress(Int(end - first + 1), Int(last - first + 1))
            number = end
            if let until = options.until, let time = page.last?.record.time, time > until { break }
        }
        return summary
    }

    // MARK: One event

    /// An event with what the deployed version did.
    private struct Case: Sendable {
        var event: LifecycleEvent
        var attempt: Int
        var record: RunRecord
    }

    /// What is to be compared; nil for an event that neither version hears of, or of which too little is known.
    private func `case`(
        _ event: LifecycleEvent, _ delivered: RecordedDelivery?, _ recordingSince: Timestamp?, _ summary: inout ReplaySummary
    ) -> Case? {
        guard let delivered else {
            guard engine.host.subscribers(of: event.kind).contains(subscriber) else { return nil }
            // The change is still there for what another subscriber has not finished.
            guard event.change.time >= keptSince else {
                summary.unrecorded += 1
                return nil
            }
            return Case(event: event, attempt: 1, record: RunRecord())
        }
        let delivery = delivered.delivery
        if let record = delivered.record.flatMap({ RunRecord(bytes: $0) }) {
            return Case(event: event, attempt: max(1, delivery.attempts), record: record)
        }
        guard delivery.attempts > 0, delivery.state != .leased else {
            summary.untried += 1
            return nil
        }
        guard let recordingSince, recordingSince <= event.change.time, delivery.state == .delivered else {
            summary.unrecorded += 1
            return nil
        }
        // From what does nothing and ends well nothing is kept.
        return Case(event: event, attempt: delivery.attempts, record: RunRecord(ending: .init(.delivered)))
    }

    /// The differences of a page in its order. Events of one subject run one after the other.
    private func differences(_ cases: [Case]) async -> [ReplayDifference] {
        let lines = Dictionary(grouping: cases.enumerated(), by: \.element.event.subject).map(\.value)
        return await withTaskGroup(of: [(Int, ReplayDifference)].self) { group in
            var found: [(Int, ReplayDifference)] = []
            var waiting = lines.makeIterator()
            func start() {
                guard let line = waiting.next() else { return }
                group.addTask {
                    var found: [(Int, ReplayDifference)] = []
                    for (index, one) in line {
                        if let difference = await difference(one) { found.append((index, difference)) }
                    }
                    return found
                }
            }
            for _ in 0..<Self.width { start() }
            while let more = await group.next() {
                found += more
                start()
            }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private func difference(_ one: Case) async -> ReplayDifference? {
        var delivery = Delivery(rehearsing: one.event, for: subscriber)
        delivery.attempts = one.attempt
        let (outcome, now) = await engine.host.run(delivery, as: one.record)
        let calls = CallComparison.differences(from: one.record.calls, to: now.calls)
        let (was, ended) = (one.record.ending?.text ?? "delivered", RunRecord.Ending(outcome).text)
        guard !calls.isEmpty || was != ended else { return nil }
        return ReplayDifference(
            event: one.event, calls: calls, ending: was == ended ? nil : (was, ended), isUncertain: one.record.isIncomplete || now.isCut)
    }

    // MARK: Where to begin

    /// The numbers of the first change that may be of interest and of the newest one; nil where there is none. Changes are
    /// numbered in the order of their commits, so that their times hardly ever go back.
    private func range() async throws -> (first: Int64, last: Int64)? {
        let (tenant, since) = (options.tenant, options.since)
        return try await store.read(.scan) { transaction in
            guard let bounds = try transaction.changeBounds(in: tenant) else { return nil }
            var (low, high) = (bounds.oldest, bounds.newest + 1)
            while low < high {
                let middle = low + (high - low) / 2
                guard let change = try transaction.changes(in: tenant, after: middle - 1, limit: 1).first, change.record.time < since else {
                    high = middle
                    continue
                }
                low = change.number + 1
            }
            return low <= bounds.newest ? (low, bounds.newest) : nil
        }
    }
}

/// Deliveries with their records, read page by page along with the changes.
private struct RecordedPages {
    let store: any Store
    let subscriber: String
    let fromChange: Int64
    private var waiting: [RecordedDelivery] = []
    private var last: Int64 = 0
    private var isAtEnd = false

    private static let pageSize = 500

    init(store: any Store, subscriber: String, fromChange: Int64) {
        self.store = store
        self.subscriber = subscriber
        self.fromChange = fromChange
    }

    /// Those of changes up to a number, by the ids of their events.
    mutating func take(upToChange change: Int64) async throws -> [String: RecordedDelivery] {
        while !isAtEnd, waiting.last.map({ $0.change <= change }) ?? true {
            let page = try await store.read(.scan) { [subscriber, fromChange, last] in
                try $0.recordedDeliveries(to: subscriber, after: last, fromChange: fromChange, limit: Self.pageSize)
            }
            waiting += page
            last = page.last?.delivery.id ?? last
            isAtEnd = page.count < Self.pageSize
        }
        let count = waiting.firstIndex { $0.change > change } ?? waiting.count
        defer { waiting.removeFirst(count) }
        return Dictionary(waiting.prefix(count).map { ($0.delivery.event.id, $0) }) { $1 }
    }
}

extension Configuration {
    /// The configuration for one plugin of a folder: its neighbours are off, and others are not spoken of.
    fileprivate func restricted(to plugin: String, in folder: URL) -> Configuration {
        let neighbours = (try? FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))) ?? []
        var off = Plugin()
        off.isEnabled = false
        func restricted(_ plugins: [String: Plugin]) -> [String: Plugin] {
            var kept = Dictionary(neighbours.filter { $0 != plugin }.map { ($0, off) }) { $1 }
            kept[plugin] = plugins[plugin]
            return kept.filter { name, _ in FileManager.default.fileExists(atPath: folder.path + "/\(name)/plugin.json") }
        }
        var configuration = self
        configuration.plugins = restricted(plugins)
        for (name, tenant) in tenants {
            guard let own = tenant.plugins else { continue }
            configuration.tenants[name]?.plugins = restricted(own).filter { $0.value != off }
        }
        return configuration
    }
}
