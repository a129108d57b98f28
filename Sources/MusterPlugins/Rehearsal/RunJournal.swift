import MusterCore
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
    /// What is held in memory beside that of answers and values that are not kept as they were, in bytes.
    static let wholeLimit = 1 << 20

    private struct State {
        var record = RunRecord()
        var bytes = 0
        var written: Set<String> = []
        /// Answers that the record holds cut or blotted, by the places of their calls.
        var answers: [Int: OutboundResponse] = [:]
        /// Values that the record holds blotted, by the places of their inputs.
        var values: [Int: AttributeValue] = [:]
        var wholeBytes = 0

        /// Takes the room for an entry, if there is any left.
        mutating func hasRoom(for size: Int) -> Bool {
            guard bytes + size <= RunJournal.byteLimit, record.calls.count + record.inputs.count < RunJournal.entryLimit else {
                record.isCut = true
                return false
            }
            bytes += size
            return true
        }

        /// Takes the room for what is held beside the record.
        mutating func hasRoom(forWhole size: Int) -> Bool {
            guard wholeBytes + size <= RunJournal.wholeLimit else { return false }
            wholeBytes += size
            return true
        }
    }
    private let state = Mutex(State())

    /// What was taken down so far, as it may be kept.
    var record: RunRecord { state.withLock { $0.record } }

    /// What was taken down so far, with answers and values as the run got them: for a run beside it. Nobody may keep or show it.
    /// It is cut where not all of that could be held.
    var whole: RunRecord {
        state.withLock { state in
            var whole = state.record
            for (place, response) in state.answers { whole.calls[place].answer = .init(whole: response) }
            for (place, value) in state.values { (whole.inputs[place].value, whole.inputs[place].isBlotted) = (value, false) }
            whole.isCut = whole.isIncomplete
            return whole
        }
    }

    /// Notes a call.
    /// - Parameter response: The answer as the run got it.
    func note(_ call: RecordedCall, _ response: OutboundResponse? = nil) {
        let size = call.target.utf8.count + call.body.text.utf8.count + (call.answer?.body.text.utf8.count ?? 0) + 256
        state.withLock { state in
            if call.kind == .kv { state.written.insert(call.target) }
            guard state.hasRoom(for: size) else { return }
            state.record.calls.append(call)
            guard let response, call.answer?.isWhole == false, state.hasRoom(forWhole: response.body.count) else { return }
            state.answers[state.record.calls.count - 1] = response
        }
    }

    /// Notes what the run was told.
    /// - Parameter whole: The same as the run got it, where something is blotted out of `value`.
    func note(_ source: RunRecord.Input.Source, _ name: String, _ value: AttributeValue, whole: AttributeValue? = nil) {
        let size = (source == .clock || source == .uuid ? 0 : value.jsonBytes.count) + name.utf8.count + 64
        state.withLock { state in
            guard size <= Self.inputLimit else { return state.record.isCut = true }
            // A run that asks for the time without end shall not crowd out the rest.
            if source == .clock, let last = state.record.inputs.indices.last, state.record.inputs[last].source == .clock,
                state.record.inputs[last].value == value
            {
                return state.record.inputs[last].times += 1
            }
            guard state.hasRoom(for: size) else { return }
            state.record.inputs.append(.init(source, name, value, isBlotted: whole != nil))
            guard let whole, state.hasRoom(forWhole: size) else { return }
            state.values[state.record.inputs.count - 1] = whole
        }
    }

    /// Whether this run has written a value of `muster.kv`.
    func hasWritten(_ key: String) -> Bool { state.withLock { $0.written.contains(key) } }
}
