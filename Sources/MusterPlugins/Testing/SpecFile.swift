import Foundation
import MusterCore
import MusterLua
import SCIM
import Synchronization

/// One spec file, which runs on a machine of its own.
struct SpecFile: Sendable {
    /// How it went.
    struct Outcome: Sendable {
        var results: [SpecResult] = []
        /// Why the plugin cannot be tested.
        var diagnostics: [Diagnostic] = []
        var coverage = LuaCoverage()
        /// Snapshots that no spec looked at, as `plugin/spec/x.snap.json: name`.
        var obsoleteSnapshots: [String] = []

        var hasFailed: Bool { !diagnostics.isEmpty || results.contains { $0.outcome == .failed } }
    }

    /// A spec as the file declares it.
    private struct Declared {
        var number: Int
        var name: String
        var line: Int?
        var isPending: Bool
    }

    /// The plugin's own code does not load.
    private struct PluginDoesNotLoad: Error { var failure: PluginFailure }

    let runner: PluginTestRunner
    let folder: PluginFolder
    let manifest: PluginManifest
    let source: PluginSource
    let spec: PluginFolder.Source

    /// Runs the specs whose names hold `filter`.
    func run(filter: String?) async -> Outcome {
        let start = ContinuousClock.now
        var outcome = Outcome()
        do {
            let snapshots = try SnapshotFile(url: snapshotURL, name: snapshotName, isUpdating: runner.updatesSnapshots)
            let world = SpecWorld(manifest)
            let worlds = worlds(of: world)
            let opened = try await opened(world, worlds, snapshots)
            var machine: SupervisedMachine? = opened.machine
            let wanted = opened.specs.filter { isWanted($0, filter) }
            for declared in ordered(wanted) {
                if runner.failsFast, outcome.hasFailed { break }
                guard !declared.isPending else {
                    outcome.results.append(result(declared.name, .pending, line: declared.line, since: .now))
                    continue
                }
                let current: SupervisedMachine
                if let machine { current = machine } else { current = try await self.opened(world, worlds, snapshots).machine }
                let (result, isStopped) = await run(declared, on: current, world)
                await worlds.close()
                outcome.results.append(result)
                machine = isStopped ? nil : current
                if isStopped { outcome.coverage.merge(await current.coverage()) }
            }
            if let machine { outcome.coverage.merge(await machine.coverage()) }
            for part in worlds.coverage { outcome.coverage.merge(part) }
            if wanted.count == opened.specs.count, !outcome.hasFailed { outcome.obsoleteSnapshots = snapshots.settleObsolete() }
            try snapshots.save()
        } catch { add(error, to: &outcome, since: start) }
        return outcome
    }

    /// The specs whose names hold `filter`, none of them run.
    func list(filter: String?) async -> Outcome {
        var outcome = Outcome()
        do {
            let snapshots = try SnapshotFile(url: snapshotURL, name: snapshotName, isUpdating: false)
            let world = SpecWorld(manifest)
            let specs = try await opened(world, worlds(of: world), snapshots).specs.filter { isWanted($0, filter) }
            outcome.results = specs.map { result($0.name, .pending, line: $0.line, since: .now) }
        } catch { add(error, to: &outcome, since: .now) }
        return outcome
    }

    // MARK: The machine

    /// Opens a machine and lets the file declare its specs.
    /// - Throws: ``PluginDoesNotLoad``; `LuaError` for the spec file's own mistakes.
    private func opened(
        _ world: SpecWorld, _ worlds: SpecWorlds, _ snapshots: SnapshotFile
    ) async throws -> (machine: SupervisedMachine, specs: [Declared]) {
        let api = SpecAPI(world: world, registry: RunRegistry(), snapshots: snapshots, worlds: worlds, spec: spec).api
        var limits = LuaLimits(memoryBytes: manifest.limits.memoryBytes)
        limits.loadCPU = cpu
        let machine: SupervisedMachine
        do {
            machine = try await SupervisedMachine(name: manifest.name, grace: .seconds(60)) { [limits] thread in
                let machine = try await LuaMachine(
                    thread: thread, name: manifest.name, limits: limits, host: api.functions, preludes: [Prelude.plugin] + Prelude.specs,
                    modules: source.modules + [LuaModule(name: spec.module, file: spec.file, source: spec.text)],
                    file: source.entry.file, source: source.entry.text, recordsCoverage: runner.recordsCoverage)
                return machine
            }
        } catch let error as LuaError { throw PluginDoesNotLoad(failure: PluginFailure(error, mask: SecretMask([]))) }
        let names = try await machine.call("load_spec", [.string(spec.module)], cpu: cpu, wall: runner.limits.wall)
        let specs = (names?.array ?? []).enumerated().map { index, declared in
            Declared(
                number: index + 1, name: declared["name"]?.string ?? "", line: declared["line"]?.string.flatMap { Int($0) },
                isPending: declared["pending"] == true)
        }
        return (machine, specs)
    }

