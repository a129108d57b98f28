package import Foundation
import MusterCore
import MusterLua
import SCIM
import Synchronization

/// Runs the specs of plugins: `muster test`.
///
/// Each spec file has a machine of its own, with the prelude, guards, permissions and limits of a server; only the
/// world around it is made up.
package struct PluginTestRunner: Sendable {
    /// The folder with one folder for each plugin.
    package var directory: URL
    /// Whether snapshots that differ are renewed.
    package var updatesSnapshots: Bool
    /// Opens the engines of worlds; nil where specs cannot have any.
    package var engines: SpecEngineFactory?

    static let specCPU = Duration.seconds(1)
    static let specWall = Duration.seconds(20)

    package init(directory: URL, updatesSnapshots: Bool = false, engines: SpecEngineFactory? = nil) {
        self.directory = directory
        self.updatesSnapshots = updatesSnapshots
        self.engines = engines
    }

    /// Runs specs one after the other.
    /// - Parameters:
    ///   - plugins: The plugins wanted; empty for all.
    ///   - filter: A part of the names of the specs wanted, without regard to case; nil for all.
    /// - Throws: When the folder cannot be read.
    package func run(plugins: [String] = [], filter: String? = nil) async throws -> PluginTestReport {
        var report = PluginTestReport()
        let folders = try PluginFolder.all(in: directory)
        for name in plugins where !folders.contains(where: { $0.name == name }) {
            let hint = NearestName.hint(name, among: folders.map(\.name))
            report.diagnostics.append(Diagnostic(.error, "there is no plugin '\(name)' in \(directory.path)", detail: hint))
        }
        for folder in folders where plugins.isEmpty || plugins.contains(folder.name) {
            do { try await run(folder, filter: filter, &report) } catch let diagnostic as Diagnostic {
                report.diagnostics.append(diagnostic)
            }
        }
        return report
    }

    private func run(_ folder: PluginFolder, filter: String?, _ report: inout PluginTestReport) async throws {
        let reading = PluginManifest.read(try folder.manifest(), folder: folder.name)
        guard reading.findings.isEmpty else {
            report.diagnostics += reading.findings
            return
        }
        let (source, specs) = (try PluginSource(folder), try folder.specs())
        if specs.isEmpty { report.pluginsWithoutSpecs.append(folder.name) }
        for spec in specs {
            let world = SpecWorld(reading.manifest)
            let worlds = SpecWorlds(world: world, directory: directory, factory: engines, recordsCoverage: false)
            let file = SpecFile(
                manifest: reading.manifest, source: source, spec: spec, snapshots: snapshots(folder, spec), world: world, worlds: worlds)
            report.results += try await file.run(filter: filter)
        }
    }

    private func snapshots(_ folder: PluginFolder, _ spec: PluginFolder.Source) -> SnapshotFile {
        let path = spec.module.replacing(".", with: "/").dropLast("_spec".count)
        return SnapshotFile(url: folder.url.appending(path: "\(path).snap.json"), isUpdating: updatesSnapshots)
    }
}

/// One spec file on a machine of its own.
private struct SpecFile {
    let manifest: PluginManifest
    let source: PluginSource
    let spec: PluginFolder.Source
    let snapshots: SnapshotFile
    let world: SpecWorld
    let worlds: SpecWorlds

    func run(filter: String?) async throws -> [SpecResult] {
        let start = ContinuousClock.now
        do {
            let registry = RunRegistry()
            let api = SpecAPI(world: world, registry: registry, snapshots: snapshots, worlds: worlds).api
            let machine = try await SupervisedMachine(name: manifest.name, grace: .seconds(10)) { thread in
                let machine = try await LuaMachine(
                    thread: thread, name: manifest.name, limits: LuaLimits(memoryBytes: manifest.limits.memoryBytes), host: api.functions,
                    preludes: [Prelude.plugin, Prelude.world, Prelude.testkit],
                    modules: source.modules + [LuaModule(name: spec.module, file: spec.file, source: spec.text)],
                    file: source.entry.file, source: source.entry.text)
                return machine
            }
            let names = try await machine.call(
                "load_spec", [.string(spec.module)], cpu: PluginTestRunner.specCPU, wall: PluginTestRunner.specWall)
            var results: [SpecResult] = []
            for (index, declared) in (names?.array ?? []).enumerated() {
                let name = declared["name"]?.string ?? ""
                if let filter, !"\(manifest.name): \(name)".lowercased().contains(filter.lowercased()) { continue }
                if declared["pending"] == true {
                    results.append(result(name, .pending, since: .now))
                } else {
                    results.append(await run(index + 1, name, on: machine, world))
                    await worlds.close()
                }
            }
            try snapshots.save()
            return results
        } catch let error as LuaError {
            return [failed("(the file as a whole)", PluginFailure(error, mask: SecretMask([])), since: start)]
        }
    }

    private func run(_ number: Int, _ name: String, on machine: SupervisedMachine, _ world: SpecWorld) async -> SpecResult {
        let start = ContinuousClock.now
        world.reset()
        do {
            _ = try await machine.call(
                "spec", [.integer(Int64(number))], cpu: PluginTestRunner.specCPU, wall: PluginTestRunner.specWall)
            return result(name, .passed, since: start)
        } catch let error as LuaError {
            var failure = PluginFailure(error, mask: SecretMask([]))
            if failure.kind != "runtime error", let hook = world.state.withLock({ $0.runningHook }) {
                failure.kind += " in \(hook.rawValue)"
            }
            return failed(name, failure, since: start)
        } catch {
            return failed(name, PluginFailure(kind: "error", message: "\(error)"), since: start)
        }
    }

    private func failed(_ name: String, _ failure: PluginFailure, since start: ContinuousClock.Instant) -> SpecResult {
        var failed = result(name, .failed, since: start)
        failed.message = failure.kind == "runtime error" ? failure.message : "\(failure.kind): \(failure.message)"
        failed.file = failure.file.isEmpty ? spec.file : failure.file
        failed.line = failure.line > 0 ? failure.line : nil
        return failed
    }

    private func result(_ name: String, _ outcome: SpecResult.Outcome, since start: ContinuousClock.Instant) -> SpecResult {
        SpecResult(
            plugin: manifest.name, specFile: spec.file, name: name, outcome: outcome, duration: ContinuousClock.now - start)
    }
}
