/// Where a function may be called: in which phases of hooks, and whether while the plugin is loaded.
package struct APIPhases: Sendable, Hashable {
    package var phases: Set<HookPhase>
    package var includesLoading: Bool

    /// In every hook, and while the plugin is loaded.
    package static let anywhere = APIPhases(phases: Set(HookPhase.allCases), includesLoading: true)
    /// In hooks that may wait. Those before the commit may run twice and must not act on the world.
    package static let waiting = APIPhases(phases: Set(HookPhase.allCases.filter(\.mayWait)), includesLoading: false)
    /// In hooks that act on the world.
    package static let acting = APIPhases(phases: Set(HookPhase.allCases.filter(\.isQueued)), includesLoading: false)

    /// The phases in a person's order, such as `map, check, on`.
    package var text: String {
        if self == .anywhere { return "anywhere" }
        return HookPhase.allCases.filter { phases.contains($0) }.map(\.rawValue).joined(separator: ", ")
    }

    /// Why a call is refused, or nil when it is allowed.
    /// - Parameter hook: The hook that runs; nil while the plugin is loaded.
    package func refusal(of function: String, in hook: HookName?) -> String? {
        guard let hook else {
            return includesLoading ? nil : "\(function) cannot be called while the plugin is loaded; call it in a hook"
        }
        guard !phases.contains(hook.phase) else { return nil }
        if self == .waiting { return "\(function) cannot be called in \(hook.rawValue), which must not wait; only in the phases \(text)" }
        return "\(function) cannot be called in \(hook.rawValue) (phase \(hook.phase.rawValue)); only in the phases \(text)"
    }
}

/// What plugin.json must allow before a function does anything.
package enum APIPermission: Sendable, Hashable {
    /// The address is among `permissions.http`.
    case http
    /// The name is among `permissions.secrets`.
    case secrets
    /// `permissions.kv` is true.
    case kv
    /// The recipients are covered by `permissions.mail`.
    case mail
    /// `permissions.scim` holds `users:ACCESS` or `groups:ACCESS`, as the resource type says.
    case scim(access: String)
    /// `permissions.scim` holds `changes:read`.
    case changes

    /// How plugin.json grants it.
    package var text: String {
        switch self {
        case .http: "\"http\": [\"https://api.example.com/*\"]"
        case .secrets: "\"secrets\": [\"NAME\"]"
        case .kv: "\"kv\": true"
        case .mail: "\"mail\": [\"example.com\"]"
        case .scim(let access): "\"scim\": [\"users:\(access)\", \"groups:\(access)\"]"
        case .changes: "\"scim\": [\"changes:read\"]"
        }
    }

    /// The member of `permissions` in plugin.json.
    package var field: String {
        switch self {
        case .http: "http"
        case .secrets: "secrets"
        case .kv: "kv"
        case .mail: "mail"
        case .scim, .changes: "scim"
        }
    }
}