    private func worlds(of world: SpecWorld) -> SpecWorlds {
        SpecWorlds(world: world, directory: runner.directory, factory: runner.engines, recordsCoverage: runner.recordsCoverage)
    }

    private var cpu: Duration { runner.recordsCoverage ? runner.limits.cpu * PluginTestRunner.Limits.slowdown : runner.limits.cpu }

    // MARK: Specs

    private func isWanted(_ declared: Declared, _ filter: String?) -> Bool {
        filter.map { "\(manifest.name): \(declared.name)".lowercased().contains($0.lowercased()) } ?? true
    }

    /// The order to run in: as declared, or drawn with the seed and the file's name.
    private func ordered(_ specs: [Declared]) -> [Declared] {
        guard let seed = runner.seed else { return specs }
        let own = spec.file.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
        var random = PredictableRandom(seed: own)
        return specs.shuffled(using: &random)
    }

    /// Runs one spec.
    /// - Returns: How it went, and whether it had to be stopped, so that its machine cannot be trusted any more.
    private func run(_ declared: Declared, on machine: SupervisedMachine, _ world: SpecWorld) async -> (SpecResult, isStopped: Bool) {
        let start = ContinuousClock.now
        world.reset()
        do {
            _ = try await machine.call("spec", [.integer(Int64(declared.number))], cpu: cpu, wall: runner.limits.wall)
            if let problem = world.state.withLock({ $0.unanswered }) {
                let failure = PluginFailure(kind: "runtime error", message: problem, file: spec.file, line: declared.line ?? 0)
                return (failed(declared.name, failure, line: declared.line, since: start), false)
            }
            return (result(declared.name, .passed, line: declared.line, since: start), false)
        } catch let error as LuaError {
            if error.kind == .runtime, let reason = error.value["pending"]?.string {
                var pending = result(declared.name, .pending, line: declared.line, since: start)
                pending.message = reason
                return (pending, false)
            }
            var failure = PluginFailure(error, mask: SecretMask([]))
            if failure.kind != "runtime error", let hook = world.state.withLock({ $0.running?.hook }) {
                failure.kind += " in \(hook.rawValue)"
            }
            return (failed(declared.name, failure, line: declared.line, since: start), ![.runtime, .convert, .syntax].contains(error.kind))
        } catch {
            return (failed(declared.name, PluginFailure(kind: "error", message: "\(error)"), line: declared.line, since: start), true)
        }
    }

    // MARK: Results

    private func add(_ error: any Error, to outcome: inout Outcome, since start: ContinuousClock.Instant) {
        switch error {
        case let error as PluginDoesNotLoad: outcome.diagnostics.append(Diagnostic(error.failure, in: folder))
        case let error as LuaError:
            outcome.results.append(failed(SpecResult.wholeFile, PluginFailure(error, mask: SecretMask([])), line: nil, since: start))
        case let diagnostic as Diagnostic: outcome.diagnostics.append(diagnostic)
        default: outcome.diagnostics.append(Diagnostic(.error, "\(error)", file: spec.file))
        }
    }

    private func failed(_ name: String, _ failure: PluginFailure, line: Int?, since start: ContinuousClock.Instant) -> SpecResult {
        var failed = result(name, .failed, line: line, since: start)
        failed.message = failure.kind == "runtime error" ? failure.message : "\(failure.kind): \(failure.message)"
        failed.file = failure.file.isEmpty ? spec.file : failure.file
        failed.line = failure.line > 0 ? failure.line : failure.file.isEmpty ? line : nil
        return failed
    }

    private func result(_ name: String, _ outcome: SpecResult.Outcome, line: Int?, since start: ContinuousClock.Instant) -> SpecResult {
        SpecResult(
            plugin: manifest.name, specFile: spec.file, specLine: line, name: name, outcome: outcome,
            duration: ContinuousClock.now - start)
    }

    private var snapshotName: String { String(spec.file.dropLast("_spec.lua".count)) + ".snap.json" }
    private var snapshotURL: URL { folder.url.appending(path: snapshotName.dropFirst(folder.name.count + 1).description) }
}
