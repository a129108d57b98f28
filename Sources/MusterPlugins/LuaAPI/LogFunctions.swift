import MusterLua
import SCIM

extension HostAPI {
    /// The most that one run may log, in lines.
    static let logLineLimit = 100
    static let logMessageLimit = 4096
    static let logFieldLimit = 20
    static let logValueLimit = 1024

    /// `log(level, message, fields)`. Never fails: what is too long is cut, what is too much is left out.
    mutating func addLog() {
        let environment = environment
        sync("log") { run, arguments in
            let count = run?.countLogLine() ?? 1
            guard count <= Self.logLineLimit else { return nil }
            let mask = environment.mask()
            var message = mask.masked(try arguments.string(1, "log: the message"))
            if count == Self.logLineLimit { message += " (the run logs too much; further lines are dropped)" }
            let fields = arguments.object(2).members.prefix(Self.logFieldLimit).map { member in
                (name: String(member.key.prefix(64)), value: mask.masked(member.value.logText).cut(to: Self.logValueLimit))
            }
            let level = PluginLogEntry.Level(rawValue: try arguments.string(0, "log: the level")) ?? .info
            environment.log(PluginLogEntry(level: level, message: message.cut(to: Self.logMessageLimit), fields: fields, run: run))
            return nil
        }
    }
}

extension LuaValue {
    /// The value in a log line: texts as they are, all else as JSON.
    fileprivate var logText: String { string ?? attributeValue.jsonText }
}

extension String {
    /// The first `limit` bytes or a little less, with a mark where something is left out.
    func cut(to limit: Int) -> String {
        guard utf8.count > limit else { return self }
        return String(decoding: utf8.prefix(limit), as: UTF8.self) + "…"
    }
}
