import MusterLua

/// The Lua machine of one plugin, on a thread of its own; one that is lost is made again from the same source.
struct PluginMachine: Sendable {
    private let machine: SupervisedMachine
    private let runs: RunRegistry

    /// Opens a machine with the functions of `environment` and loads the plugin's source into it.
    /// - Parameter recordsCoverage: Whether what runs is counted, which makes it slow.
    /// - Throws: `LuaError`.
    init(_ source: PluginSource, environment: PluginEnvironment, memoryBytes: Int, recordsCoverage: Bool = false) async throws {
        let runs = RunRegistry()
        self.runs = runs
        machine = try await SupervisedMachine(name: environment.name) { thread in
            try await LuaMachine(
                thread: thread, name: environment.name, limits: LuaLimits(memoryBytes: memoryBytes),
                host: HostAPI(environment: environment, runs: MachineRuns(runs)).functions,
                preludes: [Prelude.plugin], modules: source.modules, file: source.entry.file,
                source: source.entry.text, recordsCoverage: recordsCoverage)
        }
    }

    /// What has run, where that is recorded.
    func coverage() async -> LuaCoverage { await machine.coverage() }

    /// The names of the functions in the table that the plugin returns.
    func hooks() async throws -> [String] {
        try await machine.call("hooks", [], wall: .seconds(30))?.array?.compactMap(\.string) ?? []
    }

    /// Runs a hook.
    /// - Returns: What the driver returns; nil for hooks after the commit.
    func run(_ input: HookInput, cpu: Duration, wall: Duration) async throws -> LuaValue? {
        let token = runs.admit(input.context)
        defer { runs.release(token) }
        let arguments: [LuaValue] = [.string(input.hook.rawValue), .integer(token), .object(input.data)]
        guard let batch = input.batch else { return try await machine.call("run", arguments, cpu: cpu, wall: wall) }
        return try await machine.call("run_each", arguments + [.array(batch)], cpu: cpu, wall: wall)
    }
}

extension PluginSource {
    /// What `require` finds.
    var modules: [LuaModule] { library.map { LuaModule(name: $0.module, file: $0.file, source: $0.text) } }
}
