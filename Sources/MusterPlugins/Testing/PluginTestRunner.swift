package import Foundation
import MusterCore
import MusterLua
import SCIM

/// Runs the specs of plugins: `muster test`.
///
/// Each spec file has a machine of its own, with the prelude, guards, permissions and limits of a server; only the
/// world around it is made up.
package struct PluginTestRunner: Sendable {
    /// What one spec may use. Reached, it ends the spec, and the rest of its file goes on in a machine of its own.
    package struct Limits: Sendable {
        /// CPU time; ``slowdown`` times as much while coverage is recorded.
        package var cpu = Duration.seconds(1)
        /// Time altogether, waiting included.
        package var wall = Duration.seconds(20)
        /// How much slower Lua is while coverage is recorded.
        static let slowdown = 10

        package init() {}
    }

    /// What is told while specs run.
    package enum Progress: Sendable {
        /// The specs of one file, in the order of files.
        case finished([SpecResult])
        /// How many files are done.
        case files(done: Int, of: Int)
    }

    /// The folder with one folder for each plugin.
    package var directory: URL
    /// Whether snapshots that differ are renewed, and obsolete ones removed.
    package var updatesSnapshots: Bool
    /// Opens the engines of worlds; nil where specs cannot have any.
    package var engines: SpecEngineFactory?
    /// Whether lines, functions and branches are counted.
    package var recordsCoverage = false
    /// What the order of files, and of specs within a file, is drawn with; nil for the order in which they are written.
    package var seed: UInt64?
    /// Whether nothing further begins after the first failure.
    package var failsFast = false
    /// How many files run at the same time.
    package var jobs = 1
    /// What one spec may use.
    package var limits = Limits()

    package init(directory: URL, updatesSnapshots: Bool = false, engines: SpecEngineFactory? = nil) {
        self.directory = directory
        self.updatesSnapshots = updatesSnapshots
        self.engines = engines
    }

    /// Runs specs.
    /// - Parameters:
    ///   - plugins: The plugins wanted; empty for all.
    ///   - filter: A part of the names of the specs wanted, without regard to case; nil for all.
    ///   - progress: Is told how it goes, never twice at the same time.
    /// - Throws: When the folder cannot be read.
    package func run(
        plugins: [String] = [], filter: String? = nil, progress: @escaping (Progress) -> Void = { _ in }
    ) async throws -> PluginTestReport {
        let start = ContinuousClock.now
        var report = PluginTestReport(seed: seed)
        let (chosen, sources) = try chosen(plugins, &report)
        var files = chosen
        if let seed {
            var random = PredictableRandom(seed: seed)
            files.shuffle(using: &random)
        }
        let outcomes = await outcomes(of: files, filter, progress)
        for outcome in outcomes { report.add(outcome) }
        report.filesNotRun = files.count - outcomes.count
        if let filter, report.results.isEmpty, report.diagnostics.isEmpty, !files.isEmpty {
            report.diagnostics.append(Diagnostic(.error, "no spec has '\(filter)' in its name", detail: "see 'muster test --list'"))
        }
        if recordsCoverage { report.coverage = coverage(sources, outcomes) }
        report.duration = ContinuousClock.now - start
        return report
    }

    /// The specs that there are, without running any: each as pending, with its line.
    /// - Throws: When the folder cannot be read.
    package func list(plugins: [String] = [], filter: String? = nil) async throws -> PluginTestReport {
        var report = PluginTestReport()
        for file in try chosen(plugins, &report).files { report.add(await file.list(filter: filter)) }
        return report
    }

    // MARK: What there is to run

    /// The code of a plugin, by which its coverage is counted.
    private typealias Source = (name: String, source: PluginSource)

    /// - Returns: The spec files of the plugins wanted, and the code of all of them, those without specs too.
    private func chosen(_ plugins: [String], _ report: inout PluginTestReport) throws -> (files: [SpecFile], sources: [Source]) {
        let folders = try PluginFolder.all(in: directory)
        for name in plugins where !folders.contains(where: { $0.name == name }) {
            let hint = NearestName.hint(name, among: folders.map(\.name))
            report.diagnostics.append(Diagnostic(.error, "there is no plugin '\(name)' in \(directory.path)", detail: hint))
        }
        var (files, sources): ([SpecFile], [Source]) = ([], [])
        for folder in folders where plugins.isEmpty || plugins.contains(folder.name) {
            do {
                guard let (specs, source) = try self.files(of: folder, &report) else { continue }
                files += specs
                sources.append((folder.name, source))
            } catch let diagnostic as Diagnostic { report.diagnostics.append(diagnostic) }
        }
        return (files, sources)
    }

    /// - Returns: nil where the manifest has findings, which the report has then.
    private func files(of folder: PluginFolder, _ report: inout PluginTestReport) throws -> (specs: [SpecFile], source: PluginSource)? {
        let reading = PluginManifest.read(try folder.manifest(), folder: folder.name)
        guard reading.findings.isEmpty else {
            report.diagnostics += reading.findings
            return nil
        }
        let (source, specs) = (try PluginSource(folder), try folder.specs())
        if specs.isEmpty { report.pluginsWithoutSpecs.append(folder.name) }
        report.obsoleteSnapshots += try SnapshotFile.orphans(in: folder, specs: specs, isRemoving: updatesSnapshots)
        return (specs.map { SpecFile(runner: self, folder: folder, manifest: reading.manifest, source: source, spec: $0) }, source)
    }

    // MARK: Running

    /// - Returns: How the files went that ran, in their order.
    private func outcomes(of files: [SpecFile], _ filter: String?, _ progress: (Progress) -> Void) async -> [SpecFile.Outcome] {
        await withTaskGroup(of: (Int, SpecFile.Outcome).self) { group in
            var (next, mayBegin) = (0, true)
            func begin() {
                guard mayBegin, next < files.count else { return }
                let index = next
                group.addTask { (index, await files[index].run(filter: filter)) }
                next += 1
            }
            for _ in 0..<max(jobs, 1) { begin() }
            var outcomes: [Int: SpecFile.Outcome] = [:]
            var told = 0
            while let (index, outcome) = await group.next() {
                outcomes[index] = outcome
                if failsFast, outcome.hasFailed { mayBegin = false }
                while let outcome = outcomes[told] {
                    progress(.finished(outcome.results))
                    told += 1
                }
                progress(.files(done: outcomes.count, of: files.count))
                begin()
            }
            return outcomes.sorted { $0.key < $1.key }.map(\.value)
        }
    }

    private func coverage(_ sources: [Source], _ outcomes: [SpecFile.Outcome]) -> CoverageReport {
        var sum = LuaCoverage()
        for outcome in outcomes { sum.merge(outcome.coverage) }
        return CoverageReport(sources, sum)
    }
}
