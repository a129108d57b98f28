/// What `muster plugin check` looks for in code. `-- muster: ignore RULE` in a line, or alone above it, switches a rule off there.
package enum LintRule: String, Sendable, CaseIterable {
    case unknownGlobal = "unknown-global"
    case globalAssignment = "global-assignment"
    case unknownMember = "unknown-member"
    case readOnly = "read-only"
    case unknownHook = "unknown-hook"
    case unknownField = "unknown-field"
    case unknownAttribute = "unknown-attribute"
    case unknownSetting = "unknown-setting"
    case unknownModule = "unknown-module"
    case callWithColon = "call-with-colon"
    case phase
    case missingPermission = "missing-permission"
    case unusedPermission = "unused-permission"
    case unusedLocal = "unused-local"
    case unusedFunction = "unused-function"

    /// How bad a finding is: an error fails when the line runs, a warning is probably not meant so.
    package var severity: Diagnostic.Severity {
        switch self {
        case .unknownAttribute, .unusedPermission, .unusedLocal, .unusedFunction: .warning
        default: .error
        }
    }

    /// What it finds.
    package var sentence: String {
        switch self {
        case .unknownGlobal: "a name that is nowhere defined"
        case .globalAssignment: "an assignment to a global, which is refused when it runs"
        case .unknownMember: "a member that a library, muster or test does not have"
        case .readOnly: "an assignment to a library or to muster"
        case .unknownHook: "a function in the plugin's table that is no hook"
        case .unknownField: "a field that ctx or a function's table does not have"
        case .unknownAttribute: "an attribute that looks like a misspelt one of RFC 7643"
        case .unknownSetting: "a field of ctx.config that plugin.json does not describe"
        case .unknownModule: "a require of a file that is not there"
        case .callWithColon: "a call with a colon where a dot is meant"
        case .phase: "a call that the phase of the hook does not allow"
        case .missingPermission: "a call without its permission in plugin.json"
        case .unusedPermission: "a permission that no line needs"
        case .unusedLocal: "a local that is never read, unless named _..."
        case .unusedFunction: "a local function that is never used"
        }
    }
}
