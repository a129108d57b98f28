import MusterCore
import MusterLua
import SCIM

extension Plugin {
    /// Handles one delivery by the hook that hears of its event.
    /// - Parameter tape: What an earlier run of the same event was told, where this one shall go the same way.
    /// - Returns: How it ended, and what it did where its world takes that down.
    func handle(_ delivery: Delivery, store: any Store, tape: RunTape? = nil) async -> (outcome: DeliveryOutcome, record: RunRecord) {
        guard let hook = HookName(delivery.event.kind), hooks.contains(hook) else { return (.delivered, RunRecord()) }
        guard !isPaused else { return (.postpone(.seconds(60)), RunRecord()) }
        let input: HookInput
        do {
            let documents = try await documents(of: delivery.event, in: store, tape)
            input = HookInput(
                hook, delivery, of: name, subject: documents.subject, group: documents.group, config: config, tape: tape)
            for (key, document) in documents.read { input.context.journal.note(.document, key.title, document) }
        } catch { return (.retry(after: nil, reason: mask.masked("\(error)").cut(to: 1024)), RunRecord()) }
        let outcome = await outcome(of: input)
        var record = input.context.journal.record
        record.ending = RunRecord.Ending(outcome)
        return (outcome, record)
    }

    private func outcome(of input: HookInput) async -> DeliveryOutcome {
        do {
            switch try await run(input) {
            case .done, .skip, .reject: return .delivered
            case .retry(let after, let reason): return .retry(after: after, reason: mask.masked(reason).cut(to: 1024))
            case .fail(let reason): return .fail(reason: mask.masked(reason).cut(to: 1024))
            }
        } catch let failure as PluginFailure {
            return .retry(after: nil, reason: failure.description.cut(to: 1024))
        } catch let error as HeldBack {
            return .postpone(error.wait)
        } catch is CancellationError {
            return .postpone(.seconds(1))
        } catch {
            return .retry(after: nil, reason: mask.masked("\(error)").cut(to: 1024))
        }
    }

    /// The documents that an event is about: from the change where it names them, else as they are stored now, else
    /// just the id of what is gone.
    /// - Returns: The documents, and those of them that the change does not name.
    private func documents(
        of event: LifecycleEvent, in store: any Store, _ tape: RunTape?
    ) async throws -> (subject: AttributeMap, group: AttributeMap?, read: [(ResourceKey, AttributeValue)]) {
        let wanted = [event.subject] + (event.group.map { [$0] } ?? [])
        let (change, document) = (event.change, event.change.after ?? event.change.before)
        var found: [ResourceKey: AttributeValue] = [:]
        if let document { found[change.resource] = try AttributeValue(json: document) }
        let missing = wanted.filter { found[$0] == nil }
        for key in missing { found[key] = tape?.input(.document, key.title) }
        let unknown = missing.filter { found[$0] == nil }
        if !unknown.isEmpty {
            let stored = try await store.read { transaction in try unknown.compactMap { try transaction.resource($0) } }
            for resource in stored { found[resource.key] = try AttributeValue(json: resource.document) }
        }
        func map(_ key: ResourceKey) -> AttributeMap { found[key]?.complex ?? ["id": .string(key.id)] }
        return (map(event.subject), event.group.map { map($0) }, missing.map { ($0, .complex(map($0))) })
    }
}

extension ResourceKey {
    /// What names the resource in a journal.
    fileprivate var title: String { "\(type)/\(id)" }
}
