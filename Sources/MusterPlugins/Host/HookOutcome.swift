import MusterLua
import SCIM

/// How a run of a hook ended by its own word.
enum HookOutcome: Sendable {
    /// It came to its end, with what it returns to the host.
    case done(LuaValue)
    /// It had nothing to do.
    case skip(reason: String?)
    /// It refuses the change: the client's answer, and what only the log is told.
    case reject(SCIMError, reason: String?)
    /// It wants to be called again.
    case retry(after: Duration?, reason: String)
    /// It gives up.
    case fail(reason: String)

    /// The longest wait that a hook can ask for.
    static let longestWait = Duration.seconds(86_400)

    /// The outcome that a hook raised by `ctx.reject{...}` and its sisters; nil when the value is none that goes with
    /// the phase, so that it counts as an error.
    init?(raised value: LuaValue, in phase: HookPhase) {
        guard let fields = value.object, let kind = fields["outcome"]?.string, phase.outcomes.contains(kind) else { return nil }
        let reason = fields["reason"]?.string
        switch kind {
        case "skip": self = .skip(reason: reason)
        case "reject":
            let status = fields["status"]?.integer ?? 400
            guard 400...599 ~= status else { return nil }
            let detail = fields["detail"]?.string ?? (phase == .outbound ? "no reason is given" : "the change is not allowed here")
            self = .reject(SCIMError(status: Int(status), scimType: fields["scimType"]?.string, detail: detail), reason: reason)
        case "retry":
            self = .retry(after: fields["after"]?.number.flatMap(Self.wait), reason: reason ?? "the plugin asked for another try")
        case "fail": self = .fail(reason: reason ?? "the plugin gave up")
        default: return nil
        }
    }

    /// So many seconds, at most ``longestWait``; nil for what is no time to wait.
    private static func wait(_ seconds: Double) -> Duration? {
        // Cut as a number: not every number fits a duration.
        seconds >= 0 ? .seconds(min(seconds, longestWait / .seconds(1))) : nil
    }

    /// The word for metrics and specs.
    var word: String {
        switch self {
        case .done: "done"
        case .skip: "skip"
        case .reject: "reject"
        case .retry: "retry"
        case .fail: "fail"
        }
    }
}
