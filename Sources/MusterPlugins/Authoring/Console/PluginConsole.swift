import Foundation
package import MusterCore
import MusterLua
import SCIM

/// Lua in the machine of one plugin, line by line: `muster lua`.
///
/// The guards, limits and permissions are those of the server; texts are compiled as a script would be, never as bytecode.
package final class PluginConsole: Sendable {
    /// What became of a text.
    package enum Answer: Sendable, Hashable {
        /// It is the beginning of something.
        case incomplete
        /// What it gave, shown; "" for nothing.
        case value(String)
        /// Why it failed, with the line.
        case failure(String)
    }

    /// CPU time and time for one text.
    private static let cpu = Duration.seconds(2)
    private static let wall = Duration.seconds(60)

    private let machine: SupervisedMachine
    private let runs: RunRegistry
    private let tenant: Tenant
    private let mask: SecretMask
    /// What has to be known before the answers are believed: settings and secrets that are missing.
    package let notes: [String]

    init(
        _ source: PluginSource, environment: PluginEnvironment, memoryBytes: Int, inputs: ConsoleInputs, notes: [String],
        print: @escaping @Sendable (String) -> Void
    ) async throws {
        let runs = RunRegistry()
        self.runs = runs
        self.notes = notes
        tenant = inputs.tenant
        mask = environment.mask()
        machine = try await SupervisedMachine(name: environment.name) { thread in
            try await LuaMachine(
                thread: thread, name: environment.name, limits: LuaLimits(memoryBytes: memoryBytes),
                host: ConsoleFunctions(environment: environment, registry: runs, inputs: inputs, print: print).api.functions,
                preludes: [Prelude.plugin, Prelude.console], modules: source.modules, file: source.entry.file, source: source.entry.text)
        }
    }

    /// Runs a text: an expression, or statements. Globals stay, locals end with the text.
    /// - Parameter isWhole: Whether nothing more comes, so that a beginning is a mistake.
    package func evaluate(_ text: String, isWhole: Bool = false) async -> Answer {
        let context = RunContext(hook: .onCreate, tenant: tenant, requestID: "console", eventID: "console")
        let token = runs.admit(context)
        defer { runs.release(token) }
        do {
            let answer = try await machine.call(
                "evaluate", [.integer(token), .string(text), .boolean(isWhole)], cpu: Self.cpu, wall: Self.wall)
            if answer?["incomplete"] == true { return .incomplete }
            return .value(mask.masked(answer?["shown"]?.string ?? ""))
        } catch let error as LuaError {
            let failure = PluginFailure(error, mask: mask)
            return .failure(failure.kind == "runtime error" ? failure.description : "\(failure.kind): \(failure.description)")
        } catch { return .failure("\(error)") }
    }
}

extension PluginHost {
    /// Opens a console on one plugin of the host's folder, with its settings and its world.
    /// - Parameters:
    ///   - print: Takes what the script prints or logs, a line or several at a time.
    ///   - tenant: Whose directory.
    /// - Throws: ``Diagnostic`` for a plugin that is not there or cannot be read, `LuaError` when its code fails.
    package func console(plugin name: String, tenant: Tenant, print: @escaping @Sendable (String) -> Void) async throws -> PluginConsole {
        let folders = try directory.map { try PluginFolder.all(in: $0) } ?? []
        guard let folder = folders.first(where: { $0.name == name }) else {
            throw Diagnostic(.error, "there is no plugin '\(name)'", detail: NearestName.hint(name, among: folders.map(\.name)))
        }
        let reading = PluginManifest.read(try folder.manifest(), folder: name)
        if let finding = reading.findings.first { throw finding }
        let (manifest, entry) = (reading.manifest, settings.plugins[name] ?? .init())
        let (config, findings) = manifest.config.check(entry.config)
        var notes = findings.map { "the setting '\($0.path)' \($0.kind == .missing ? "is missing" : $0.problem)" }
        notes += manifest.permissions.secrets.filter { settings.secret($0) == nil }.map { "the secret '\($0)' is missing" }
        let patterns = manifest.permissions.http.compactMap { try? $0.filled { config.setting($0) } }
        let mask = SecretMask(manifest.permissions.secrets.compactMap { settings.secret($0) })
        let environment = PluginEnvironment(
            name: name, permissions: manifest.permissions, patterns: { patterns }, privateHosts: entry.privateHosts, world: world,
            secret: settings.secret, log: { print($0.consoleLine) }, mask: { mask })
        let inputs = ConsoleInputs(store: store, tenant: tenant, config: LuaValue(config), clock: world.clock)
        return try await PluginConsole(
            try PluginSource(folder), environment: environment, memoryBytes: manifest.limits.memoryBytes, inputs: inputs, notes: notes,
            print: print)
    }
}

extension PluginLogEntry {
    /// `log warn: the manager is unknown manager=m1`
    fileprivate var consoleLine: String {
        "log \(level.rawValue): \(message)" + fields.map { " \($0.name)=\($0.value)" }.joined()
    }
}
