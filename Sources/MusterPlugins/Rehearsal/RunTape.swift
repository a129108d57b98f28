import MusterCore
import SCIM
import Synchronization

/// Tells a run what an earlier run of the same event was told, each time in the order of then.
final class RunTape: Sendable {
    /// Which of several entries is told next, and how often it was told before.
    private struct Place {
        var index = 0
        var told = 0
    }

    private let record: RunRecord
    private let places = Mutex<[String: Place]>([:])

    init(_ record: RunRecord) { self.record = record }

    /// The recorded answer to the same call: its first for the first, its second for the second, and the last one for those
    /// that follow; nil where there was no such call.
    func answer(to request: OutboundRequest, mask: SecretMask) -> RecordedCall? {
        let url = mask.kept(request.url)
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
        return pick(inputs, "\(source.rawValue) \(name)", times: \.times)?.value
    }

    /// The next of the entries, each as often as it was told then; once all were told, the last one.
    private func pick<Entry>(_ entries: [Entry], _ key: String, times: (Entry) -> Int = { _ in 1 }) -> Entry? {
        guard let last = entries.indices.last else { return nil }
        let index = places.withLock { places in
            var place = places[key] ?? Place()
            let index = min(place.index, last)
            place.told += 1
            if place.told >= times(entries[index]) { place = Place(index: index + 1) }
            places[key] = place
            return index
        }
        return entries[index]
    }
}
