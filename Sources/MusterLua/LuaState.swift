import CMusterLua

/// One Lua state with its limits. Not Sendable: it is opened, used and closed on one thread or by one actor.
///
/// Order of use: ``init(name:limits:host:)``, ``prelude(_:)``, ``addModule(_:)``, ``load(file:source:)``, then runs.
package final class LuaState {
    /// Where a run stands.
    package enum Step: Sendable {
        /// It has ended; nil stands for Lua's nil.
        case done(LuaValue?)
        /// It waits for an asynchronous host function; ``LuaState/resume(_:with:)`` goes on.
        case pending(run: UInt32, function: Int, args: [LuaValue])
    }

    package let name: String
    private let vm: OpaquePointer
    private let host: HostCall
    private let writer = TapeWriter()

    /// Opens a state that knows the guarded standard library and the host functions.
    ///
    /// - Throws: ``LuaError`` of kind `memory` when the limit does not hold even the libraries, `misuse` for too many host functions.
    package init(name: String, limits: LuaLimits = LuaLimits(), host functions: HostFunctions = HostFunctions()) throws(LuaError) {
        var config = ms_config()
        config.memory_limit = max(limits.memoryBytes, 0)
        config.max_block = max(limits.blockBytes, 0)
        config.hook_every = max(limits.hookEvery, 1)
        config.max_tape = limits.resultBytes
        config.cpu_budget_ns = limits.cpu.nanoseconds
        config.load_budget_ns = limits.loadCPU.nanoseconds
        let host = HostCall(functions)
        guard let vm = ms_open(&config, hostCall, Unmanaged.passUnretained(host).toOpaque()) else {
            throw LuaError(.memory, machine: name, message: "a limit of \(limits.memoryBytes) bytes does not hold a Lua state")
        }
        self.name = name
        self.vm = vm
        self.host = host
        for (phase, name) in functions.phaseNames { ms_name_phase(vm, phase, name) }
        for (index, entry) in functions.entries.enumerated() {
            let isAsync = if case .async = entry.body { true } else { false }
            guard ms_register(vm, entry.module, entry.name, UInt32(clamping: index), isAsync, entry.phases) == 0 else {
                throw LuaError(.misuse, machine: name, message: "cannot register the host function \(entry.module).\(entry.name)")
            }
        }
    }

    deinit { ms_close(vm) }

    /// Runs trusted source before the script. The order of calls is the order of effects.
    package func prelude(_ prelude: LuaPrelude) throws(LuaError) {
        let step = prelude.source.withBytes { ms_prelude(vm, "=[\(prelude.name)]", $0, $1) }
        if step.status == Int32(MS_FAILED.rawValue) { throw error(step) }
    }

    /// Lets the script load a module with `require`.
    package func addModule(_ module: LuaModule) throws(LuaError) {
        guard module.source.withBytes({ ms_add_module(vm, module.name, "@\(module.file)", $0, $1) }) == 0 else {
            throw LuaError(.memory, machine: name, message: "the module does not fit into the memory limit", file: module.file)
        }
    }

    /// Compiles and runs the script; what it returns is what runs call.
    package func load(file: String, source: String) throws(LuaError) {
        let step = source.withBytes { ms_load(vm, "@\(file)", $0, $1) }
        if step.status != Int32(MS_DONE.rawValue) { throw error(step) }
    }

    /// Begins a run of a function: of the driver that the prelude returned or, without a prelude, of the table that the script returned.
    /// - Parameters:
    ///   - function: nil calls what the script returned itself.
    ///   - phase: The bit of the phase that the run belongs to.
    ///   - cpu: The run's CPU budget; nil takes that of the limits.
    package func start(_ function: String?, _ args: [LuaValue], phase: UInt32 = 0, cpu: Duration? = nil) throws(LuaError) -> Step {
        writer.write(list: args)
        return try step(ms_start(vm, function, phase, cpu.map { max($0.nanoseconds, 1) } ?? 0, writer.bytes, writer.count))
    }

    /// Goes on with a pending run: with the results of its host function, or with an error that is raised inside the script.
    package func resume(_ run: UInt32, with result: Result<[LuaValue], HostFunctionError>) throws(LuaError) -> Step {
        switch result {
        case .success(let values):
            writer.write(list: values)
            return try step(ms_resume(vm, run, false, writer.bytes, writer.count))
        case .failure(let error):
            writer.write(value: error.value)
            return try step(ms_resume(vm, run, true, writer.bytes, writer.count))
        }
    }

    /// Ends a pending run without running any more of it.
    package func cancel(_ run: UInt32) {
        ms_cancel(vm, run)
    }

    /// The file and line where a pending run waits; nil when it does not wait in a file.
    package func location(of run: UInt32) -> (file: String, line: Int)? {
        let step = ms_locate(vm, run)
        guard let file = step.file, step.line > 0 else { return nil }
        return (String(cString: file), Int(step.line))
    }

    /// Gives the state up, as a panic inside Lua does: every later call throws kind `poisoned`.
    package func poison() {
        ms_poison(vm)
    }

    /// Runs a full garbage collection.
    package func collect() {
        ms_collect(vm)
    }

    package var statistics: LuaStatistics {
        let stats = ms_statistics(vm)
        return LuaStatistics(
            usedBytes: stats.used,
            peakBytes: stats.peak,
            refusedAllocations: stats.refused,
            runs: stats.runs,
            hooks: stats.hooks,
            coroutines: stats.coroutines,
            lastRunCPU: .nanoseconds(Int64(clamping: stats.cpu_ns))
        )
    }

    /// The host function's name and, when it is asynchronous, its body.
    func hostFunction(_ index: Int) -> (name: String, body: HostFunctions.Async?)? {
        guard host.functions.entries.indices.contains(index) else { return nil }
        let entry = host.functions.entries[index]
        if case .async(let body) = entry.body { return ("\(entry.module).\(entry.name)", body) }
        return ("\(entry.module).\(entry.name)", nil)
    }

    // MARK: Coverage

    /// Counts the lines, calls and branches that run from now on (which costs about ten times the speed).
    package func recordCoverage(_ isOn: Bool) {
        ms_coverage(vm, isOn)
    }

    /// What has run since.
    package func coverage() -> LuaCoverage {
        var coverage = LuaCoverage()
        withUnsafeMutablePointer(to: &coverage) { pointer in
            ms_coverage_each(vm, pointer) { user, covered in
                guard let user, let covered else { return }
                user.assumingMemoryBound(to: LuaCoverage.self).pointee.add(covered.pointee)
            }
        }
        return coverage
    }

    // MARK: Steps

    private func step(_ step: ms_step) throws(LuaError) -> Step {
        var reader = TapeReader(step.data, step.size)
        switch step.status {
        case Int32(MS_DONE.rawValue): return .done(reader?.value())
        case Int32(MS_PENDING.rawValue): return .pending(run: step.run, function: Int(step.fn), args: reader?.list() ?? [])
        default:
            let error = error(step)
            // What a run that was stopped has piled up would stay until the next run allocates as much.
            if error.kind == .memory || error.kind == .cpu { collect() }
            throw error
        }
    }

    private func error(_ step: ms_step) -> LuaError {
        var reader = TapeReader(step.data, step.size)
        let value = reader?.value() ?? .null
        return LuaError(
            LuaError.Kind(step.error),
            machine: name,
            message: value.errorMessage,
            value: value,
            file: step.file.map { String(cString: $0) } ?? "",
            line: Int(step.line),
            traceback: step.traceback.map { String(cString: $0) } ?? ""
        )
    }
}

