import MusterCore
import MusterLua
import SCIM
import Synchronization

extension HostAPI {
    static let keyLimit = 256
    static let valueLimit = 64 << 10
    /// Keys of our own; a plugin cannot write them.
    static let reservedPrefix = "muster:"
    /// How long a finished step of `muster.once` is remembered; longer than any retry.
    static let onceLifetime = Duration.seconds(30 * 86_400)
    /// The longest that a value can be kept which is not kept for ever.
    static let longestLifetime = Duration.seconds(3_650 * 86_400)

    /// `kv_get(key)`, `kv_set(key, value, {ttl})`, `kv_incr(key, by, {ttl})`, `once_begin(name)` and `once_end(name)`.
    mutating func addValues() {
        let environment = environment
        @Sendable func opened(_ run: RunContext?, _ function: String) throws(HostCallError) -> RunContext {
            guard environment.permissions.kv else {
                throw HostCallError("\(function) is not permitted; add \"kv\": true to permissions in plugin.json")
            }
            return try run.required(for: function)
        }
        async("kv_get") { run, arguments in
            let run = try opened(run, "muster.kv")
            let bytes = try await environment.values.get(try arguments.key("kv.get"), run.tenant)
            return bytes.flatMap { PluginValue(bytes: $0) }.map { LuaValue(exactly: $0.value) }
        }
        async("kv_set") { run, arguments in
            let run = try opened(run, "muster.kv")
            let key = try arguments.key("kv.set")
            let expires = try arguments.expiry(2, "kv.set", environment.world.clock)
            let value = try arguments[1].map { try Self.storable($0, expires) }
            try await environment.values.update(key, run.tenant) { _ in value }
            return nil
        }
        async("kv_incr") { run, arguments in
            let run = try opened(run, "muster.kv")
            let key = try arguments.key("kv.incr")
            guard let step = arguments[1]?.integer else { throw HostCallError("kv.incr: the step must be a whole number") }
            let expires = try arguments.expiry(2, "kv.incr", environment.world.clock)
            let result = Mutex<Int64>(0)
            try await environment.values.update(key, run.tenant) { bytes in
                let old = bytes.flatMap { PluginValue(bytes: $0) } ?? PluginValue(0, expires: expires)
                guard let number = old.value.integer else { throw HostCallError("kv.incr: the value of '\(key)' is not a whole number") }
                let (sum, overflow) = number.addingReportingOverflow(step)
                if overflow { throw HostCallError("kv.incr: the value of '\(key)' would not fit 64 bits") }
                result.withLock { $0 = sum }
                return PluginValue(.integer(sum), expires: old.expires)
            }
            return .integer(result.withLock { $0 })
        }
        addOnce(opened)
    }

    private mutating func addOnce(_ opened: @escaping @Sendable (RunContext?, String) throws -> RunContext) {
        let environment = environment
        @Sendable func key(_ run: RunContext, _ arguments: Arguments) throws(HostCallError) -> (key: String, step: String) {
            let step = try arguments.string(0, "muster.once: the step's name")
            guard let event = run.eventID else {
                throw HostCallError("muster.once works in hooks after the commit, not in \(run.hook.rawValue)")
            }
            guard 1...64 ~= step.utf8.count else { throw HostCallError("muster.once: the step's name has 1 to 64 bytes") }
            return ("\(Self.reservedPrefix)once:\(event):\(step)", step)
        }
        async("once_begin") { run, arguments in
            let run = try opened(run, "muster.once")
            let (key, step) = try key(run, arguments)
            let isDone = try await environment.values.get(key, run.tenant) != nil
            if !isDone { run.enter(step: step) }
            return .boolean(isDone)
        }
        sync("once_leave") { run, _ in
            run?.leaveStep()
            return nil
        }
        async("once_end") { run, arguments in
            let run = try opened(run, "muster.once")
            let (key, _) = try key(run, arguments)
            run.leaveStep()
            let done = PluginValue(true, expires: environment.world.clock.now() + Self.onceLifetime)
            try await environment.values.update(key, run.tenant) { _ in done }
            return nil
        }
    }

    /// A value as it is stored, once it is sure that it can be read again.
    private static func storable(_ value: LuaValue, _ expires: Timestamp?) throws -> PluginValue {
        let stored = PluginValue(value.attributeValue, expires: expires)
        let bytes = stored.bytes
        guard bytes.count <= valueLimit else { throw HostCallError("kv.set: the value is larger than 64 KiB as JSON") }
        do { _ = try AttributeValue(json: bytes) } catch { throw HostCallError("kv.set: the value cannot be kept: \(error.reason)") }
        return stored
    }
}

extension Arguments {
    fileprivate func key(_ function: String) throws(HostCallError) -> String {
        let key = try string(0, "\(function): the key")
        guard 1...HostAPI.keyLimit ~= key.utf8.count else { throw HostCallError("\(function): the key has 1 to 256 bytes") }
        guard !key.utf8.contains(0) else { throw HostCallError("\(function): the key holds a zero byte") }
        guard !key.hasPrefix(HostAPI.reservedPrefix) else {
            throw HostCallError("\(function): keys that begin with 'muster:' are reserved")
        }
        return key
    }

    /// The time that the option `ttl`, in seconds, leads to; nil for never.
    func expiry(_ index: Int, _ function: String, _ clock: WallClock) throws(HostCallError) -> Timestamp? {
        let options = object(index)
        for member in options.members where member.key != "ttl" {
            throw HostCallError("\(function) has no option '\(member.key)'; known is ttl, in seconds")
        }
        guard let value = options["ttl"], value != .null else { return nil }
        guard let seconds = value.number, seconds > 0, seconds <= HostAPI.longestLifetime / .seconds(1) else {
            throw HostCallError("\(function): 'ttl' is a number of seconds, more than 0 and at most ten years")
        }
        return clock.now() + .seconds(seconds)
    }
}
