/// The results as lines for people.
package struct PluginTestText: Sendable {
    /// Whether the terminal shows colours.
    package var isColoured: Bool
    /// A spec that takes this long is shown with its time.
    package var slow = Duration.milliseconds(500)

    package init(isColoured: Bool) { self.isColoured = isColoured }

    /// The lines of one result.
    package func lines(_ result: SpecResult) -> [String] {
        var text = result.text.split(separator: "\n", omittingEmptySubsequences: false).map { harmless($0) }
        if result.duration >= slow { text[0] += " (\(JUnitReport.seconds(result.duration)) s)" }
        let word = result.outcome.rawValue
        if text[0].hasPrefix(word) { text[0] = coloured(word, result.outcome) + text[0].dropFirst(word.count) }
        return text
    }

    /// The lines after the last result.
    package func summary(_ report: PluginTestReport, minimum: Double?, updated: Bool) -> [String] {
        var lines = report.diagnostics.map { harmless($0.description) }
        lines += report.pluginsWithoutSpecs.map { "\($0): has no specs" }
        if !report.obsoleteSnapshots.isEmpty {
            lines.append(updated ? "obsolete snapshots, removed:" : "obsolete snapshots; 'muster test --update' removes them:")
            lines += report.obsoleteSnapshots.map { "  " + harmless($0) }
        }
        let slowest = report.results.filter { $0.duration >= slow }.sorted { $0.duration > $1.duration }.prefix(5)
        if !slowest.isEmpty {
            lines.append("slowest:")
            lines += slowest.map { "  \(JUnitReport.seconds($0.duration)) s  \(harmless("\($0.plugin): \($0.name)"))" }
        }
        if let coverage = report.coverage {
            lines.append("")
            lines += CoverageTable(coverage).lines
        }
        if let minimum, let coverage = report.coverage {
            lines += report.plugins(below: minimum).map {
                "\($0): \(CoverageTable.percent(coverage.lines(of: $0).percent)) of its lines ran; \(CoverageTable.percent(minimum)) are wanted"
            }
        }
        if report.filesNotRun > 0 { lines.append("stopped after the first failure; \(report.filesNotRun) spec files did not run") }
        if let seed = report.seed { lines.append("order drawn with --seed \(seed)") }
        lines.append(coloured(report.summary, report.exitCode(minimum: minimum) == 0 ? .passed : .failed))
        return lines
    }

    private func coloured(_ text: String, _ outcome: SpecResult.Outcome) -> String {
        guard isColoured else { return text }
        let code =
            switch outcome {
            case .passed: 32
            case .failed: 31
            case .pending: 33
            }
        return "\u{1B}[\(code)m\(text)\u{1B}[0m"
    }

    /// What plugins have written must not command the terminal.
    private func harmless(_ text: some StringProtocol) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control && $0 != "\n" ? " " : $0 }))
    }
}
