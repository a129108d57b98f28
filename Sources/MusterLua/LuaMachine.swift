/// A script in a state of its own, on a Lua thread: the way the rest of Muster runs Lua.
///
/// Calls may overlap: while one waits for a host function, others run on the same state. Within one slice of Lua nothing else runs.
package actor LuaMachine {
    private let thread: LuaThread
    private let deadlines: Deadlines
    private let name: String
    private let limits: LuaLimits
    /// Opened, used and closed on the thread only.
    private var opened: OpenState?

    package nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// Opens a state, runs the preludes, adds the modules and loads the script.
    ///
    /// - Parameters:
    ///   - thread: Other machines may live on it too; they take turns.
    ///   - name: The machine's name in errors.
    ///   - preludes: Trusted Lua, run in this order before the script.
    ///   - modules: What the script may `require`, and nothing else.
    ///   - file: The script's path in messages.
    ///   - recordsCoverage: Whether lines are counted, from loading on.
    /// - Throws: ``LuaError``.
    package init(
        thread: LuaThread,
        name: String,
        limits: LuaLimits = LuaLimits(),
        host: HostFunctions = HostFunctions(),
        preludes: [LuaPrelude] = [],
        modules: [LuaModule] = [],
        file: String,
        source: String,
        recordsCoverage: Bool = false,
        deadlines: Deadlines = .shared
    ) async throws {
        self.thread = thread
        self.name = name
        self.limits = limits
        self.deadlines = deadlines
        // An asynchronous actor init moves to the actor's executor only once every stored property has a value: a state made before
        // that point would run the script on the shared pool.
        try open(host: host, preludes: preludes, modules: modules, file: file, source: source, recordsCoverage: recordsCoverage)
    }

    private func open(
        host: HostFunctions,
        preludes: [LuaPrelude],
        modules: [LuaModule],
        file: String,
        source: String,
        recordsCoverage: Bool
    ) throws(LuaError) {
        let state = try LuaState(name: name, limits: limits, host: host)
        for prelude in preludes { try state.prelude(prelude) }
        for module in modules { try state.addModule(module) }
        state.recordCoverage(recordsCoverage)
        try state.load(file: file, source: source)
        opened = OpenState(state, on: thread)
    }

    /// Calls a function and waits for its end, through every host function that it waits for.
    ///
    /// - Parameters:
    ///   - function: A function of the driver that the prelude returned or, without a prelude, of the table that the script returned;
    ///     nil calls what the script returned itself.
    ///   - phase: The bit of the phase, which decides the host functions that may be called.
    ///   - cpu: The CPU budget of this call; nil takes that of the limits.
    ///   - wall: The time from now to the end, including what the call waits for its turn.
    /// - Returns: The first result; nil stands for Lua's nil.
    /// - Throws: ``LuaError``; cancellation of the caller too arrives as its kind `cancelled`.
    package nonisolated(nonsending) func call(
        _ function: String?,
        _ args: [LuaValue],
        phase: UInt32 = 0,
        cpu: Duration? = nil,
        wall: Duration = .seconds(120)
    ) async throws -> LuaValue? {
        try await run(function, args, phase: phase, cpu: cpu, deadline: .now + wall, wall: wall)
    }

    private func run(
        _ function: String?,
        _ args: [LuaValue],
        phase: UInt32,
        cpu: Duration?,
        deadline: ContinuousClock.Instant,
        wall: Duration
    ) async throws -> LuaValue? {
        guard let state = opened?.state else { throw LuaError(.misuse, machine: name, message: "the machine is not open") }
        if Task.isCancelled { throw cancelled }
        guard .now < deadline else { throw LuaError(.timeout, machine: name, message: "no turn within \(wall)") }
        var step = try state.start(function, args, phase: phase, cpu: cpu)
        while true {
            switch step {
            case .done(let value): return value
            case .pending(let run, let index, let args):
                let result = try await answer(index, run: run, args: args, deadline: deadline, wall: wall)
                step = try state.resume(run, with: result)
            }
        }
    }

    /// Waits for a host function. When the run must not go on, it is cancelled and the error thrown.
    private func answer(
        _ index: Int,
        run: UInt32,
        args: [LuaValue],
        deadline: ContinuousClock.Instant,
        wall: Duration
    ) async throws -> Result<[LuaValue], HostFunctionError> {
        guard let state = opened?.state, let (function, body) = state.hostFunction(index), let body else {
            return .failure(HostFunctionError("no such host function"))
        }
        do {
            return .success(
                try await BoundedWait.run(until: deadline, deadlines: deadlines, late: DeadlinePassed()) { try await body(run, args) }
            )
        } catch let error as HostFunctionError {
            return .failure(error)
        } catch is DeadlinePassed {
            let place = state.location(of: run)
            state.cancel(run)
            throw LuaError(
                .timeout,
                machine: name,
                message: "not finished within \(wall): still waiting for \(function)",
                file: place?.file ?? "",
                line: place?.line ?? 0
            )
        } catch {
            if Task.isCancelled {
                state.cancel(run)
                throw cancelled
            }
            return .failure(HostFunctionError(.string("\(function): \(error)")))
        }
    }

    private struct DeadlinePassed: Error {}

    private var cancelled: LuaError { LuaError(.cancelled, machine: name, message: "the caller gave up") }

    /// The lines that have run so far.
    package func coverage() -> LuaCoverage {
        opened?.state.coverage() ?? LuaCoverage()
    }

    package var statistics: LuaStatistics? { opened?.state.statistics }

    /// Runs a full garbage collection.
    package func collect() {
        opened?.state.collect()
    }

    /// Gives the state up, as a panic inside Lua does: every later call throws kind `poisoned`.
    package func poison() {
        opened?.state.poison()
    }
}

/// A state of a machine, which closes on its own thread wherever its last user is.
///
/// An `isolated deinit` of the machine would say the same, but in Swift 6.3 it now and then asked an executor that was gone already
/// whether it is the main one, which ended the process.
private final class OpenState {
    /// Released by the thread and by nobody else.
    private let held: Unmanaged<LuaState>
    private let thread: LuaThread

    var state: LuaState { held.takeUnretainedValue() }

    init(_ state: LuaState, on thread: LuaThread) {
        held = Unmanaged.passRetained(state)
        self.thread = thread
    }

    deinit {
        let held = held
        thread.afterAll { held.release() }
    }
}
