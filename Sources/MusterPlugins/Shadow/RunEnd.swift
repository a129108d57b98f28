import MusterCore
import MusterLua
import SCIM

/// How a run of a hook ended, with what it did: what is compared between two versions of a plugin.
struct RunEnd: Sendable {
    /// How it ended; a failure where it did not end by its own word.
    var outcome: Result<HookOutcome, PluginFailure>
    /// What it did.
    var record: RunRecord
}

/// What differs between the runs of two versions, in lines for a person. They name paths, never values: those may be
/// personal, and are kept nowhere for this.
struct RunComparison: Sendable {
    /// Lines of one comparison, at most.
    static let lineLimit = 20
    private(set) var lines: [String] = []

    init(of phase: HookPhase, live: RunEnd, shadow: RunEnd) {
        switch (live.outcome, shadow.outcome) {
        case (.success(.done(let first)), .success(.done(let second))):
            if phase != .check { compare(first, second) }
        case (.success(.reject(let first, _)), .success(.reject(let second, _))):
            if first.status != second.status { lines.append("~ reject.status: \(first.status) → \(second.status)") }
            if first.scimType != second.scimType { lines.append("~ reject.scimType") }
            if first.detail != second.detail { lines.append("~ reject.detail") }
        case (.success(.retry(let first, _)), .success(.retry(let second, _))):
            if first != second { lines.append("~ retry.after") }
        default:
            let (first, second) = (Self.word(live.outcome), Self.word(shadow.outcome))
            if first != second { lines.append("~ outcome: \(first) → \(second)") }
        }
        // A record that is cut says nothing about what is not in it, nor of what another run was told.
        if !live.record.isCut, !shadow.record.isCut {
            lines += CallComparison.differences(from: live.record.calls, to: shadow.record.calls).flatMap(Self.lines)
        }
        lines = lines.map { $0.cut(to: 200) }
        guard lines.count > Self.lineLimit else { return }
        lines = lines.prefix(Self.lineLimit - 1) + ["… and \(lines.count - Self.lineLimit + 1) more"]
    }

    private static func word(_ outcome: Result<HookOutcome, PluginFailure>) -> String {
        switch outcome {
        case .success(let outcome): outcome.word
        case .failure(let failure): "failed (\(failure.summary))"
        }
    }

    /// What a hook before the commit left.
    private mutating func compare(_ first: LuaValue, _ second: LuaValue) {
        let names = Set([first, second].flatMap { $0.object?.members.map(\.key) ?? [] }).sorted()
        for name in names where name != "groups" {
            guard first[name]?.object != nil, second[name]?.object != nil else {
                if first[name] != second[name] { lines.append("~ \(name)") }
                continue
            }
            let changes = AttributeChange.between(
                first[name].flatMap { Resource(hookResult: $0) }, second[name].flatMap { Resource(hookResult: $0) })
            lines += changes.map { "\(Self.mark($0)) \(name).\($0.path)" }
        }
        func effects(_ value: LuaValue) -> [String] {
            (value["groups"]?.array ?? []).map { "groups.\($0["op"]?.string ?? "")(\($0["group"]?.string ?? ""))" }
        }
        let (old, new) = (effects(first), effects(second))
        lines += old.filter { !new.contains($0) }.map { "- \($0)" } + new.filter { !old.contains($0) }.map { "+ \($0)" }
    }

    private static func mark(_ change: AttributeChange) -> String { change.from == nil ? "+" : change.to == nil ? "-" : "~" }

    private static func lines(_ difference: CallDifference) -> [String] {
        let mark = [CallDifference.Kind.missing: "-", .added: "+", .changed: "~"][difference.kind] ?? " "
        // A query often says whom it is about.
        let call = "\(mark) \(difference.call.prefix { $0 != "?" })"
        return [call] + difference.details.map { "    \(Self.mark($0)) \($0.path)" }
    }
}
