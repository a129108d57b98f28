/// Coverage as LCOV's tracefile (geninfo(1)), which many tools read.
package struct CoverageLCOV: Sendable {
    private let report: CoverageReport
    private let folder: String

    /// - Parameter folder: The folder of the plugins, as it stands in front of the files' names.
    package init(_ report: CoverageReport, folder: String) {
        self.report = report
        self.folder = folder
    }

    /// The whole file.
    package var text: String {
        report.files.map { record($0).map { $0 + "\n" }.joined() }.joined()
    }

    private func record(_ file: FileCoverage) -> [String] {
        var record = ["TN:", "SF:\(folder)/\(file.name)"]
        record += functions(file)
        record += branches(file)
        record += lines(file)
        record.append("end_of_record")
        return record
    }

    private func functions(_ file: FileCoverage) -> [String] {
        // Names are unique within a file.
        var seen: [String: Int] = [:]
        let named: [(String, FileCoverage.Function)] = file.functions.map { function in
            seen[function.name, default: 0] += 1
            let number = seen[function.name, default: 1]
            return (number == 1 ? function.name : "\(function.name)#\(number)", function)
        }
        var lines = named.map { "FN:\($0.1.line),\($0.0)" }
        lines += named.map { "FNDA:\($0.1.calls),\($0.0)" }
        lines += ["FNF:\(named.count)", "FNH:\(named.count { $0.1.calls > 0 })"]
        return lines
    }

    private func branches(_ file: FileCoverage) -> [String] {
        var blocks: [Int: Int] = [:]
        let lines: [String] = file.branches.flatMap { branch in
            let block = blocks[branch.line, default: 0]
            blocks[branch.line] = block + 1
            let isReached = branch.ways.contains { $0.count > 0 }
            return branch.ways.enumerated().map {
                "BRDA:\(branch.line),\(block),\($0.offset),\(isReached ? String($0.element.count) : "-")"
            }
        }
        return lines + ["BRF:\(file.branchShare.total)", "BRH:\(file.branchShare.covered)"]
    }

    private func lines(_ file: FileCoverage) -> [String] {
        let lines = file.lines.sorted { $0.key < $1.key }.map { "DA:\($0.key),\($0.value)" }
        return lines + ["LF:\(file.lineShare.total)", "LH:\(file.lineShare.covered)"]
    }
}
