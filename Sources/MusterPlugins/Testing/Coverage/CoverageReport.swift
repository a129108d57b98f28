package import SCIM
import MusterLua

/// What of plugins' code ran in their specs.
package struct CoverageReport: Sendable {
    /// A part of a whole.
    package struct Share: Sendable, Hashable {
        package var covered = 0
        package var total = 0

        /// In per cent; 100 of nothing.
        package var percent: Double { total == 0 ? 100 : Double(covered) * 100 / Double(total) }

        static func + (left: Share, right: Share) -> Share {
            Share(covered: left.covered + right.covered, total: left.total + right.total)
        }
    }

    /// Each `init.lua` and each file of `lib`, by plugin, then by name.
    package var files: [FileCoverage] = []

    /// The plugins.
    package var plugins: [String] {
        var names: [String] = []
        for file in files where names.last != file.plugin { names.append(file.plugin) }
        return names
    }

    /// The lines of a plugin.
    package func lines(of plugin: String) -> Share { files.filter { $0.plugin == plugin }.map(\.lineShare).reduce(Share(), +) }

    /// The branches of a plugin, each way counted.
    package func branches(of plugin: String) -> Share { files.filter { $0.plugin == plugin }.map(\.branchShare).reduce(Share(), +) }

    /// The plugins whose share of lines is below a minimum, in per cent.
    package func plugins(below minimum: Double) -> [String] { plugins.filter { lines(of: $0).percent < minimum } }

    /// The report as JSON.
    package var document: AttributeValue {
        .array(
            files.map { file in
                let (lines, branches) = (file.lineShare, file.branchShare)
                return [
                    "plugin": .string(file.plugin), "file": .string(file.name), "lines": .integer(Int64(lines.total)),
                    "linesCovered": .integer(Int64(lines.covered)), "branches": .integer(Int64(branches.total)),
                    "branchesCovered": .integer(Int64(branches.covered)),
                    "uncoveredLines": .array(file.uncoveredLines.map { .integer(Int64($0)) }),
                ]
            })
    }
}

/// What of one file ran.
package struct FileCoverage: Sendable {
    /// A function that has a body of its own.
    package struct Function: Sendable, Hashable {
        package var name: String
        package var line: Int
        package var calls: UInt64
    }

    /// A branch, with how often each of its ways was taken.
    package struct Branch: Sendable, Hashable {
        package var line: Int
        package var ways: [Way]

        package struct Way: Sendable, Hashable {
            /// The line that it leads to.
            package var line: Int
            package var count: UInt64
        }
    }

    /// The plugin.
    package var plugin: String
    /// The file, as `welcome-mail/init.lua`.
    package var name: String
    /// Its text, by lines.
    package var text: [String]
    /// How often each line ran that can run.
    package var lines: [Int: UInt64]
    /// Its functions, in the order of their lines.
    package var functions: [Function]
    /// Its branches, in the order of their lines.
    package var branches: [Branch]
    /// Lines on which several functions begin and end, so that their branches are not counted.
    package var uncountedLines: [Int]

    package var lineShare: CoverageReport.Share { .init(covered: lines.values.count { $0 > 0 }, total: lines.count) }

    package var branchShare: CoverageReport.Share {
        let ways = branches.flatMap(\.ways)
        return .init(covered: ways.count { $0.count > 0 }, total: ways.count)
    }

    /// The lines that never ran, in order.
    package var uncoveredLines: [Int] { lines.filter { $0.value == 0 }.keys.sorted() }

    /// The branches of lines that ran, but not all ways.
    package var partialBranches: [Branch] {
        branches.filter { branch in lines[branch.line] ?? 0 > 0 && branch.ways.contains { $0.count == 0 } }
    }
}

extension CoverageReport {
    /// Puts what ran beside what could run. Of a file that does not compile all lines could.
    init(_ plugins: [(name: String, source: PluginSource)], _ coverage: LuaCoverage) {
        for plugin in plugins {
            for source in [plugin.source.entry] + plugin.source.library {
                let executable = LuaCoverage.executable(file: source.file, source: source.text)
                files.append(FileCoverage(plugin.name, source, executable, coverage.files[source.file] ?? LuaCoverage.File()))
            }
        }
    }
}

extension FileCoverage {
    fileprivate init(
        _ plugin: String, _ source: PluginFolder.Source, _ executable: LuaCoverage.Executable?, _ run: LuaCoverage.File
    ) {
        self.plugin = plugin
        name = source.file
        text = source.text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
        guard let executable else {
            lines = Dictionary(uniqueKeysWithValues: text.indices.map { ($0 + 1, 0) })
            (functions, branches, uncountedLines) = ([], [], [])
            return
        }
        lines = Dictionary(uniqueKeysWithValues: executable.lines.map { ($0, run.lines[$0] ?? 0) })
        let ambiguous = executable.ambiguousFunctions
        uncountedLines = Set(executable.branches.filter { ambiguous.contains($0.branch.function) }.map(\.line)).sorted()
        branches = executable.branches.filter { !ambiguous.contains($0.branch.function) }
            .sorted { ($0.line, $0.branch.instruction) < ($1.line, $1.branch.instruction) }
            .map { site in
                let ways = run.branches[site.branch]
                return Branch(
                    line: site.line,
                    ways: [.init(line: site.straight, count: ways?.straight ?? 0), .init(line: site.other, count: ways?.other ?? 0)])
            }
        functions = []
        for function in Set(executable.functions).sorted(by: { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) })
        where function != 0...0 {
            functions.append(
                Function(name: functionName(at: function.lowerBound), line: function.lowerBound, calls: run.calls[function] ?? 0))
        }
    }

    /// What a function is called in the text: `function plugin.onCreate(`, `local function tell(`, `key = function(`.
    private func functionName(at line: Int) -> String {
        let text = text.indices.contains(line - 1) ? text[line - 1] : ""
        if let named = text.firstMatch(of: /function\s+([A-Za-z_][\w.:]*)/) { return String(named.1) }
        if let assigned = text.firstMatch(of: /([A-Za-z_][\w.]*)\s*=\s*function\b/) { return String(assigned.1) }
        return "anonymous:\(line)"
    }
}
