package import Foundation
package import MusterCore
import MusterDelivery
import MusterDirectory
package import MusterPlugins
package import SCIM

/// Runs a set of plugins over a whole directory, and tells what differs from what is stored.
///
/// Each resource goes through the engine as a replace by itself: map hooks, validation, check hooks, commit. In a rehearsal the
/// store is a copy, so that each resource meets what the ones before it have left, as it will when the set is applied; then the
/// hooks after the commit run in a world that only records. When the set is applied the store is the real one, and the events
/// go to the queue of the server.
package struct Rehearsal: Sendable {
    /// What is wanted.
    package struct Options: Sendable {
        /// Whose directory.
        package var tenant = Tenant.default
        /// Which users; nil for all.
        package var users: Filter?
        /// Whether groups are gone over too, after the users.
        package var includesGroups = false

        package init() {}
    }

    /// Who writes when a set is applied: the actor of the changes.
    package static let actor = "console"
    /// Resources in hand at a time.
    private static let pageSize = 256
    /// Resources whose hooks run at a time after the commit.
    private static let width = 8

    private let engine: RehearsalEngine
    private let options: Options
    private let transport: AsyncHTTPTransport?

    /// A rehearsal on a copy of the store.
    /// - Throws: ``ConfigurationError`` with what is wrong with the plugins or the tenant.
    package init(
        onCopy store: any Store, plugins: URL, configuration: Configuration, options: Options,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        self.options = options
        transport = nil
        engine = try await RehearsalEngine(
            store: store, plugins: plugins, configuration: configuration, tenant: options.tenant, world: .recorded(answers: { _ in nil }),
            environment: environment)
    }

    /// The real thing: what differs is written to the store, with events and deliveries.
    /// - Parameter pins: Whether plugins must be as they were pinned; nil for never.
    /// - Throws: ``ConfigurationError`` with what is wrong with the plugins or the tenant.
    package init(
        applyingTo store: any Store, plugins: URL, pins: PinPolicy?, configuration: Configuration, options: Options,
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) async throws {
        self.options = options
        let transport = try configuration.transport()
        self.transport = transport
        do {
            engine = try await RehearsalEngine(
                store: store, plugins: plugins, configuration: configuration, tenant: options.tenant, world: .real(transport, pins: pins),
                environment: environment)
        } catch {
            await transport.shutdown()
            throw error
        }
    }

    /// What has to be known about the plugins before the result is believed.
    package var notes: [String] { engine.notes }

    /// Goes over the directory. Of the resources only a page is held at a time.
    /// - Parameters:
    ///   - progress: Is told how many resources of how many are done.
    ///   - report: Is told of each resource that differs, in the order of their creation.
    package func run(
        progress: (_ done: Int, _ total: Int) -> Void, report: (RehearsalDifference) -> Void
    ) async throws -> RehearsalSummary {
        do {
            let summary = try await walk(progress, report)
            await transport?.shutdown()
            return summary
        } catch {
            await transport?.shutdown()
            throw error
        }
    }

    private func walk(
        _ progress: (_ done: Int, _ total: Int) -> Void, _ report: (RehearsalDifference) -> Void
    ) async throws -> RehearsalSummary {
        let directory = engine.directory
        let names = [ResourceType.user.name] + (options.includesGroups ? [ResourceType.group.name] : [])
        let types = names.compactMap { directory.registry.resourceType(named: $0) }
        var (summary, total) = (RehearsalSummary(), 0)
        for type in types {
            let filter = type.name == ResourceType.user.name ? options.users : nil
            var position: PagePosition?
            repeat {
                let page = try await directory.page(of: type, where: filter, in: options.tenant, after: position, limit: Self.pageSize)
                total += page.totalResults ?? 0
                for difference in try await differences(page.resources, of: type) {
                    summary.count(difference)
                    if difference.isDifferent { report(difference) }
                }
                summary.checked += page.resources.count
                progress(summary.checked, total)
                position = page.next
            } while position != nil
        }
        return summary
    }

    /// What becomes of one page, in its order.
    private func differences(_ resources: [StoredResource], of type: ResourceType) async throws -> [RehearsalDifference] {
        var steps: [Step] = []
        // One after the other, so that who wants a value that is taken loses to the same one every time.
        for resource in resources {
            if let step = try await step(resource, type) { steps.append(step) }
        }
        guard transport == nil else { return steps.map(\.difference) }
        return await withTaskGroup(of: (Int, RehearsalDifference).self) { group in
            var found: [Int: RehearsalDifference] = [:]
            var waiting = steps.enumerated().makeIterator()
            func start() {
                guard let (index, step) = waiting.next() else { return }
                group.addTask { (index, await withHooks(step)) }
            }
            for _ in 0..<Self.width { start() }
            while let (index, difference) = await group.next() {
                found[index] = difference
                start()
            }
            return found.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    /// What became of a resource, and what followed from that.
    private struct Step: Sendable {
        var difference: RehearsalDifference
        var events: [LifecycleEvent] = []
    }

    /// What becomes of one resource; nil when it is gone, or stays as it is without a call.
    private func step(_ resource: StoredResource, _ type: ResourceType) async throws -> Step? {
        let request = "rehearsal-" + UUID().uuidString.lowercased()
        let origin = RequestOrigin(id: request, client: Self.actor, tenant: options.tenant)
        var difference = RehearsalDifference(resource.key, name: resource.name)
        do {
            let committed = try await engine.directory.reapply(type, id: resource.key.id, origin)
            difference.calls = engine.takeCalls(of: request)
            guard let committed else { return difference.calls.isEmpty ? nil : Step(difference: difference) }
            difference.isChanged = true
            difference.attributes = committed.record.changes
            difference.groups = try await groups(committed.events, of: resource.key)
            return Step(difference: difference, events: committed.events)
        } catch let error as SCIMError where error.status == 404 {
            // It is gone since the page was read.
            return nil
        } catch let error as SCIMError {
            difference.calls = engine.takeCalls(of: request)
            difference.refusal = error
            return Step(difference: difference)
        }
    }

    private func groups(_ events: [LifecycleEvent], of key: ResourceKey) async throws -> [RehearsalDifference.GroupChange] {
        let events = events.filter { $0.subject == key && $0.group != nil }
        guard !events.isEmpty else { return [] }
        return try await engine.directory.store.read { transaction in
            try events.compactMap { event in
                guard let group = event.group else { return nil }
                return RehearsalDifference.GroupChange(
                    isAdded: event.kind == .memberAdded, id: group.id, display: try transaction.resource(group)?.display)
            }
        }
    }

    /// Hands the events to the hooks as the queue would, once.
    private func withHooks(_ step: Step) async -> RehearsalDifference {
        var difference = step.difference
        for event in step.events {
            for subscriber in engine.host.subscribers(of: event.kind) {
                let (outcome, record) = await engine.host.run(Delivery(rehearsing: event, for: subscriber))
                let plugin = subscriber.pluginName
                difference.calls += record.calls.map { .init(plugin: plugin, hook: event.kind.rawValue, call: $0) }
                let problem: String? =
                    switch outcome {
                    case .delivered: nil
                    case .retry(_, let reason): "would be tried again: \(reason)"
                    case .fail(let reason): "would be set aside: \(reason)"
                    case .postpone: "is paused, since it was stopped too often"
                    }
                if let problem { difference.failures.append("\(plugin) \(event.kind.rawValue) \(problem)") }
            }
        }
        return difference
    }
}

extension Delivery {
    /// The first attempt to deliver an event that is in no queue.
    init(rehearsing event: LifecycleEvent, for subscriber: String) {
        self.init(
            id: 0, subscriber: subscriber, event: event, state: .leased, attempts: 1, due: event.change.time, leasedUntil: nil, lease: 0,
            lastError: nil)
    }
}

extension String {
    /// The plugin that a subscriber such as `plugin:welcome-mail@tenant` is.
    var pluginName: String { String(split(separator: "@")[0].trimmingPrefix("plugin:")) }
}

extension StoredResource {
    /// What people call it.
    fileprivate var name: String {
        let document = try? AttributeValue(json: self.document)
        return document?["userName"]?.string ?? document?["displayName"]?.string ?? key.id
    }
}
