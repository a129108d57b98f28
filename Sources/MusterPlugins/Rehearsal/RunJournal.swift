import SCIM
import Synchronization

/// Takes down what a run does and is told, within limits.
final class RunJournal: Sendable {
    /// Calls and inputs kept of one run.
    static let entryLimit = 500
    /// What is kept of one run in all, in bytes.
    static let byteLimit = 256 << 10
    /// What is kept of one input, in bytes.
    static let inputLimit = 16 << 10

    private struct State {
        var record = RunRecord()
        var bytes = 0
        var written: Set<String> = []

        /// Takes the room for an entry, if there is any left.
        mutating func hasRoom(for size: Int) -> Bool {
            guard bytes + size <= RunJournal.byteLimit, record.calls.count + record.inputs.count < RunJournal.entryLimit else {
                record.isCut = true
                return false
            }
            bytes += size
            return true
        }
    }
    private let state = Mutex(State())

    /// What was taken down so far.
    var record: RunRecord { state.withLock { $0.record } }

    /// Notes a call.
    func note(_ call: RecordedCall) {
        let size = call.target.utf8.count + call.body.text.utf8.count + (call.answer?.body.text.utf8.count ?? 0) + 256
        state.withLock { state in
            if call.kind == .kv { state.written.insert(call.target) }
            guard state.hasRoom(for: size) else { return }
            state.record.calls.append(call)
        }
    }

    /// Notes what the run was told.
    func note(_ source: RunRecord.Input.Source, _ name: String, _ value: AttributeValue) {
        let size = (source == .clock || source == .uuid ? 0 : value.jsonBytes.count) + name.utf8.count + 64
        state.withLock { state in
            guard size <= Self.inputLimit else { return state.record.isCut = true }
            // A run that asks for the time without end shall not crowd out the rest.
            if source == .clock, state.record.inputs.last?.source == .clock, state.record.inputs.last?.value == value { return }
            guard state.hasRoom(for: size) else { return }
            state.record.inputs.append(.init(source, name, value))
        }
    }

    /// Whether this run has written a value of `muster.kv`.
    func hasWritten(_ key: String) -> Bool { state.withLock { $0.written.contains(key) } }
}
