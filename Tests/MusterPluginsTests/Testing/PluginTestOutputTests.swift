import Foundation
import Testing

@testable import MusterPlugins

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite("Output of specs") struct PluginTestOutputTests {
    private var report: PluginTestReport {
        func result(_ name: String, _ outcome: SpecResult.Outcome, _ message: String? = nil, _ duration: Duration = .milliseconds(1234))
            -> SpecResult
        {
            SpecResult(
                plugin: "probe", specFile: "probe/spec/a_spec.lua", specLine: 3, name: name, outcome: outcome, message: message,
                file: outcome == .failed ? "probe/init.lua" : nil, line: outcome == .failed ? 5 : nil, duration: duration)
        }
        var report = PluginTestReport()
        report.results = [
            result("adds", .passed), result("says <&> \"#1\" \u{1B}[2J", .failed, "first\nat \u{1}user: \"x\""),
            result("later", .pending, "why"),
        ]
        return report
    }

    @Test("JUnit's XML is well-formed whatever specs say, and counts right")
    func junit() throws {
        var report = report
        report.diagnostics = [Diagnostic(.error, "unknown field", file: "bad/plugin.json"), Diagnostic(.warning, "only a warning")]
        let text = JUnitReport(report).text
        #expect(text.contains("<testsuites name=\"muster test\" tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"1\""))
        #expect(
            text.contains("<testsuite name=\"probe/spec/a_spec.lua\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" time=\"3.702\">")
        )
        #expect(text.contains("<testcase name=\"adds\" classname=\"probe\" file=\"probe/spec/a_spec.lua\" line=\"3\" time=\"1.234\"/>"))
        #expect(text.contains("<skipped message=\"why\"/>"))
        #expect(text.contains("says &lt;&amp;&gt; &quot;#1&quot; ?[2J") && !text.contains("\u{1B}") && !text.contains("\u{1}"))
        #expect(text.contains("<failure message=\"first\">probe/init.lua:5: first\nat ?user: &quot;x&quot;</failure>"))
        #expect(XMLParser(data: Data(text.utf8)).parse())
    }

    @Test("TAP has a plan, a point for each spec, and what would be read as a directive is not")
    func tap() {
        var report = report
        report.diagnostics = [Diagnostic(.error, "unknown field", file: "bad/plugin.json")]
        #expect(
            TAPReport(report).lines == [
                "TAP version 14", "1..4", "ok 1 - probe: adds", "not ok 2 - probe: says <&> \"\\#1\" \u{1B}[2J", "  ---",
                #"  message: "first\nat \u0001user: \"x\"""#, #"  at: "probe/init.lua:5""#, "  ...", "ok 3 - probe: later # SKIP why",
                "not ok 4 - bad/plugin.json: error: unknown field",
            ])
    }

    @Test("text is coloured only for terminals, names what is slow, and lets no spec command the terminal")
    func text() {
        let plain = PluginTestText(isColoured: false)
        #expect(plain.lines(report.results[0]) == ["passed probe: adds (1.234 s)"])
        #expect(
            plain.lines(report.results[1]) == [
                ##"failed probe: says <&> "#1"  [2J (1.234 s)"##, "    probe/init.lua:5: first", "at  user: \"x\"",
            ])
        #expect(PluginTestText(isColoured: true).lines(report.results[2])[0].hasPrefix("\u{1B}[33mpending\u{1B}[0m probe: later"))
        var report = report
        report.seed = 7
        report.filesNotRun = 2
        report.obsoleteSnapshots = ["probe/spec/a.snap.json: x"]
        let summary = plain.summary(report, minimum: nil, updated: false)
        #expect(
            summary.contains("order drawn with --seed 7") && summary.contains("stopped after the first failure; 2 spec files did not run"))
        #expect(summary.contains("obsolete snapshots; 'muster test --update' removes them:") && summary.contains("slowest:"))
        #expect(summary.last == "1 passed, 1 failed, 1 pending")
    }

    @Test("the exit code tells a failed spec from what cannot be tested")
    func exitCodes() {
        var report = report
        #expect(report.exitCode(minimum: nil) == 1)
        report.results.remove(at: 1)
        #expect(report.exitCode(minimum: nil) == 0)
        report.diagnostics = [Diagnostic(.warning, "no matter")]
        #expect(report.exitCode(minimum: 50) == 0)
        report.diagnostics = [Diagnostic(.error, "broken")]
        #expect(report.exitCode(minimum: nil) == 2)
    }
}
