import MusterLua
import SCIM

/// A problem that reaches the script as an error at its own line.
struct HostCallError: Error, Hashable {
    /// What is wrong and what to do.
    let message: String

    init(_ message: String) { self.message = message }
}

/// The functions behind `muster.*`, as the prelude calls them.
///
/// Each answers with a value, with nothing (nil), or with null and a problem, which the prelude raises where the script
/// called. So a script's error names the script's line, not the prelude's.
struct HostAPI: Sendable {
    typealias SyncBody = @Sendable (RunContext?, Arguments) throws -> LuaValue?
    typealias AsyncBody = @Sendable (RunContext?, Arguments) async throws -> LuaValue?

    /// The name under which the prelude finds them, and then takes them away; messages name them by it too.
    static let module = "muster"

    let environment: PluginEnvironment
    let runs: MachineRuns
    private(set) var functions = HostFunctions()

    init(environment: PluginEnvironment, runs: MachineRuns) {
        self.environment = environment
        self.runs = runs
        addRunFunctions()
        addLog()
        addJSON()
        addHTTP()
        addURL()
        addMail()
        addValues()
        addSecrets()
        addTime()
        addCrypto()
        addSCIM()
        addChanges()
    }

    /// Adds a function that answers at once.
    mutating func sync(_ name: String, _ body: @escaping SyncBody) {
        let (runs, environment, guarded) = (runs, environment, Self.guarded(name))
        functions.sync(Self.module, name) { run, values in
            do {
                let context = try guarded(runs.context(run))
                let result = try CurrentRun.$now.withValue(Self.run(context, environment)) { try body(context, Arguments(values)) }
                return result.map { [$0] } ?? []
            } catch { return Self.problem(error, environment) }
        }
    }

    /// Adds a function for which the run waits, but no thread.
    mutating func async(_ name: String, _ body: @escaping AsyncBody) {
        let (runs, environment, guarded) = (runs, environment, Self.guarded(name))
        functions.async(Self.module, name) { run, values in
            do {
                let context = try guarded(runs.context(run))
                let result = try await CurrentRun.$now.withValue(Self.run(context, environment)) {
                    try await body(context, Arguments(values))
                }
                return result.map { [$0] } ?? []
            } catch { return Self.problem(error, environment) }
        }
    }

    private static func run(_ context: RunContext?, _ environment: PluginEnvironment) -> CurrentRun? {
        context.map { CurrentRun(plugin: environment.name, context: $0, mask: environment.mask()) }
    }

    /// Lets a run through where the API's table allows the functions behind which this one stands.
    private static func guarded(_ name: String) -> @Sendable (RunContext?) throws(HostCallError) -> RunContext? {
        guard let (function, phases) = APIReference.hostPhases[name] else { return { run throws(HostCallError) in run } }
        return { run throws(HostCallError) in
            if let refusal = phases.refusal(of: function, in: run?.hook) { throw HostCallError(refusal) }
            return run
        }
    }

    private static func problem(_ error: any Error, _ environment: PluginEnvironment) -> [LuaValue] {
        let message = (error as? HostCallError)?.message ?? "\(error)"
        return [.null, .string(environment.mask().masked(message))]
    }

    private mutating func addRunFunctions() {
        let runs = runs
        functions.sync(Self.module, "begin") { run, values in
            if case .integer(let token)? = values.first { runs.begin(run, token: token) }
            return []
        }
        sync("near") { _, arguments in
            let names = arguments[1]?.array?.compactMap(\.string) ?? []
            return .string(NearestName.suffix(try arguments.string(0, "the name"), among: names))
        }
        sync("lazy") { context, arguments in context?.lazy[try arguments.string(0, "the name")]?() }
    }
}

/// What a script passed to a function.
struct Arguments: Sendable {
    private let values: [LuaValue]

    init(_ values: [LuaValue]) { self.values = values }

    /// The argument at `index`; nil where Lua's is nil or null.
    subscript(index: Int) -> LuaValue? {
        guard values.indices.contains(index), values[index] != .null else { return nil }
        return values[index]
    }

    func string(_ index: Int, _ what: String) throws(HostCallError) -> String {
        guard let text = self[index]?.string else { throw HostCallError("\(what) must be a string") }
        return text
    }

    func optionalString(_ index: Int, _ what: String) throws(HostCallError) -> String? {
        self[index] == nil ? nil : try string(index, what)
    }

    func number(_ index: Int, _ what: String) throws(HostCallError) -> Double {
        guard let number = self[index]?.number else { throw HostCallError("\(what) must be a number") }
        return number
    }

    func object(_ index: Int) -> LuaObject {
        self[index]?.object ?? LuaObject()
    }
}

extension Optional<RunContext> {
    /// The run, for functions that make no sense while a plugin is being loaded.
    func required(for function: String) throws(HostCallError) -> RunContext {
        guard let self else { throw HostCallError("\(function) cannot be called while the plugin is loaded; call it in a hook") }
        return self
    }
}
