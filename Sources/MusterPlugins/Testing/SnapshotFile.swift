import Foundation
import SCIM
import Synchronization

/// What values in specs looked like when somebody last looked at them: `spec/NAME.snap.json` beside `spec/NAME_spec.lua`.
final class SnapshotFile: Sendable {
    private struct State {
        var values: [String: AttributeValue]
        var isChanged = false
    }
    private let url: URL
    private let isUpdating: Bool
    private let state: Mutex<State>

    /// - Parameter isUpdating: Whether differing values are taken over instead of reported.
    init(url: URL, isUpdating: Bool) {
        self.url = url
        self.isUpdating = isUpdating
        var values: [String: AttributeValue] = [:]
        if let data = FileManager.default.contents(atPath: url.path), data.count <= 4 << 20,
            case .complex(let map)? = try? AttributeValue(json: Array(data))
        {
            for member in map.members { values[member.name] = member.value }
        }
        state = Mutex(State(values: values))
    }

    /// Compares a value with the one of the same name.
    func compare(_ name: String, _ value: AttributeValue) throws(HostCallError) {
        let known = state.withLock { state in
            if isUpdating, state.values[name] != value {
                state.values[name] = value
                state.isChanged = true
            }
            return state.values[name]
        }
        guard let known else {
            throw HostCallError(
                "there is no snapshot '\(name)' in \(url.lastPathComponent); run 'muster test --update' to make it")
        }
        guard known == value else {
            throw HostCallError("'\(name)' differs from its snapshot:\n  was: \(known.sortedText())\n  is:  \(value.sortedText())")
        }
    }

    /// Writes the file where values were taken over.
    func save() throws {
        let state = state.withLock { $0 }
        guard state.isChanged else { return }
        let members = state.values.sorted { $0.key < $1.key }.map { AttributeMap.Member(name: $0.key, value: $0.value) }
        try Data((AttributeValue.complex(AttributeMap(members)).sortedText(indent: "") + "\n").utf8).write(to: url, options: .atomic)
    }
}

extension AttributeValue {
    /// JSON whose members are sorted by name, since Lua's tables have no order; on many lines where `indent` is given.
    func sortedText(indent: String? = nil) -> String {
        let (inner, end) = indent.map { ("\n\($0)  ", "\n\($0)") } ?? ("", "")
        let separator = indent == nil ? ", " : ","
        let deeper = indent.map { $0 + "  " }
        switch self {
        case .complex(let map) where !map.isEmpty:
            let members = map.members.sorted { $0.name < $1.name }
                .map { "\(inner)\(AttributeValue.string($0.name).jsonText): \($0.value.sortedText(indent: deeper))" }
            return "{" + members.joined(separator: separator) + end + "}"
        case .array(let elements) where !elements.isEmpty:
            return "[" + elements.map { inner + $0.sortedText(indent: deeper) }.joined(separator: separator) + end + "]"
        default: return jsonText
        }
    }
}
