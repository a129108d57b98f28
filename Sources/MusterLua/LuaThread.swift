import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A serial executor on one OS thread whose stack is known to be large enough for Lua.
///
/// The thread ends once nothing refers to the executor any more and its queue is empty. Actors on it refer to it, so that they may be
/// what drops it last, from the thread itself.
package final class LuaThread: SerialExecutor {
    private let core: Core

    package let label: String

    /// - Parameter stackBytes: Deep recursion through `string.gsub` callbacks needs about 600 KiB before Lua's own limit stops it.
    package init(label: String, stackBytes: Int = 2 << 20) {
        self.label = label
        core = Core()
        Core.launch(core, executor: asUnownedSerialExecutor(), label: label, stackBytes: stackBytes)
    }

    deinit { core.stop() }

    package func enqueue(_ job: consuming ExecutorJob) {
        core.push(UnownedJob(job))
    }

    /// Does something on the thread, after the jobs that are in the queue by now. It runs even where nobody refers to the executor
    /// any more.
    func afterAll(_ body: @escaping () -> Void) { core.push(body) }

    /// How long the job that runs now has been running; nil when the thread is idle.
    package var busy: Duration? {
        let since = core.busySince.load(ordering: .relaxed)
        guard since != 0 else { return nil }
        return .nanoseconds(Int64(clamping: monotonicNanoseconds() &- since))
    }

    // @unchecked: `mutex` guards the queue and `isStopped`; `busySince` is atomic.
    private final class Core: @unchecked Sendable {
        let busySince = Atomic<UInt64>(0)
        private let mutex: UnsafeMutablePointer<pthread_mutex_t>
        private let condition: UnsafeMutablePointer<pthread_cond_t>
        private var queue: [Work] = []
        private var head = 0
        private var isStopped = false

        init() {
            mutex = .allocate(capacity: 1)
            mutex.initialize(to: pthread_mutex_t())
            condition = .allocate(capacity: 1)
            condition.initialize(to: pthread_cond_t())
            pthread_mutex_init(mutex, nil)
            pthread_cond_init(condition, nil)
        }

        deinit {
            pthread_mutex_destroy(mutex)
            pthread_cond_destroy(condition)
            mutex.deallocate()
            condition.deallocate()
        }

        /// What the thread has to do.
        private enum Work {
            case run(UnownedJob)
            case call(() -> Void)
        }

        func push(_ job: UnownedJob) { push(.run(job)) }

        func push(_ body: @escaping () -> Void) { push(.call(body)) }

        private func push(_ work: Work) {
            pthread_mutex_lock(mutex)
            queue.append(work)
            pthread_mutex_unlock(mutex)
            pthread_cond_signal(condition)
        }

        func stop() {
            pthread_mutex_lock(mutex)
            isStopped = true
            pthread_mutex_unlock(mutex)
            pthread_cond_signal(condition)
        }

        /// What is next; nil when the thread shall end.
        private func pop() -> Work? {
            pthread_mutex_lock(mutex)
            defer { pthread_mutex_unlock(mutex) }
            while head == queue.count && !isStopped { pthread_cond_wait(condition, mutex) }
            guard head < queue.count else { return nil }
            let work = queue[head]
            head += 1
            if head == queue.count {
                queue.removeAll(keepingCapacity: true)
                head = 0
            }
            return work
        }

        private func loop(executor: UnownedSerialExecutor) {
            while let work = pop() {
                busySince.store(monotonicNanoseconds(), ordering: .relaxed)
                switch work {
                case .run(let job): job.runSynchronously(on: executor)
                case .call(let body): body()
                }
                busySince.store(0, ordering: .relaxed)
            }
        }

        /// What the new thread is handed; it keeps the core alive until the thread ends.
        private final class Start {
            let core: Core
            let executor: UnownedSerialExecutor

            init(core: Core, executor: UnownedSerialExecutor) {
                self.core = core
                self.executor = executor
            }
        }

        static func launch(_ core: Core, executor: UnownedSerialExecutor, label: String, stackBytes: Int) {
            let start = Unmanaged.passRetained(Start(core: core, executor: executor)).toOpaque()
            var attributes = pthread_attr_t()
            pthread_attr_init(&attributes)
            pthread_attr_setstacksize(&attributes, stackBytes)
            pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
            defer { pthread_attr_destroy(&attributes) }
            #if canImport(Darwin)
                var thread: pthread_t?
                let code = pthread_create(&thread, &attributes, { Core.main($0) }, start)
            #else
                var thread = pthread_t()
                let code = pthread_create(&thread, &attributes, { Core.main($0) }, start)
            #endif
            precondition(code == 0, "the system refuses the thread \(label): error \(code)")
        }

        private static func main(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let argument else { return nil }
            let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
            start.core.loop(executor: start.executor)
            return nil
        }
    }
}

private func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
