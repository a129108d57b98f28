package import SCIM

/// How one spec went.
package struct SpecResult: Sendable, Hashable {
    /// How it went.
    package enum Outcome: String, Sendable, Hashable {
        case passed, failed
        /// It is declared, but not written yet.
        case pending
    }

    /// The plugin.
    package var plugin: String
    /// The spec's file, as `welcome-mail/spec/welcome_spec.lua`.
    package var specFile: String
    /// Its name, with those of the blocks around it.
    package var name: String
    /// How it went.
    package var outcome: Outcome
    /// Why it failed; nil where it did not.
    package var message: String?
    /// The file of the failure: the spec's, or the plugin's own.
    package var file: String?
    /// The line of the failure.
    package var line: Int?
    /// How long it took.
    package var duration: Duration

    /// One line, with a second one for the failure.
    package var text: String {
        let title = "\(outcome.rawValue) \(plugin): \(name)"
        let place = [file, line.map(String.init)].compactMap(\.self).joined(separator: ":")
        return message.map { "\(title)\n    \(place.isEmpty ? "" : place + ": ")\($0)" } ?? title
    }
}

/// How the specs of some plugins went.
package struct PluginTestReport: Sendable {
    /// Each spec, in the order in which they ran.
    package var results: [SpecResult] = []
    /// Plugins that have no spec at all.
    package var pluginsWithoutSpecs: [String] = []
    /// Why plugins could not be tested.
    package var diagnostics: [Diagnostic] = []

    /// Whether nothing failed.
    package var isSuccess: Bool { diagnostics.allSatisfy { $0.severity != .error } && !results.contains { $0.outcome == .failed } }

    /// The number of specs that ended so.
    package func count(_ outcome: SpecResult.Outcome) -> Int { results.count { $0.outcome == outcome } }

    /// `12 passed, 1 failed, 0 pending`.
    package var summary: String { "\(count(.passed)) passed, \(count(.failed)) failed, \(count(.pending)) pending" }

    /// The report as JSON.
    package var document: AttributeValue {
        [
            "passed": .integer(Int64(count(.passed))), "failed": .integer(Int64(count(.failed))),
            "pending": .integer(Int64(count(.pending))), "withoutSpecs": .array(pluginsWithoutSpecs.map { .string($0) }),
            "diagnostics": .array(diagnostics.map { .complex($0.document) }), "specs": .array(results.map(\.document)),
        ]
    }
}

extension SpecResult {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = [
            "plugin": .string(plugin), "spec": .string(specFile), "name": .string(name), "outcome": .string(outcome.rawValue),
            "milliseconds": .integer(Int64(duration / .milliseconds(1))),
        ]
        if let message { map.append("message", .string(message)) }
        if let file { map.append("file", .string(file)) }
        if let line { map.append("line", .integer(Int64(line))) }
        return .complex(map)
    }
}
