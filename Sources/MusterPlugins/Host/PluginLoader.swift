import Foundation
import Logging
import MusterCore
import MusterLua
import SCIM

/// Loads one plugin: manifest, settings, secrets and code, in this order, and says what is wrong with all of it.
struct PluginLoader: Sendable {
    /// What for.
    enum Purpose: Sendable {
        /// To run: what is switched off is left alone.
        case running
        /// To look for mistakes: code is read in any case.
        case checking
    }

    /// The plugin, where it runs, and how it stands.
    struct Result: Sendable {
        var plugin: Plugin?
        var report: PluginReport
        /// What it was made of and how it stood then, where it runs: a reload compares with that.
        var origin: Origin?

        struct Origin: Sendable {
            var identity: PluginIdentity
            var report: PluginReport
        }
    }

    let folder: PluginFolder
    let entry: PluginSettings.Entry
    let host: PluginHost
    /// The secrets that the plugin may read, as they are now: what it is given, what is blotted out and what a reload compares
    /// are the same, whatever becomes of them outside.
    let secrets: [String: String]

    init(folder: PluginFolder, entry: PluginSettings.Entry, host: PluginHost) {
        self.folder = folder
        self.entry = entry
        self.host = host
        let manifest = (try? folder.manifest()).map { PluginManifest.read($0, folder: folder.name).manifest }
        let (names, secret) = (Set(manifest?.permissions.secrets ?? []), host.settings.secret)
        secrets = Dictionary(uniqueKeysWithValues: names.compactMap { name in secret(name).map { (name, $0) } })
    }

    /// What decides how the plugin runs; nil where a file cannot be read.
    var identity: PluginIdentity? { PluginIdentity(folder, entry, secrets: secrets) }

    /// - Parameter pin: Why the folder must not be loaded; nil where it may.
    func load(_ purpose: Purpose, refusing pin: Diagnostic? = nil) async -> Result {
        var report = PluginReport(name: folder.name, state: .failed)
        let manifest: PluginManifest
        do {
            let reading = PluginManifest.read(try folder.manifest(), folder: folder.name)
            manifest = reading.manifest
            (report.version, report.description, report.diagnostics) = (manifest.version, manifest.description, reading.findings)
        } catch {
            report.diagnostics = [error]
            return failed(report)
        }
        if entry.isEnabled == false, purpose == .running {
            (report.state, report.reason) = (.off, "switched off in the settings")
            return Result(report: report)
        }
        if let pin { report.diagnostics.append(pin) }
        guard report.diagnostics.isEmpty else { return failed(report) }
        return await load(manifest, report)
    }

    private func load(_ manifest: PluginManifest, _ report: PluginReport) async -> Result {
        var report = report
        let (config, findings) = manifest.config.check(entry.config)
        let wrong = findings.filter { $0.kind == .wrong }
        // Missing settings alone only switch a plugin off; beside wrong ones all are named at once.
        report.diagnostics = wrong.isEmpty ? [] : findings.map { Diagnostic($0, of: folder.name) }
        var missing = findings.filter { $0.kind == .missing }.map { "the setting '\($0.path)' is missing" }
        let unset = manifest.permissions.secrets.filter { secrets[$0] == nil }.map { "the secret '\($0)' is missing" }
        missing += unset
        if !wrong.isEmpty { report.diagnostics += unset.map { Diagnostic(.error, $0, path: "plugins.\(folder.name)") } }
        do {
            // A setting that is wrong anyway need not be reported again.
            let patterns = wrong.isEmpty ? try patterns(manifest, config) : []
            let source = try PluginSource(folder)
            let machine = try await machine(source, manifest, patterns)
            let hooks = try await hooks(of: machine, source, &report)
            if hooks.contains(.onSchedule), manifest.schedule == nil {
                report.diagnostics.append(
                    Diagnostic(
                        .error, "onSchedule needs a schedule", detail: "add \"schedule\": \"0 6 * * *\" to plugin.json",
                        file: source.entry.file))
            }
            guard report.diagnostics.isEmpty else { return failed(report) }
            if !missing.isEmpty { return incomplete(missing, report) }
            (report.state, report.hooks) = (.loaded, hooks.map(\.rawValue).sorted())
            if manifest.schedule != nil, !hooks.contains(.onSchedule) {
                report.diagnostics.append(
                    Diagnostic(.warning, "has a schedule, but init.lua offers no onSchedule", file: "\(folder.name)/plugin.json"))
            }
            if hooks.isEmpty { report.diagnostics.append(Diagnostic(.warning, "the plugin offers no hook", file: source.entry.file)) }
            let plugin = Plugin(
                manifest: manifest, hooks: Set(hooks), config: LuaValue(config), machine: machine, mask: mask, clock: host.world.clock,
                logger: host.logger)
            return Result(plugin: plugin, report: report)
        } catch let error as LuaError {
            let failure = PluginFailure(error, mask: mask)
            // Code that reads what is not there yet says nothing about the code.
            if !missing.isEmpty, error.kind != .syntax, report.diagnostics.isEmpty { return incomplete(missing, report) }
            report.diagnostics.append(Diagnostic(failure, in: folder))
        } catch let diagnostic as Diagnostic {
            report.diagnostics.append(diagnostic)
        } catch {
            report.diagnostics.append(Diagnostic(.error, "\(error)", file: folder.name))
        }
        return failed(report)
    }

    private func failed(_ report: PluginReport) -> Result {
        var report = report
        report.state = .failed
        let errors = report.diagnostics.filter { $0.severity == .error }
        report.reason = errors.first.map { $0.description + (errors.count > 1 ? ", and \(errors.count - 1) more" : "") }
        return Result(report: report)
    }

