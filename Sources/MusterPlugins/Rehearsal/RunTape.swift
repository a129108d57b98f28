import MusterCore
import SCIM
import Synchronization

/// Tells a run what an earlier run of the same event was told, each time in the order of then.
final class RunTape: Sendable {
    private let record: RunRecord
    private let used = Mutex<[String: Int]>([:])

    init(_ record: RunRecord) { self.record = record }

    /// The recorded answer to the same call: its first for the first, its second for the second, and the last one for those
    /// that follow; nil where there was no such call.
    func answer(to request: OutboundRequest, mask: SecretMask) -> RecordedCall? {
        let url = mask.masked(request.url)
        let calls = record.calls.filter { $0.kind == .http && $0.method == request.method && $0.target == url }
        return pick(calls, "http \(request.method) \(url)")
    }

    /// Why the same mail was refused then: of several the first one's for the first, as with requests; nil where it was taken.
    func problem(with mail: OutboundMail, mask: SecretMask) -> String? {
        let target = RecordedCall(mail, mask: mask).target
        return pick(record.calls.filter { $0.kind == .mail && $0.target == target }, "mail \(target)")?.problem
    }

    /// What was told under this name, in the same order.
    func input(_ source: RunRecord.Input.Source, _ name: String = "") -> AttributeValue? {
        let inputs = record.inputs.filter { $0.source == source && $0.name == name }
        return pick(inputs, "\(source.rawValue) \(name)")?.value
    }

    private func pick<Entry>(_ entries: [Entry], _ key: String) -> Entry? {
        guard !entries.isEmpty else { return nil }
        let number = used.withLock { used in
            defer { used[key, default: 0] += 1 }
            return used[key, default: 0]
        }
        return entries[min(number, entries.count - 1)]
    }
}
