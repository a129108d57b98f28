/// The results as JUnit's XML, which CI systems show: a suite for each spec file, and one for what cannot be tested.
package struct JUnitReport: Sendable {
    private let report: PluginTestReport

    package init(_ report: PluginTestReport) { self.report = report }

    /// The whole file.
    package var text: String {
        var files: [String] = []
        for result in report.results where !files.contains(result.specFile) { files.append(result.specFile) }
        let suites = files.map { file in suite(file, report.results.filter { $0.specFile == file }) } + broken
        let errors = report.diagnostics.count { $0.severity == .error }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="muster test" tests="\(report.results.count + errors)" failures="\(report.count(.failed))" \
            errors="\(errors)" skipped="\(report.count(.pending))" time="\(Self.seconds(report.duration))">
            \(suites.joined(separator: "\n"))
            </testsuites>

            """
    }

    private func suite(_ file: String, _ results: [SpecResult]) -> String {
        let time = results.map(\.duration).reduce(.zero, +)
        return """
              <testsuite name="\(Markup.escaped(file))" tests="\(results.count)" failures="\(results.count { $0.outcome == .failed })" \
            errors="0" skipped="\(results.count { $0.outcome == .pending })" time="\(Self.seconds(time))">
            \(results.map(testCase).joined(separator: "\n"))
              </testsuite>
            """
    }

    private func testCase(_ result: SpecResult) -> String {
        let line = result.specLine.map { " line=\"\($0)\"" } ?? ""
        let start =
            "    <testcase name=\"\(Markup.escaped(result.name))\" classname=\"\(Markup.escaped(result.plugin))\" "
            + "file=\"\(Markup.escaped(result.specFile))\"\(line) time=\"\(Self.seconds(result.duration))\""
        let message = result.message ?? ""
        switch result.outcome {
        case .passed: return start + "/>"
        case .pending: return start + "><skipped message=\"\(Markup.escaped(message))\"/></testcase>"
        case .failed:
            let first = message.split(separator: "\n").first.map(String.init) ?? ""
            let whole = (result.place.isEmpty ? "" : result.place + ": ") + message
            return start + "><failure message=\"\(Markup.escaped(first))\">\(Markup.escaped(whole))</failure></testcase>"
        }
    }

    private var broken: [String] {
        let errors = report.diagnostics.filter { $0.severity == .error }
        guard !errors.isEmpty else { return [] }
        let cases = errors.map { finding in
            "    <testcase name=\"\(Markup.escaped(finding.file ?? finding.path ?? "plugins"))\" classname=\"plugins\" time=\"0\">"
                + "<error message=\"\(Markup.escaped(finding.summary))\">\(Markup.escaped(finding.description))</error></testcase>"
        }
        return [
            """
              <testsuite name="plugins that cannot be tested" tests="\(errors.count)" failures="0" errors="\(errors.count)" skipped="0" time="0">
            \(cases.joined(separator: "\n"))
              </testsuite>
            """
        ]
    }

    /// Seconds with three places.
    static func seconds(_ duration: Duration) -> String {
        let milliseconds = max(0, Int(duration / .milliseconds(1)))
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }
}