    /// A plugin that was never given all it needs is off; one that was switched on in spite of that has failed.
    private func incomplete(_ missing: [String], _ report: PluginReport) -> Result {
        var report = report
        report.reason = missing.joined(separator: ", ")
        report.state = entry.isEnabled == true ? .failed : .off
        if entry.isEnabled == true { report.diagnostics = missing.map { Diagnostic(.error, $0, path: "plugins.\(folder.name)") } }
        return Result(report: report)
    }

    /// The permissions for HTTP, with the settings filled in.
    private func patterns(_ manifest: PluginManifest, _ config: AttributeValue) throws(Diagnostic) -> [URLPattern] {
        var filled: [URLPattern] = []
        for pattern in manifest.permissions.http {
            do {
                if let pattern = try pattern.filled(with: { config.setting($0) }) { filled.append(pattern) }
            } catch { throw Diagnostic(.error, error.message, path: "plugins.\(folder.name).config.\(pattern.setting ?? "")") }
        }
        return filled
    }

    private var mask: SecretMask { SecretMask(Array(secrets.values)) }

    private func machine(
        _ source: PluginSource, _ manifest: PluginManifest, _ patterns: [URLPattern]
    ) async throws -> PluginMachine {
        let (mask, secrets) = (mask, secrets)
        let log = PluginLog(plugin: manifest.name, logger: host.logger)
        let environment = PluginEnvironment(
            name: manifest.name, permissions: manifest.permissions, patterns: { patterns }, privateHosts: entry.privateHosts,
            world: host.world, secret: { secrets[$0] }, log: { log.write($0) }, mask: { mask })
        return try await PluginMachine(
            source, environment: environment, memoryBytes: manifest.limits.memoryBytes, recordsCoverage: host.recordsCoverage)
    }

    /// Loads the code and sees that it offers hooks only.
    private func hooks(of machine: PluginMachine, _ source: PluginSource, _ report: inout PluginReport) async throws -> [HookName] {
        var hooks: [HookName] = []
        for name in try await machine.hooks() {
            if let hook = HookName(rawValue: name) {
                hooks.append(hook)
            } else {
                let hint = NearestName.hint(name, among: HookName.allCases.map(\.rawValue))
                report.diagnostics.append(
                    Diagnostic(
                        .error, "'\(name)' is no hook", detail: hint, file: source.entry.file, line: source.entry.line(mentioning: name)))
            }
        }
        return hooks
    }
}

extension PluginHost {
    /// Loads every plugin of the folder, and names settings for plugins that are not there.
    func loadAll(_ purpose: PluginLoader.Purpose) async throws -> [PluginLoader.Result] {
        guard let directory else { return [] }
        let folders = try PluginFolder.all(in: directory)
        let pinning = pins?.check() ?? { _ in nil }
        var results: [PluginLoader.Result] = []
        for folder in folders {
            let folder = folder.read()
            let loader = PluginLoader(folder: folder, entry: settings.plugins[folder.name] ?? .init(), host: self)
            switch purpose {
            case .running: results.append(await good(loader, pinning))
            case .checking: results.append(await loader.load(purpose, refusing: pinning(folder)))
            }
        }
        for name in settings.plugins.keys.sorted() where !folders.contains(where: { $0.name == name }) {
            let hint = NearestName.hint(name, among: folders.map(\.name))
            let problem = Diagnostic(.error, "there is no plugin of this name in \(directory.path)", detail: hint, path: "plugins.\(name)")
            results.append(.init(report: PluginReport(name: name, state: .failed, reason: problem.description, diagnostics: [problem])))
        }
        return results
    }
}

/// Writes what a plugin logs into the server's log.
private struct PluginLog: Sendable {
    let plugin: String
    let logger: Logger

    func write(_ entry: PluginLogEntry) {
        var metadata: Logger.Metadata = ["plugin.name": .string(plugin)]
        if let run = entry.run {
            metadata["plugin.hook"] = .string(run.hook.rawValue)
            metadata["request.id"] = .string(run.requestID)
            if let id = run.eventID { metadata["event.id"] = .string(id) }
        }
        for field in entry.fields { metadata["plugin.field.\(field.name)"] = .string(field.value) }
        logger.log(level: entry.level.loggerLevel, "\(entry.message)", metadata: metadata)
    }
}

extension PluginLogEntry.Level {
    fileprivate var loggerLevel: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warn: .warning
        case .error: .error
        }
    }
}

extension PluginFolder.Source {
    /// The first line that holds a word, or nil.
    func line(mentioning word: String) -> Int? {
        text.split(separator: "\n", omittingEmptySubsequences: false).firstIndex { $0.contains(word) }.map { $0 + 1 }
    }
}

extension AttributeValue {
    /// The text of a setting, or nil.
    func setting(_ name: String) -> String? { complex?.members.first { $0.name == name }?.value.string }
}

extension Diagnostic {
    /// What is wrong with a plugin's settings.
    fileprivate init(_ finding: ConfigFinding, of plugin: String) {
        self.init(.error, finding.problem, path: "plugins.\(plugin).config" + (finding.path.isEmpty ? "" : ".\(finding.path)"))
    }

    /// What stopped a plugin's code while it was loaded.
    init(_ failure: PluginFailure, in folder: PluginFolder) {
        self.init(
            .error, failure.kind == "runtime error" ? failure.message : "\(failure.kind): \(failure.message)",
            file: failure.file.isEmpty ? "\(folder.name)/init.lua" : failure.file, line: failure.line > 0 ? failure.line : nil)
    }
}
