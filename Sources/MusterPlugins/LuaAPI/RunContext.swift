import MusterCore
import MusterLua
import Synchronization

/// One run of a hook, as the functions know it that the hook calls.
final class RunContext: Sendable {
    /// The hook.
    let hook: HookName
    /// Whose directory.
    let tenant: Tenant
    /// The request that the run belongs to.
    let requestID: String
    /// The event, for hooks after the commit.
    let eventID: String?
    /// How many hooks stand between what caused the run and an outside request; see `RequestOrigin.depth`.
    let depth: Int
    /// Parts of `ctx` that are made only when they are touched.
    let lazy: [String: @Sendable () -> LuaValue?]
    /// What the run does and is told, where its world takes that down.
    let journal = RunJournal()
    /// What an earlier run of the same event was told, in a world that only records.
    let tape: RunTape?

    private struct Counters {
        var requests: [String: Int] = [:]
        var mails: [String: Int] = [:]
        var steps: [String] = []
        var logLines = 0
        var heldBack: HeldBack?
        var waited = Duration.zero
    }
    private let counters = Mutex(Counters())

    init(
        hook: HookName, tenant: Tenant, requestID: String, eventID: String? = nil, depth: Int = 0,
        lazy: [String: @Sendable () -> LuaValue?] = [:], tape: RunTape? = nil
    ) {
        self.hook = hook
        self.tenant = tenant
        self.requestID = requestID
        self.eventID = eventID
        self.depth = depth
        self.lazy = lazy
        self.tape = tape
    }

    /// What is one and the same on every attempt of a plugin to handle an event, and for no other plugin or event:
    /// `ctx.event.idempotencyKey`.
    static func idempotencyKey(of eventID: String, for plugin: String) -> String { "\(eventID):\(plugin)" }

    /// Tells receivers that a request was sent before: the same for the same step on every attempt. Nil before the commit.
    func nextIdempotencyKey(of plugin: String) -> String? {
        guard let eventID else { return nil }
        let (step, number) = next(\.requests)
        return [Self.idempotencyKey(of: eventID, for: plugin), step, String(number)].compactMap(\.self).joined(separator: ":")
    }

    /// Tells a mail from all others: the same for the same step on every attempt. What may stand in front of the `@` of a
    /// `Message-ID` (RFC 5322 §3.6.4). Nil before the commit.
    func nextMailKey(of plugin: String) -> String? {
        guard let eventID else { return nil }
        let (step, number) = next(\.mails)
        return [plugin, eventID, step, String(number)].compactMap { $0?.asAtom }.joined(separator: ".")
    }

    /// Counts in the step that runs.
    private func next(_ counter: WritableKeyPath<Counters, [String: Int]>) -> (step: String?, number: Int) {
        counters.withLock { counters in
            let step = counters.steps.last
            counters[keyPath: counter][step ?? "", default: 0] += 1
            return (step, counters[keyPath: counter][step ?? "", default: 0])
        }
    }

    /// Numbers requests apart while a step of `muster.once` runs, so that a step which is passed over on a later
    /// attempt does not give its keys to the next one.
    func enter(step: String) { counters.withLock { $0.steps.append(step) } }

    /// The step is over, well or badly; requests are numbered on where they were before it.
    func leaveStep() { counters.withLock { _ = $0.steps.popLast() } }

    /// Notes that a call was held back from its destination, and what the script was told.
    func holdBack(for wait: Duration, saying message: String) {
        counters.withLock { $0.heldBack = HeldBack(wait: wait, description: message) }
    }

    /// The call that was held back, where the run ended by that and the script did not take care of it; else nil.
    func heldBack(by failure: PluginFailure) -> HeldBack? {
        counters.withLock { $0.heldBack }.flatMap { failure.message.hasSuffix($0.description) ? $0 : nil }
    }

    /// How long the run has waited in a world where time only passes by being counted.
    var waited: Duration { counters.withLock { $0.waited } }

    /// Counts time that the run waits in such a world.
    func wait(_ time: Duration) { counters.withLock { $0.waited += time } }

    /// The number of lines logged so far, counting this one.
    func countLogLine() -> Int {
        counters.withLock {
            $0.logLines += 1
            return $0.logLines
        }
    }
}

extension String {
    /// The text in letters, digits and hyphens alone, others as `=3A`: two texts never become one.
    fileprivate var asAtom: String {
        utf8.map { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"):
                String(UnicodeScalar(byte))
            default: "=" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}

/// The runs under way of one plugin. A run is admitted before Lua knows of it, and shows its token when it begins.
final class RunRegistry: Sendable {
    private struct State {
        var last: Int64 = 0
        var admitted: [Int64: RunContext] = [:]
    }
    private let state = Mutex(State())

    /// Announces a run.
    /// - Returns: What the run shows when it begins.
    func admit(_ context: RunContext) -> Int64 {
        state.withLock { state in
            state.last += 1
            state.admitted[state.last] = context
            return state.last
        }
    }

    /// The run is over; what it left behind finds nothing any more.
    func release(_ token: Int64) { state.withLock { $0.admitted[token] = nil } }

    /// The run, as long as it is not over.
    func context(_ token: Int64) -> RunContext? { state.withLock { $0.admitted[token] } }
}

/// The same runs by the numbers that one Lua machine gives them.
final class MachineRuns: Sendable {
    private let registry: RunRegistry
    private let tokens = Mutex<[UInt32: Int64]>([:])

    init(_ registry: RunRegistry) { self.registry = registry }

    /// A run has begun.
    func begin(_ run: UInt32, token: Int64) {
        tokens.withLock { tokens in
            // A machine never gives a number twice, so those of ended runs only take up room.
            if tokens.count >= 256 { tokens = tokens.filter { registry.context($0.value) != nil } }
            tokens[run] = token
        }
    }

    /// The run with this number; nil while the plugin is being loaded, and once the run is over.
    func context(_ run: UInt32) -> RunContext? {
        tokens.withLock { $0[run] }.flatMap { registry.context($0) }
    }
}
