import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// Handles one delivery by the hook that hears of its event.
    func handle(_ delivery: Delivery, store: any Store) async -> DeliveryOutcome {
        guard let hook = HookName(delivery.event.kind), hooks.contains(hook) else { return .delivered }
        guard !isPaused else { return .postpone(.seconds(60)) }
        do {
            let (subject, group) = try await documents(of: delivery.event, in: store)
            let input = HookInput(hook, delivery, subject: subject, group: group, config: config)
            switch try await run(input) {
            case .done, .skip, .reject: return .delivered
            case .retry(let after, let reason): return .retry(after: after, reason: mask.masked(reason).cut(to: 1024))
            case .fail(let reason): return .fail(reason: mask.masked(reason).cut(to: 1024))
            }
        } catch let failure as PluginFailure {
            return .retry(after: nil, reason: failure.description.cut(to: 1024))
        } catch is CancellationError {
            return .postpone(.seconds(1))
        } catch {
            return .retry(after: nil, reason: mask.masked("\(error)").cut(to: 1024))
        }
    }

    /// The documents that an event is about: from the change where it names them, else as they are stored now, else
    /// just the id of what is gone.
    private func documents(of event: LifecycleEvent, in store: any Store) async throws -> (subject: AttributeMap, group: AttributeMap?) {
        let wanted = [event.subject] + (event.group.map { [$0] } ?? [])
        let (change, document) = (event.change, event.change.after ?? event.change.before)
        var found: [ResourceKey: [UInt8]] = [:]
        if let document { found[change.resource] = document }
        let missing = wanted.filter { found[$0] == nil }
        if !missing.isEmpty {
            let stored = try await store.read { transaction in try missing.compactMap { try transaction.resource($0) } }
            for resource in stored { found[resource.key] = resource.document }
        }
        func map(_ key: ResourceKey) throws -> AttributeMap {
            try found[key].flatMap { try AttributeValue(json: $0).complex } ?? ["id": .string(key.id)]
        }
        return (try map(event.subject), try event.group.map { try map($0) })
    }
}
