/// Coverage as a table of text.
package struct CoverageTable: Sendable {
    private let report: CoverageReport

    package init(_ report: CoverageReport) { self.report = report }

    /// The lines: a row for each file, and one for each plugin that has several.
    package var lines: [String] {
        var rows = [["COVERAGE", "LINES", "", "BRANCHES", "", "NOT COVERED"]]
        for plugin in report.plugins {
            let files = report.files.filter { $0.plugin == plugin }
            for file in files { rows.append([file.name] + Self.cells(file.lineShare) + Self.cells(file.branchShare) + [Self.gaps(file)]) }
            guard files.count > 1 else { continue }
            rows.append([plugin] + Self.cells(report.lines(of: plugin)) + Self.cells(report.branches(of: plugin)) + ["(all files)"])
        }
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return [0, 1, 3, 5].contains(column) ? cell + space : space + cell
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
        }
    }

    private static func cells(_ share: CoverageReport.Share) -> [String] {
        ["\(share.covered)/\(share.total)", percent(share.percent)]
    }

    /// One place after the point, rounded down, so that what misses a mark never looks as if it met it.
    static func percent(_ value: Double) -> String {
        let tenths = Int(value * 10)
        return "\(tenths / 10).\(tenths % 10) %"
    }

    /// What is missing: `3, 7-9; branches 12→15, 20`.
    private static func gaps(_ file: FileCoverage) -> String {
        var parts: [String] = []
        let lines = ranges(file.uncoveredLines)
        if !lines.isEmpty { parts.append(lines.joined(separator: ", ")) }
        var branches: [String] = []
        for branch in file.partialBranches {
            for way in branch.ways where way.count == 0 {
                let text = way.line == branch.line ? "\(branch.line)" : "\(branch.line)→\(way.line)"
                if !branches.contains(text) { branches.append(text) }
            }
        }
        if !branches.isEmpty { parts.append("branches " + branches.joined(separator: ", ")) }
        if !file.uncountedLines.isEmpty {
            parts.append("branches not counted " + ranges(file.uncountedLines).joined(separator: ", "))
        }
        return parts.joined(separator: "; ")
    }

    /// `1-3` for 1, 2, 3.
    static func ranges(_ lines: [Int]) -> [String] {
        var ranges: [ClosedRange<Int>] = []
        for line in lines {
            if let last = ranges.last, last.upperBound + 1 == line {
                ranges[ranges.count - 1] = last.lowerBound...line
            } else {
                ranges.append(line...line)
            }
        }
        return ranges.map { $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)" }
    }
}
