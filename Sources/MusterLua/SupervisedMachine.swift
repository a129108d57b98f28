import Synchronization

/// A machine on a thread of its own that can be given up and replaced.
///
/// The guards inside Lua end every runaway script that we know of. This is the last resort for one that we do not know: when the thread
/// does not come back, its callers fail with kind `abandoned`, and the next call is served by a fresh machine on a fresh thread. The old
/// thread ends by itself if ever it can. A machine whose state was poisoned is replaced in the same way.
package final class SupervisedMachine: Sendable {
    /// Opens a machine on the thread; called again for each replacement.
    package typealias Make = @Sendable (LuaThread) async throws -> LuaMachine

    private struct Instance: Sendable {
        let generation: Int
        let thread: LuaThread
        /// Single flight: everybody who needs the machine waits for the same opening.
        let machine: Task<LuaMachine, any Error>
    }

    private struct State {
        var instance: Instance?
        var generation = 0
        var lastCall: UInt64 = 0
        var calls: [UInt64: (generation: Int, wait: BoundedWait<LuaValue?>)] = [:]
        var abandoned = 0
        var isWatching = false
    }

    private let state = Mutex(State())
    private let name: String
    private let grace: Duration
    private let deadlines: Deadlines
    private let make: Make

    /// Opens the first machine.
    ///
    /// - Parameter grace: How long a single slice of Lua may hold the thread, in wall time, before the thread is given up. Much more than
    ///   the CPU budget, since a busy system stretches wall time.
    /// - Throws: What `make` throws.
    package init(
        name: String,
        grace: Duration = .milliseconds(2250),
        deadlines: Deadlines = .shared,
        make: @escaping Make
    ) async throws {
        self.name = name
        self.grace = grace
        self.deadlines = deadlines
        self.make = make
        _ = try await machine()
    }

    /// How many threads were given up.
    package var abandonedCount: Int { state.withLock { $0.abandoned } }

    /// The machine that serves calls now, opened if need be.
    package func machine() async throws -> LuaMachine {
        try await opened(current())
    }

    /// Calls as ``LuaMachine/call(_:_:phase:cpu:wall:)`` does, and watches over the thread meanwhile.
    package func call(
        _ function: String?,
        _ args: [LuaValue],
        phase: UInt32 = 0,
        cpu: Duration? = nil,
        wall: Duration = .seconds(120)
    ) async throws -> LuaValue? {
        let wait = BoundedWait<LuaValue?>(deadlines: deadlines)
        let instance = current()
        let id = register(wait, generation: instance.generation)
        defer { state.withLock { _ = $0.calls.removeValue(forKey: id) } }
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    guard wait.begin(continuation) else { return }
                    let work = Task {
                        do {
                            let machine = try await self.opened(instance)
                            wait.settle(.success(try await machine.call(function, args, phase: phase, cpu: cpu, wall: wall)))
                        } catch {
                            wait.settle(.failure(error))
                        }
                    }
                    wait.attach(work, deadline: nil)
                }
            } onCancel: {
                wait.settle(.failure(LuaError(.cancelled, machine: name, message: "the caller gave up")))
            }
        } catch let error as LuaError where error.kind == .poisoned {
            drop(generation: instance.generation)
            throw error
        }
    }

    /// What the machine that is open now has run; nothing where its thread does not answer.
    package func coverage() async -> LuaCoverage {
        guard let instance = state.withLock({ $0.instance }) else { return LuaCoverage() }
        let late = LuaError(.abandoned, machine: name, message: "the Lua thread did not come back")
        let coverage = try? await BoundedWait.run(until: .now + grace, deadlines: deadlines, late: late) {
            try await instance.machine.value.coverage()
        }
        return coverage ?? LuaCoverage()
    }

    /// Gives the thread up if it has been in one slice of Lua for longer than `limit`.
    ///
    /// Done by itself while calls are waiting.
    @discardableResult
    package func check(limit: Duration) -> Bool {
        let lost: [BoundedWait<LuaValue?>]? = state.withLock { state in
            guard let instance = state.instance, let busy = instance.thread.busy, busy > limit else { return nil }
            state.instance = nil
            state.abandoned += 1
            return state.calls.values.filter { $0.generation == instance.generation }.map(\.wait)
        }
        guard let lost else { return false }
        let error = LuaError(.abandoned, machine: name, message: "the Lua thread did not come back; its machine was replaced")
        for wait in lost { wait.settle(.failure(error)) }
        return true
    }

    private func current() -> Instance {
        state.withLock { state in
            if let instance = state.instance { return instance }
            state.generation += 1
            let thread = LuaThread(label: name)
            let make = make
            let instance = Instance(
                generation: state.generation,
                thread: thread,
                machine: Task.detached { try await make(thread) }
            )
            state.instance = instance
            return instance
        }
    }

    /// Waits for the machine; one that cannot be opened makes way for another attempt.
    private func opened(_ instance: Instance) async throws -> LuaMachine {
        do {
            return try await instance.machine.value
        } catch {
            drop(generation: instance.generation)
            throw error
        }
    }

    private func drop(generation: Int) {
        state.withLock { state in
            if state.instance?.generation == generation { state.instance = nil }
        }
    }

    private func register(_ wait: BoundedWait<LuaValue?>, generation: Int) -> UInt64 {
        let (id, mustWatch) = state.withLock { state in
            state.lastCall += 1
            state.calls[state.lastCall] = (generation, wait)
            let mustWatch = !state.isWatching
            state.isWatching = true
            return (state.lastCall, mustWatch)
        }
        if mustWatch { watch() }
        return id
    }

    /// Looks again and again, while anybody waits.
    private func watch() {
        _ = deadlines.add(.now + grace / 4) { [weak self] in
            guard let self else { return }
            self.check(limit: self.grace)
            let isNeeded = self.state.withLock { state in
                state.isWatching = !state.calls.isEmpty
                return state.isWatching
            }
            if isNeeded { self.watch() }
        }
    }
}
