import Dispatch
import MusterLua
import Synchronization
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct LuaThreadTests {
    /// Notes the threads on which things happen.
    final class Log: Sendable {
        private let threads = Mutex<[UInt]>([])

        func note() { threads.withLock { $0.append(UInt(bitPattern: pthread_self().hashValue)) } }
        var all: [UInt] { threads.withLock { $0 } }
    }

    /// Notes the thread on which the state lets go of it.
    final class Token: Sendable {
        let log: Log
        let gate: Gate

        init(log: Log, gate: Gate) {
            self.log = log
            self.gate = gate
        }

        deinit {
            log.note()
            gate.open()
        }
    }

    private static func host(log: Log, gate: Gate) -> HostFunctions {
        let token = Token(log: log, gate: gate)
        var host = HostFunctions()
        host.sync("host", "note") { [token] _, _ in
            token.log.note()
            return []
        }
        host.async("host", "wait") { _, _ in
            await Task.yield()
            return []
        }
        return host
    }

    @Test("a state is opened, used and closed on its own thread")
    func affinity() async throws {
        let (log, closed) = (Log(), Gate(isOpen: false))
        do {
            // Nothing here keeps the functions, so that the machine is the one that lets them go.
            let machine = try await machine(
                "host.note() return function() host.note() host.wait() host.note() end", host: Self.host(log: log, gate: closed))
            async let other: LuaValue? = machine.call(nil, [])
            _ = try await machine.call(nil, [])
            _ = try await other
        }
        try await closed.pass()
        #expect(log.all.count == 6)
        #expect(Set(log.all).count == 1)
    }

    @Test("machines on one thread take turns")
    func sharedThread() async throws {
        let thread = LuaThread(label: "shared")
        try await withThrowingTaskGroup(of: LuaValue?.self) { group in
            for index in 0..<8 {
                group.addTask {
                    let source = "return function(n) return n + \(index) end"
                    let machine = try await LuaMachine(thread: thread, name: "\(index)", file: "\(index).lua", source: source)
                    return try await machine.call(nil, [100])
                }
            }
            var sum: Int64 = 0
            for try await value in group { sum += value?.integer ?? 0 }
            #expect(sum == 828)
        }
        #expect(thread.label == "shared")
    }
}

@Suite struct SupervisedMachineTests {
    /// A machine with a function that holds its thread until it is let go, as no script can.
    static func supervised(stuck: Stuck, grace: Duration) async throws -> SupervisedMachine {
        try await SupervisedMachine(name: "test", grace: grace) { thread in
            var host = HostFunctions()
            host.sync("host", "stick") { _, _ in
                stuck.stick()
                return []
            }
            return try await LuaMachine(
                thread: thread,
                name: "test",
                host: host,
                file: "test.lua",
                source: "return { stick = function() host.stick() return 'late' end, ping = function() return 'pong' end }"
            )
        }
    }

    final class Stuck: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)
        let entered = Gate(isOpen: false)

        func stick() {
            entered.open()
            semaphore.wait()
        }

        func letGo() { semaphore.signal() }
    }

    @Test("a thread that does not come back is given up: its callers fail, the next call is served")
    func abandon() async throws {
        let stuck = Stuck()
        let supervised = try await Self.supervised(stuck: stuck, grace: .seconds(60))
        #expect(try await supervised.call("ping", []) == "pong")
        async let first = luaError { try await supervised.call("stick", []) }
        try await stuck.entered.pass()
        #expect(!supervised.check(limit: .seconds(60)))
        while !supervised.check(limit: .zero) { await Task.yield() }
        #expect(await first?.kind == .abandoned)
        #expect(supervised.abandonedCount == 1)
        #expect(try await supervised.call("ping", []) == "pong")
        stuck.letGo()
    }

    @Test("the watch is kept while calls wait, by itself")
    func watch() async throws {
        let stuck = Stuck()
        let supervised = try await Self.supervised(stuck: stuck, grace: .milliseconds(80))
        #expect(await luaError { try await supervised.call("stick", []) }?.kind == .abandoned)
        #expect(try await supervised.call("ping", []) == "pong")
        stuck.letGo()
    }

    @Test("a caller that gives up is answered although the thread is stuck")
    func cancelWhileStuck() async throws {
        let stuck = Stuck()
        let supervised = try await Self.supervised(stuck: stuck, grace: .seconds(60))
        let call = Task { try await supervised.call("stick", []) }
        try await stuck.entered.pass()
        call.cancel()
        #expect(await luaError { try await call.value }?.kind == .cancelled)
        stuck.letGo()
        #expect(try await supervised.call("ping", []) == "pong")
    }

    @Test("a poisoned state fails its call and is replaced for the next")
    func poisoned() async throws {
        let supervised = try await Self.supervised(stuck: Stuck(), grace: .seconds(60))
        try await supervised.machine().poison()
        #expect(await luaError { try await supervised.call("ping", []) }?.kind == .poisoned)
        #expect(try await supervised.call("ping", []) == "pong")
        #expect(supervised.abandonedCount == 0)
    }

    @Test("a machine that cannot be opened is tried again by the next call")
    func retry() async throws {
        let attempts = Mutex(0)
        let supervised = try await SupervisedMachine(name: "test") { thread in
            let attempt = attempts.withLock { count in
                count += 1
                return count
            }
            let source = attempt == 2 ? "error('not now')" : "return { ping = function() return \(attempt) end }"
            return try await LuaMachine(thread: thread, name: "test", file: "test.lua", source: source)
        }
        #expect(try await supervised.call("ping", []) == 1)
        try await supervised.machine().poison()
        _ = await luaError { try await supervised.call("ping", []) }
        #expect(await luaError { try await supervised.call("ping", []) }?.message == "test.lua:1: not now")
        #expect(try await supervised.call("ping", []) == 3)
    }
}

@Suite struct DeadlinesTests {
    @Test("a deadline calls once its time has come, a removed one never")
    func deadlines() async throws {
        let deadlines = Deadlines(tick: .milliseconds(1))
        let late = Gate(isOpen: false)
        let removed = Mutex(false)
        let id = deadlines.add(.now + .milliseconds(5)) { removed.withLock { $0 = true } }
        deadlines.remove(id)
        let far = deadlines.add(.now + .seconds(3600)) {}
        _ = deadlines.add(.now + .milliseconds(5)) { late.open() }
        #expect(deadlines.count == 2)
        try await late.pass()
        #expect(!removed.withLock { $0 })
        #expect(deadlines.count == 1)
        deadlines.remove(far)
        #expect(deadlines.count == 0)
    }

    @Test("an ended call leaves no deadline behind")
    func noneLeft() async throws {
        let deadlines = Deadlines()
        let machine = try await machine("return function() return net.get('x') end", host: HostFunctionTests.host(), deadlines: deadlines)
        for _ in 0..<50 { _ = try await machine.call(nil, [], wall: .seconds(3600)) }
        #expect(deadlines.count == 0)
    }
}
