/// Coverage as pages: one for each file, which needs nothing beside it, and `index.html`.
package struct CoverageHTML: Sendable {
    private let report: CoverageReport

    package init(_ report: CoverageReport) { self.report = report }

    /// Each page with the name of its file.
    package var pages: [(name: String, text: String)] {
        [("index.html", Self.page("Coverage", index))] + report.files.map { (Self.pageName($0), Self.page($0.name, source($0))) }
    }

    private static func pageName(_ file: FileCoverage) -> String { file.name.replacing("/", with: "_") + ".html" }

    private var index: String {
        let rows = report.files.map { file in
            "<tr><td><a href=\"\(Markup.escaped(Self.pageName(file)))\">\(Markup.escaped(file.name))</a></td>"
                + "\(Self.cells(file.lineShare))\(Self.cells(file.branchShare))</tr>"
        }
        return "<table class=\"files\"><tr><th>file<th colspan=2>lines<th colspan=2>branches</tr>\(rows.joined(separator: "\n"))</table>"
    }

    private static func cells(_ share: CoverageReport.Share) -> String {
        "<td>\(share.covered)/\(share.total)</td><td>\(CoverageTable.percent(share.percent))</td>"
    }

    private func source(_ file: FileCoverage) -> String {
        let partial = Dictionary(grouping: file.partialBranches, by: \.line)
        let rows = file.text.enumerated().map { index, text in
            let (number, hits) = (index + 1, file.lines[index + 1])
            let gaps = partial[number, default: []].flatMap { branch in
                branch.ways.filter { $0.count == 0 }.map {
                    $0.line == number ? "one way on this line was never taken" : "line \($0.line) was never reached from here"
                }
            }
            let state = hits == nil ? "" : hits == 0 ? "miss" : gaps.isEmpty ? "hit" : "part"
            let title = gaps.isEmpty ? "" : " title=\"\(Markup.escaped(gaps.joined(separator: "; ")))\""
            return "<tr class=\"\(state)\" id=\"L\(number)\"\(title)><td>\(number)</td><td>\(hits.map { "\($0)×" } ?? "")</td>"
                + "<td><pre>\(Markup.escaped(text))</pre></td></tr>"
        }
        let (lines, branches) = (file.lineShare, file.branchShare)
        return """
            <p>lines \(lines.covered)/\(lines.total), \(CoverageTable.percent(lines.percent)); \
            branches \(branches.covered)/\(branches.total), \(CoverageTable.percent(branches.percent))</p>
            <table class="source">\(rows.joined(separator: "\n"))</table>
            """
    }

    private static func page(_ title: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>\(Markup.escaped(title))</title>
        <style>
        body { font: 14px sans-serif; margin: 2em } table { border-collapse: collapse } td, th { padding: 0 .6em; text-align: right }
        td:first-child, th:first-child { text-align: left } .source td:last-child { text-align: left } pre { margin: 0 }
        .hit td:nth-child(2) { background: #c8e6c9 } .miss td { background: #ffcdd2 } .part td { background: #fff3c4 }
        </style></head><body><h1>\(Markup.escaped(title))</h1>
        \(body)
        </body></html>

        """
    }
}
