import MusterLua

/// A run of a hook that did not end by its own word: an error in its Lua, or a limit that it met.
struct PluginFailure: Error, Sendable {
    /// What it was, in two or three words: `runtime error`.
    var kind: String
    /// What was said, without the place.
    var message: String
    /// The file, as `PLUGIN/init.lua`, or "".
    var file: String
    /// The line, or 0.
    var line: Int
    /// The call stack, or "".
    var traceback: String
    /// Whether the run was stopped because it used too much CPU time or memory.
    var isKill = false

    /// `PLUGIN/init.lua:3`, or "".
    var place: String { file.isEmpty ? "" : line > 0 ? "\(file):\(line)" : file }

    /// Place and message, for the operator.
    var description: String { (place.isEmpty ? "" : place + ": ") + message }

    /// Kind and place, for whoever caused it: nothing of the plugin's inside.
    var summary: String { kind + (place.isEmpty ? "" : " at \(place)") }

    init(kind: String, message: String, file: String = "", line: Int = 0, traceback: String = "") {
        self.kind = kind
        self.message = message
        self.file = file
        self.line = line
        self.traceback = traceback
    }

    init(_ error: LuaError, mask: SecretMask) {
        kind =
            switch error.kind {
            case .runtime: "runtime error"
            case .syntax: "syntax error"
            case .memory: "memory limit reached"
            case .cpu: "CPU time limit reached"
            case .timeout: "time-out"
            case .cancelled: "cancelled"
            case .abandoned: "machine that did not come back"
            case .convert: "value that cannot be passed"
            default: "internal error"
            }
        let (place, text) = Self.split(error.message)
        message = mask.masked(text)
        file = place?.file ?? error.file
        line = place?.line ?? error.line
        traceback = mask.masked(error.traceback)
        isKill = [.cpu, .memory, .abandoned].contains(error.kind)
    }

    /// Takes the place off the front of Lua's message: `welcome-mail/init.lua:3: attempt to ...`.
    private static func split(_ message: String) -> (place: (file: String, line: Int)?, text: String) {
        guard let end = message.firstRange(of: ": "), let colon = message[..<end.lowerBound].lastIndex(of: ":"),
            let line = Int(message[message.index(after: colon)..<end.lowerBound]), message[..<colon].hasSuffix(".lua")
        else { return (nil, message) }
        return ((String(message[..<colon]), line), String(message[end.upperBound...]))
    }
}