/// What a state has used.
package struct LuaStatistics: Sendable, Hashable {
    package var usedBytes: Int
    package var peakBytes: Int
    /// Allocations that a limit refused.
    package var refusedAllocations: UInt64
    /// Runs that have ended, in whatever way.
    package var runs: UInt64
    package var hooks: UInt64
    package var coroutines: UInt64
    package var lastRunCPU: Duration
}

extension LuaError.Kind {
    fileprivate init(_ code: Int32) {
        switch code {
        case Int32(MS_E_SYNTAX.rawValue): self = .syntax
        case Int32(MS_E_MEMORY.rawValue): self = .memory
        case Int32(MS_E_CPU.rawValue): self = .cpu
        case Int32(MS_E_CANCELLED.rawValue): self = .cancelled
        case Int32(MS_E_CONVERT.rawValue): self = .convert
        case Int32(MS_E_POISONED.rawValue): self = .poisoned
        case Int32(MS_E_MISUSE.rawValue): self = .misuse
        default: self = .runtime
        }
    }
}

extension LuaValue {
    /// A line for people, of an error value: the text itself, or the field of a table that holds it.
    fileprivate var errorMessage: String {
        switch self {
        case .string(let text): text
        case .object(let object):
            ["message", "detail", "reason"].lazy.compactMap { object[$0]?.string }.first ?? "error value is a table"
        case .null: "error without a message"
        case .boolean(let flag): "\(flag)"
        case .integer(let number): "\(number)"
        case .number(let number): "\(number)"
        case .array, .empty: "error value is a table"
        }
    }
}

extension String {
    func withBytes<R>(_ body: (UnsafePointer<CChar>?, Int) -> R) -> R {
        var text = self
        return text.withUTF8 { utf8 in
            utf8.withMemoryRebound(to: CChar.self) { body($0.baseAddress, $0.count) }
        }
    }
}
