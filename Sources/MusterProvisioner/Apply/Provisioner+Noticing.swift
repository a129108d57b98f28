package import MusterCore
import SCIM

extension Provisioner {
    /// The name under which the provisioner hears of events.
    package static let subscriber = "provisioner"

    /// The events that it hears of.
    package static let kinds: Set<LifecycleEvent.Kind> = Set(LifecycleEvent.Kind.allCases).subtracting([.groupCreated])

    private static let chunk = 500

    /// Makes work of an event, at every target of its tenant that is not switched off.
    ///
    /// The events of one change, and changes that follow each other closely, come to one task for each person.
    package func notice(_ delivery: Delivery) async -> DeliveryOutcome {
        let event = delivery.event
        do {
            let tenant = event.subject.tenant
            let targets = try await store.read { try $0.provisioningTargets(in: tenant) }.filter { $0.state != .off }.map(\.name)
            guard !targets.isEmpty else { return .delivered }
            // A group that changed concerns all who are in it.
            let people = try await people(of: event.subject)
            let (now, time) = (clock.now(), event.change.time)
            for chunk in people.chunks(of: Self.chunk) {
                try await store.write { transaction in
                    for target in targets {
                        for person in chunk { try Self.enqueue(person, at: target, after: time, now: now, transaction) }
                    }
                }
            }
            wake()
            return .delivered
        } catch {
            return .retry(after: nil, reason: "\(error)")
        }
    }

    /// Makes work for a person unless there is some that is not begun, which will see the change too.
    private static func enqueue(
        _ person: ResourceKey, at target: String, after time: Timestamp, now: Timestamp, _ transaction: any WriteTransaction
    ) throws {
        let present = try transaction.provisioningTask(for: person, at: target)
        if let present, present.state == .due, present.leasedUntil == nil, present.attempts == 0 { return }
        try transaction.enqueueKeepingHold(ProvisioningTask(target: target, subject: person, due: now, created: time))
    }
}
