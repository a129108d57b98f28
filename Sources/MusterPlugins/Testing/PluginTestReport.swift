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
    /// The line that declares it; nil for the file as a whole.
    package var specLine: Int?
    /// Its name, with those of the blocks around it.
    package var name: String
    /// How it went.
    package var outcome: Outcome
    /// Why it failed or is pending; nil where there is nothing to say.
    package var message: String?
    /// The file of the failure: the spec's, or the plugin's own.
    package var file: String?
    /// The line of the failure.
    package var line: Int?
    /// How long it took.
    package var duration: Duration

    /// The name of what is said about a file that cannot be read.
    static let wholeFile = "(the file as a whole)"

    /// Where it failed: `probe/init.lua:5`, or "".
    package var place: String { [file, line.map(String.init)].compactMap(\.self).joined(separator: ":") }

    /// One line, with a second one for the failure.
    package var text: String {
        let title = "\(outcome.rawValue) \(plugin): \(name)"
        return message.map { "\(title)\n    \(place.isEmpty ? "" : place + ": ")\($0)" } ?? title
    }
}

/// How the specs of some plugins went.
package struct PluginTestReport: Sendable {
    /// What the order was drawn with; nil for the order of writing.
    package var seed: UInt64?
    /// Each spec, in the order in which they ran.
    package var results: [SpecResult] = []
    /// Plugins that have no spec at all.
    package var pluginsWithoutSpecs: [String] = []
    /// Why plugins could not be tested.
    package var diagnostics: [Diagnostic] = []
    /// Snapshots that no spec looked at, as `plugin/spec/x.snap.json: name`.
    package var obsoleteSnapshots: [String] = []
    /// Files that did not begin, after a failure.
    package var filesNotRun = 0
    /// What ran, where that was recorded.
    package var coverage: CoverageReport?
    /// How long it took altogether.
    package var duration = Duration.zero

    package init(seed: UInt64? = nil) { self.seed = seed }

    mutating func add(_ outcome: SpecFile.Outcome) {
        results += outcome.results
        diagnostics += outcome.diagnostics.filter { !diagnostics.contains($0) }
        obsoleteSnapshots += outcome.obsoleteSnapshots
    }

    /// Whether nothing failed.
    package var isSuccess: Bool { diagnostics.allSatisfy { $0.severity != .error } && !results.contains { $0.outcome == .failed } }

    /// The number of specs that ended so.
    package func count(_ outcome: SpecResult.Outcome) -> Int { results.count { $0.outcome == outcome } }

    /// `12 passed, 1 failed, 0 pending`.
    package var summary: String { "\(count(.passed)) passed, \(count(.failed)) failed, \(count(.pending)) pending" }

    /// The plugins whose share of lines that ran is below a minimum.
    /// - Parameter minimum: In per cent.
    package func plugins(below minimum: Double) -> [String] { coverage?.plugins(below: minimum) ?? [] }

    /// What the command ends with: 0 all passed, 1 a spec failed, 2 a plugin cannot be tested or covers too few lines.
    /// - Parameter minimum: The least share of lines that has to run in each plugin, in per cent; nil for none.
    package func exitCode(minimum: Double?) -> Int32 {
        if diagnostics.contains(where: { $0.severity == .error }) { return 2 }
        if count(.failed) > 0 { return 1 }
        return minimum.map { plugins(below: $0).isEmpty } ?? true ? 0 : 2
    }

    /// The report as JSON.
    package var document: AttributeValue {
        var map: AttributeMap = [
            "passed": .integer(Int64(count(.passed))), "failed": .integer(Int64(count(.failed))),
            "pending": .integer(Int64(count(.pending))), "withoutSpecs": .array(pluginsWithoutSpecs.map { .string($0) }),
            "diagnostics": .array(diagnostics.map { .complex($0.document) }), "specs": .array(results.map(\.document)),
            "obsoleteSnapshots": .array(obsoleteSnapshots.map { .string($0) }), "filesNotRun": .integer(Int64(filesNotRun)),
            "milliseconds": .integer(Int64(duration / .milliseconds(1))),
        ]
        if let seed { map.append("seed", .string(String(seed))) }
        if let coverage { map.append("coverage", coverage.document) }
        return .complex(map)
    }
}

extension SpecResult {
    fileprivate var document: AttributeValue {
        var map: AttributeMap = [
            "plugin": .string(plugin), "spec": .string(specFile), "specLine": specLine.map { .integer(Int64($0)) } ?? .null,
            "name": .string(name), "outcome": .string(outcome.rawValue),
            "milliseconds": .integer(Int64(duration / .milliseconds(1))),
        ]
        if let message { map.append("message", .string(message)) }
        if let file { map.append("file", .string(file)) }
        if let line { map.append("line", .integer(Int64(line))) }
        return .complex(map)
    }
}
