package import MusterCore
package import SCIM

/// What one run of a hook did to the world, and what it was told by it: enough to run the hook again in the same way.
package struct RunRecord: Sendable, Hashable {
    /// Something that the world told the run.
    package struct Input: Sendable, Hashable {
        /// Where from.
        package enum Source: String, Sendable, Hashable {
            /// A value of `muster.kv`.
            case kv
            /// The time of day, in milliseconds.
            case clock
            /// A UUID.
            case uuid
            /// A resource or a list of `muster.scim`.
            case scim
            /// The document of a user or group that the event is about.
            case document
        }

        /// Where from.
        package var source: Source
        /// What was asked for, such as the key; "" where nothing is to be said.
        package var name: String
        /// The answer; null where there was none.
        package var value: AttributeValue
        /// How often in a row it was told.
        package var times: Int
        /// Whether something was blotted out of the answer.
        package var isBlotted: Bool

        package init(_ source: Source, _ name: String, _ value: AttributeValue, times: Int = 1, isBlotted: Bool = false) {
            self.source = source
            self.name = name
            self.value = value
            self.times = times
            self.isBlotted = isBlotted
        }
    }

    /// How the run ended: a word, and why.
    package struct Ending: Sendable, Hashable {
        /// `delivered`, `retry`, `fail` or `postpone`.
        package var outcome: String
        /// What was said about it; nil where nothing was.
        package var reason: String?

        package init(_ outcome: DeliveryOutcome) {
            switch outcome {
            case .delivered: (self.outcome, reason) = ("delivered", nil)
            case .retry(_, let text): (self.outcome, reason) = ("retry", text)
            case .fail(let text): (self.outcome, reason) = ("fail", text)
            case .postpone: (self.outcome, reason) = ("postpone", nil)
            }
        }

        fileprivate init(outcome: String, reason: String?) {
            self.outcome = outcome
            self.reason = reason
        }

        /// Outcome and reason.
        package var text: String { outcome + (reason.map { ": " + $0 } ?? "") }
    }

    /// What it did, in order.
    package var calls: [RecordedCall]
    /// What it was told, in order.
    package var inputs: [Input]
    /// Whether calls or inputs are missing that were too large or too many to be kept.
    package var isCut: Bool
    /// How it ended; nil where that is not known.
    package var ending: Ending?

    package init(calls: [RecordedCall] = [], inputs: [Input] = [], isCut: Bool = false, ending: Ending? = nil) {
        self.calls = calls
        self.inputs = inputs
        self.isCut = isCut
        self.ending = ending
    }

    /// Whether not all was kept that the run was told, so that another run may go another way: something is missing, or an
    /// answer or a value was cut or blotted out.
    package var isIncomplete: Bool {
        isCut || inputs.contains(where: \.isBlotted) || calls.contains { $0.answer?.isWhole == false }
    }

    /// Whether nothing need be kept: the run came to a good end, and neither did anything nor was told anything but what is
    /// known anyway.
    package var isTrivial: Bool {
        calls.isEmpty && ending?.outcome == "delivered" && inputs.allSatisfy { [.clock, .uuid, .document].contains($0.source) }
    }

    /// Reads what ``bytes`` wrote.
    package init?(bytes: [UInt8]) {
        guard let document = try? AttributeValue(json: bytes, limits: .recorded), document.complex != nil else { return nil }
        self.init(
            calls: (document["calls"]?.array ?? []).compactMap { RecordedCall($0) },
            inputs: (document["inputs"]?.array ?? []).compactMap { input in
                guard let source = input["source"]?.string.flatMap(Input.Source.init) else { return nil }
                return Input(
                    source, input["name"]?.string ?? "", input["value"] ?? .null, times: Int(input["times"]?.integer ?? 1),
                    isBlotted: input["blotted"] == true)
            }, isCut: document["cut"] == true,
            ending: document["outcome"]?.string.map { Ending(outcome: $0, reason: document["reason"]?.string) })
    }

    /// The record as it is kept: ``document`` in bytes.
    package var bytes: [UInt8] { document.jsonBytes }

    /// The record as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = [:]
        if let ending { map.append("outcome", .string(ending.outcome)) }
        if let reason = ending?.reason { map.append("reason", .string(reason)) }
        if !calls.isEmpty { map.append("calls", .array(calls.map(\.document))) }
        if !inputs.isEmpty { map.append("inputs", .array(inputs.map(\.document))) }
        if isCut { map.append("cut", true) }
        return .complex(map)
    }
}

extension RunRecord.Input {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = ["source": .string(source.rawValue), "name": .string(name), "value": value]
        if times > 1 { map.append("times", .integer(Int64(times))) }
        if isBlotted { map.append("blotted", true) }
        return .complex(map)
    }
}

extension JSONLimits {
    /// Those of records: what was kept once is read again, whatever the limits of messages are.
    package static let recorded = JSONLimits(maximumDepth: 256, maximumBytes: .max, maximumMembers: .max)
}
