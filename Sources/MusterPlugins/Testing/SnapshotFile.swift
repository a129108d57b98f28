import Foundation
import SCIM
import Synchronization

/// What values in specs looked like when somebody last looked at them: `spec/NAME.snap.json` beside `spec/NAME_spec.lua`.
final class SnapshotFile: Sendable {
    private struct State {
        var values: [String: AttributeValue]
        var seen: Set<String> = []
        var isChanged = false
    }
    private static let sizeLimit = 4 << 20

    private let url: URL
    private let name: String
    private let isUpdating: Bool
    private let state: Mutex<State>

    /// - Parameters:
    ///   - name: How messages name it, such as `probe/spec/probe.snap.json`.
    ///   - isUpdating: Whether differing values are taken over instead of reported.
    init(url: URL, name: String, isUpdating: Bool) throws(Diagnostic) {
        self.url = url
        self.name = name
        self.isUpdating = isUpdating
        var values: [String: AttributeValue] = [:]
        if let data = FileManager.default.contents(atPath: url.path) {
            guard data.count <= Self.sizeLimit, case .complex(let map)? = try? AttributeValue(json: Array(data)) else {
                throw Diagnostic(
                    .error, "is not a JSON object of at most 4 MiB", detail: "remove it; 'muster test --update' makes it again", file: name)
            }
            for member in map.members { values[member.name] = member.value }
        }
        state = Mutex(State(values: values))
    }

    /// The snapshot files of a plugin that belong to no spec file; removed where `isRemoving`.
    static func orphans(in folder: PluginFolder, specs: [PluginFolder.Source], isRemoving: Bool) throws -> [String] {
        let known = Set(specs.map { String($0.file.dropLast("_spec.lua".count)) + ".snap.json" })
        let orphans = folder.snapshots().filter { !known.contains($0) }
        if isRemoving {
            for name in orphans { try FileManager.default.removeItem(at: folder.url.deletingLastPathComponent().appending(path: name)) }
        }
        return orphans
    }

    /// Compares a value with the one of the same name.
    func compare(_ name: String, _ value: AttributeValue) throws(HostCallError) {
        let known = state.withLock { state in
            state.seen.insert(name)
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

    /// The snapshots that nobody looked at, which are dropped where the file is being updated.
    func settleObsolete() -> [String] {
        state.withLock { state in
            let obsolete = state.values.keys.filter { !state.seen.contains($0) }.sorted()
            if isUpdating, !obsolete.isEmpty {
                for name in obsolete { state.values[name] = nil }
                state.isChanged = true
            }
            return obsolete.map { "\(name): \($0)" }
        }
    }

    /// Writes the file where values were taken over or dropped; without any value left it goes.
    func save() throws {
        let state = state.withLock { $0 }
        guard state.isChanged else { return }
        guard !state.values.isEmpty else { return try FileManager.default.removeItem(at: url) }
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
