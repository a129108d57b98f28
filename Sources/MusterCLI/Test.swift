import ArgumentParser
import Foundation
import Muster
import MusterPlugins
import SCIM

/// `muster test`
struct Test: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the specs of plugins.",
        discussion: """
            Each spec/*_spec.lua runs in a Lua machine of its own with the guards, limits
            and permissions of a server; the world around it is made up. With test.world
            a spec drives a real engine as OneLogin, Okta or Entra ID do. A spec that does
            not end is stopped and named, and the rest of its file goes on.

              muster test                          all plugins in Plugins/
              muster test welcome-mail --watch     one of them, again at each change
              muster test --filter retry           only specs whose name contains 'retry'
              muster test --list                   the names of the specs, none run
              muster test --seed 7                 in the order that 7 draws; 0 draws a seed
              muster test --update                 renew snapshots, remove obsolete ones
              muster test --coverage --coverage-minimum 95
              muster test --coverage-html out --coverage-lcov out/lcov.info
              muster test --junit out/specs.xml    for CI, beside the text

            Coverage counts the lines of init.lua and lib/, and both ways of each branch:
            of conditions, of the parts of 'and' and 'or', and of the turns of 'for'.

            Exit codes:
              0   every spec passed, or is pending
              1   a spec failed
              2   a plugin cannot be tested, no spec has the name asked for, or coverage
                  is below --coverage-minimum
              64  the command line is not understood
            """)

    @Argument(help: "The plugins; all where none is named.") var names: [String] = []
    @Option(help: "The folder with one folder for each plugin.") var plugins = "Plugins"
    @Option(help: "Only specs whose name contains this.") var filter: String?
    @Option(help: "Run files, and specs within them, in the order that this number draws; 0 draws the number too.") var seed: UInt64?
    @Option(help: ArgumentHelp("How many files run at the same time.", discussion: "Default: one for each core.")) var jobs: Int?
    @Flag(help: "Begin nothing further after the first failure.") var failFast = false
    @Flag(help: "Print the names of the specs; run none.") var list = false
    @Flag(help: "Run again at each change of a plugin's files, until Ctrl-C.") var watch = false
    @Flag(help: "Renew snapshots that differ, and remove those that no spec looks at.") var update = false
    @Flag(help: "Print the results as JSON.") var json = false
    @Flag(help: "Print the results as TAP.") var tap = false
    @Option(help: "Write the results as JUnit's XML into this file.") var junit: String?
    @Flag(help: "Print which lines and branches ran.") var coverage = false
    @Option(help: "Write a page for each file into this folder, beginning with index.html.") var coverageHtml: String?
    @Option(help: "Write LCOV's tracefile.") var coverageLcov: String?
    @Option(help: "The least share of lines that must run in each plugin, in per cent.") var coverageMinimum: Double?

    func validate() throws {
        if json && tap { throw ValidationError("--json and --tap exclude one another") }
        if watch && (json || tap || list) { throw ValidationError("--watch prints text only, and runs what it finds") }
        if list && tap { throw ValidationError("--list prints text or JSON") }
        if let jobs, jobs < 1 { throw ValidationError("--jobs is at least 1") }
        if let coverageMinimum, !(0...100).contains(coverageMinimum) { throw ValidationError("--coverage-minimum is from 0 to 100") }
    }

    func run() async throws {
        if watch { return await runAgainAndAgain() }
        if list { return try await printList() }
        let code = try await runOnce(names)
        if code != 0 { throw ExitCode(code) }
    }

    private var directory: URL { URL(filePath: plugins, directoryHint: .isDirectory) }

    private var runner: PluginTestRunner {
        var runner = PluginTestRunner(directory: directory, updatesSnapshots: update, engines: .muster())
        runner.recordsCoverage = coverage || coverageHtml != nil || coverageLcov != nil || coverageMinimum != nil
        runner.seed = seed == 0 ? UInt64.random(in: 1...999_999) : seed
        runner.failsFast = failFast
        runner.jobs = jobs ?? ProcessInfo.processInfo.activeProcessorCount
        return runner
    }

    // MARK: Running

    /// Runs the specs of some plugins and prints how it went.
    /// - Returns: The exit code.
    private func runOnce(_ names: [String]) async throws -> Int32 {
        let text = PluginTestText(isColoured: Terminal.isInteractive)
        let bar = Terminal.isInteractive ? ProgressBar("spec files") : nil
        let isText = !json && !tap
        let runner = runner
        // A process that ends releases nothing by itself.
        defer { runner.engines?.close() }
        let report = try await read {
            try await runner.run(plugins: names, filter: filter) { progress in
                guard isText else { return }
                switch progress {
                case .finished(let results): for line in results.flatMap(text.lines) { bar?.line(line) ?? Output.line(line) }
                case .files(let done, let count): bar?.show(done, of: count)
                }
            }
        }
        bar?.end()
        if json {
            Output.line(report.document.jsonText)
        } else if tap {
            for line in TAPReport(report).lines { Output.line(line) }
        } else {
            for line in text.summary(report, minimum: coverageMinimum, updated: update) { Output.line(line) }
        }
        try write(report)
        return report.exitCode(minimum: coverageMinimum)
    }

    /// A folder that cannot be read cannot be tested.
    private func read(_ body: () async throws -> PluginTestReport) async throws -> PluginTestReport {
        do { return try await body() } catch let error as CocoaError {
            FileHandle.standardError.write(Data("Error: cannot read \(plugins): \(error.localizedDescription)\n".utf8))
            throw ExitCode(2)
        }
    }

    private func write(_ report: PluginTestReport) throws {
        if let junit { try write(JUnitReport(report).text, to: URL(filePath: junit)) }
        guard let coverage = report.coverage else { return }
        if let coverageLcov { try write(CoverageLCOV(coverage, folder: plugins).text, to: URL(filePath: coverageLcov)) }
        if let coverageHtml {
            let folder = URL(filePath: coverageHtml, directoryHint: .isDirectory)
            for page in CoverageHTML(coverage).pages { try write(page.text, to: folder.appending(path: page.name)) }
        }
    }

    private func write(_ text: String, to file: URL) throws {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file, options: .atomic)
    }

    private func printList() async throws {
        let report = try await read { try await runner.list(plugins: names, filter: filter) }
        if json {
            Output.line(report.document.jsonText)
        } else {
            for result in report.results where result.outcome == .pending {
                Output.line("\(result.specFile):\(result.specLine ?? 1): \(result.name)")
            }
            for result in report.results where result.outcome == .failed { Output.line(result.text) }
            for finding in report.diagnostics { Output.line(finding.description) }
        }
        let code = report.exitCode(minimum: nil)
        if code != 0 { throw ExitCode(code) }
    }

    // MARK: Watching

    /// Runs all, then again what has changed, for ever. Ctrl-C ends the process.
    private func runAgainAndAgain() async {
        var known = PluginFiles(in: directory)
        var wanted = names
        while true {
            if Terminal.isInteractive { Output.text("\u{1B}[2J\u{1B}[H") }
            do { _ = try await runOnce(wanted) } catch { Output.line("\(error)") }
            Output.line("waiting for changes in \(plugins); Ctrl-C ends")
            let now = await change(since: known)
            let changed = now.changed(since: known).filter { now.names.contains($0) && (names.isEmpty || names.contains($0)) }
            wanted = changed.isEmpty ? names : changed
            known = now
        }
    }

    /// Waits until a file is another one than before.
    private func change(since known: PluginFiles) async -> PluginFiles {
        while true {
            try? await Task.sleep(for: .milliseconds(400))
            let now = PluginFiles(in: directory)
            if now != known { return now }
        }
    }
}
