package import SCIM

/// How a plugin stands: for the lines at start, `muster plugin list` and health.
package struct PluginReport: Sendable, Hashable {
    /// Whether it runs.
    package enum State: String, Sendable, Hashable {
        /// It runs.
        case loaded
        /// It is switched off, or was never given what it needs.
        case off
        /// It is broken.
        case failed
    }

    /// The name.
    package var name: String
    /// The version.
    package var version: String
    /// What it does.
    package var description: String
    /// Whether it runs.
    package var state: State
    /// Why it does not; nil where it does.
    package var reason: String?
    /// The hooks that it offers, in the order of their names.
    package var hooks: [String]
    /// What a person has to repair.
    package var diagnostics: [Diagnostic]
    /// Whether it is held back after it was stopped too often.
    package var isPaused: Bool
    /// Why the version in the folder is refused while an earlier good one runs, which is what is told here; nil where the
    /// version in the folder runs.
    package var refusal: String?
    /// The version that runs as a shadow, or `refused`; nil for none.
    package var shadow: String?

    /// Whether the version in the folder is broken, be it that an earlier one runs in its place.
    package var isBroken: Bool { state == .failed || refusal != nil }

    package init(
        name: String, version: String = "", description: String = "", state: State, reason: String? = nil, hooks: [String] = [],
        diagnostics: [Diagnostic] = [], isPaused: Bool = false
    ) {
        self.name = name
        self.version = version
        self.description = description
        self.state = state
        self.reason = reason
        self.hooks = hooks
        self.diagnostics = diagnostics
        self.isPaused = isPaused
    }

    /// One line: `welcome-mail 1.0.0: off (the setting 'webhook' is missing)`.
    package var line: String {
        let title = version.isEmpty ? name : "\(name) \(version)"
        switch state {
        case .loaded:
            return "\(title): loaded (\(hooks.joined(separator: ", ")))" + (isPaused ? ", paused: it was stopped too often" : "")
                + (shadow.map { $0 == "refused" ? ", its shadow is refused" : ", shadow \($0)" } ?? "")
                + (refusal.map { "; this is the last good version, the one in the folder is refused: \($0)" } ?? "")
        case .off, .failed: return "\(title): \(state.rawValue)" + (reason.map { " (\($0))" } ?? "")
        }
    }

    /// The same plugin, going on in place of a version that is refused.
    func refusing(_ other: PluginReport) -> PluginReport {
        var report = self
        report.refusal = other.reason ?? "it cannot be loaded"
        report.diagnostics += other.diagnostics
        return report
    }

    /// The report as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = [
            "name": .string(name), "version": .string(version), "description": .string(description), "state": .string(state.rawValue),
            "hooks": .array(hooks.map { .string($0) }), "paused": .boolean(isPaused),
        ]
        if let reason { map.append("reason", .string(reason)) }
        if let shadow { map.append("shadow", .string(shadow)) }
        if let refusal { map.append("refusal", .string(refusal)) }
        map.append("diagnostics", .array(diagnostics.map { .complex($0.document) }))
        return .complex(map)
    }
}

extension Diagnostic {
    /// The finding as JSON.
    package var document: AttributeMap {
        var map: AttributeMap = ["severity": .string(severity.rawValue), "summary": .string(summary)]
        if !detail.isEmpty { map.append("detail", .string(detail)) }
        if let path { map.append("path", .string(path)) }
        if let file { map.append("file", .string(file)) }
        if let line { map.append("line", .integer(Int64(line))) }
        if let rule { map.append("rule", .string(rule)) }
        return map
    }
}
