import MusterCore
import SCIM

extension LintFindings {
    /// Permissions that calls need and plugin.json does not give, and those that it gives and nobody needs.
    mutating func checkPermissions(_ manifestText: String) {
        var uses = PermissionUses()
        for access in facts.accesses where !access.isWrite {
            guard case .global(let path) = facts.resolve(access.value),
                let permission = known.functions[path.joined(separator: ".")]?.permission
            else { continue }
            uses.fields.insert(permission.field)
            guard !isGranted(permission) else { continue }
            missing(access.place, "\(path.joined(separator: ".")) is not permitted", permission.text)
        }
        for call in facts.calls where call.method == nil {
            guard case .global(let path) = facts.resolve(call.callee),
                let permission = known.functions[path.joined(separator: ".")]?.permission
            else { continue }
            check(call, path.joined(separator: "."), permission, &uses)
        }
        checkMemberships(&uses)
        checkUnused(uses, manifestText)
    }

    /// `ctx.groups.add` and `ctx.groups.remove` change groups.
    private mutating func checkMemberships(_ uses: inout PermissionUses) {
        for access in facts.accesses {
            guard case .parameter(let parameter, let path) = facts.resolve(access.value), path.count == 2, path[0] == "groups",
                contexts(of: parameter) != nil
            else { continue }
            uses.scim.insert("groups:write")
            guard !manifest.permissions.scim.contains("groups:write") else { continue }
            missing(access.place, "ctx.groups.\(path[1]) is not permitted", "\"groups:write\" to \"scim\"")
        }
    }

    /// What the code was seen to need.
    private struct PermissionUses {
        /// Members of `permissions`.
        var fields: Set<String> = []
        /// Entries of `permissions.scim` that are named by a literal type.
        var scim: Set<String> = []
        /// The access, such as `read`, that some call needs for a type that is not known by reading.
        var openAccess: Set<String> = []
        /// Whether a secret's name is not known by reading.
        var hasOpenSecret = false
    }

    private mutating func missing(_ place: CodePlace, _ summary: String, _ grant: String, in list: String = "permissions") {
        note(.missingPermission, place, summary, "add \(grant) to \(list) in plugin.json")
    }

    private func isGranted(_ permission: APIPermission) -> Bool {
        let permissions = manifest.permissions
        return switch permission {
        case .http: !permissions.http.isEmpty
        case .secrets: !permissions.secrets.isEmpty
        case .kv: permissions.kv
        case .mail: permissions.mail.isGranted
        case .scim(let access): permissions.scim.contains { $0.hasSuffix(":\(access)") }
        case .changes: permissions.scim.contains("changes:read")
        }
    }

    private mutating func check(_ call: CodeFacts.Call, _ name: String, _ permission: APIPermission, _ uses: inout PermissionUses) {
        let text: String? = if case .string(let text)? = call.expressions.first?.kind { text } else { nil }
        switch permission {
        case .kv: break
        case .mail: checkRecipients(call.expressions.first, call.place)
        case .changes: uses.scim.insert("changes:read")
        case .http: checkAddress(text ?? Self.address(in: call.expressions.first), call.place)
        case .secrets:
            guard let text else {
                uses.hasOpenSecret = true
                return
            }
            guard isGranted(permission), !manifest.permissions.secrets.contains(text) else { return }
            missing(call.place, "\(name): '\(text)' is not among this plugin's secrets", "\"\(text)\"", in: "permissions.secrets")
        case .scim(let access):
            guard let text else {
                uses.openAccess.insert(access)
                return
            }
            guard let kind = ["User": "users", "Group": "groups"][text] else { return }
            uses.scim.insert("\(kind):\(access)")
            guard isGranted(permission), !manifest.permissions.scim.contains("\(kind):\(access)") else { return }
            missing(call.place, "\(name) of \(text) is not permitted", "\"\(kind):\(access)\"", in: "permissions.scim")
        }
    }

    /// The address in `muster.http.request { url = "..." }`.
    private static func address(in expression: LuaExpression?) -> String? {
        guard case .table(let fields)? = expression?.kind else { return nil }
        for field in fields {
            if case .string("url")? = field.key?.kind, case .string(let text) = field.value.kind { return text }
        }
        return nil
    }

    /// An address that stands in the code must be covered, unless a setting could cover it.
    private mutating func checkAddress(_ text: String?, _ place: CodePlace) {
        let patterns = manifest.permissions.http
        guard let text, !patterns.isEmpty, patterns.allSatisfy({ $0.setting == nil }), let address = try? WebAddress(text),
            !patterns.contains(where: { $0.matches(address) })
        else { return }
        missing(place, "\(text) is not among the addresses of this plugin", "it", in: "permissions.http")
    }

    /// A recipient that stands in the code must be permitted.
    private mutating func checkRecipients(_ expression: LuaExpression?, _ place: CodePlace) {
        let permission = manifest.permissions.mail
        guard permission.isGranted, case .table(let fields)? = expression?.kind else { return }
        for field in fields {
            guard case .string(let name)? = field.key?.kind, ["to", "cc", "bcc"].contains(name) else { continue }
            let values = if case .table(let elements) = field.value.kind { elements.map(\.value) } else { [field.value] }
            for value in values {
                guard case .string(let text) = value.kind, let address = try? MailAddress(text), !permission.allows(address) else {
                    continue
                }
                missing(
                    place, "\(address.text) is not among those whom this plugin may write to", "\"\(address.domain)\"",
                    in: "permissions.mail")
            }
        }
    }

    private mutating func checkUnused(_ uses: PermissionUses, _ manifestText: String) {
        let permissions = manifest.permissions
        let file = "\(manifest.name)/plugin.json"
        let lines = Findings(file: file, text: manifestText)
        var unused: [(path: String, what: String)] = []
        if !permissions.http.isEmpty, !uses.fields.contains("http") { unused.append(("permissions.http", "no line calls muster.http")) }
        if permissions.mail.isGranted, !uses.fields.contains("mail") {
            unused.append(("permissions.mail", "no line calls muster.mail"))
        }
        if permissions.kv, !uses.fields.contains("kv") { unused.append(("permissions.kv", "no line uses muster.kv or muster.once")) }
        for name in permissions.secrets where !uses.hasOpenSecret && !facts.strings.contains(name) {
            unused.append(("permissions.secrets", "no line reads the secret '\(name)'"))
        }
        for entry in permissions.scim where !uses.scim.contains(entry) && !uses.openAccess.contains(where: { entry.hasSuffix(":\($0)") }) {
            unused.append(("permissions.scim", "no line needs '\(entry)'"))
        }
        for (path, what) in unused {
            add(
                Diagnostic(
                    LintRule.unusedPermission.severity, what, detail: "take it out of plugin.json", path: path, file: file,
                    line: lines.line(of: path), rule: LintRule.unusedPermission.rawValue))
        }
    }
}
