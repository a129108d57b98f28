import SCIM

/// The results as TAP, version 14.
package struct TAPReport: Sendable {
    private let report: PluginTestReport

    package init(_ report: PluginTestReport) { self.report = report }

    /// The lines.
    package var lines: [String] {
        let broken = report.diagnostics.filter { $0.severity == .error }
        var lines = ["TAP version 14", "1..\(report.results.count + broken.count)"]
        for (index, result) in report.results.enumerated() { lines += point(index + 1, result) }
        for (index, finding) in broken.enumerated() {
            lines.append("not ok \(report.results.count + index + 1) - \(Self.escaped(finding.description))")
        }
        return lines
    }

    private func point(_ number: Int, _ result: SpecResult) -> [String] {
        let name = Self.escaped("\(result.plugin): \(result.name)")
        switch result.outcome {
        case .passed: return ["ok \(number) - \(name)"]
        case .pending: return ["ok \(number) - \(name) # SKIP \(Self.escaped(result.message ?? "pending"))"]
        case .failed:
            // A JSON string is a YAML string too.
            return [
                "not ok \(number) - \(name)", "  ---", "  message: \(AttributeValue.string(result.message ?? "").jsonText)",
                "  at: \(AttributeValue.string(result.place).jsonText)", "  ...",
            ]
        }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("#", with: "\\#").replacing("\n", with: " ")
    }
}
