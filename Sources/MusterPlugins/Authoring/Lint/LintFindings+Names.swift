import SCIM

extension LintFindings {
    /// Globals, members and modules that are not there, and assignments to what cannot be changed.
    mutating func checkNames(modules: [String]) {
        for global in facts.globals {
            if global.isWrite {
                note(.globalAssignment, global.place, "assignment to global '\(global.name)'", "declare it with 'local'")
            } else if !known.isGlobal(global.name) {
                let near = NearestName.of(global.name, among: known.allGlobals + localNames(around: global.place))
                let hint = LuaLibrary.missing[global.name] ?? near.map { "did you mean '\($0)'?" } ?? "declare it with 'local'"
                note(.unknownGlobal, global.place, "undefined global '\(global.name)'", hint)
            }
        }
        for access in facts.accesses {
            guard case .global(let path) = facts.resolve(access.value), let member = path.last else { continue }
            let parent = path.dropLast().joined(separator: ".")
            guard let members = known.modules[parent] else { continue }
            if access.isWrite {
                note(.readOnly, access.place, "'\(path.joined(separator: "."))' cannot be assigned to: \(parent) is read-only")
            } else if !members.contains(member) {
                note(.unknownMember, access.place, "\(parent) has no '\(member)'", NearestName.hint(member, among: members))
            }
        }
        for call in facts.calls {
            guard case .global(["require"]) = facts.resolve(call.callee), case .string(let name)? = call.expressions.first?.kind,
                !modules.contains(name)
            else { continue }
            note(.unknownModule, call.place, "module '\(name)' not found in this plugin", NearestName.hint(name, among: modules))
        }
    }

    private func localNames(around place: CodePlace) -> [String] {
        facts.variables.filter { $0.place.file == place.file && $0.place.line <= place.line }.map(\.name)
    }

    /// Locals that nobody reads.
    mutating func checkUnused() {
        for variable in facts.variables where variable.reads == 0 && !variable.name.hasPrefix("_") {
            switch variable.kind {
            case .local: note(.unusedLocal, variable.place, "the local '\(variable.name)' is never read")
            case .function: note(.unusedFunction, variable.place, "the local function '\(variable.name)' is never used")
            case .parameter, .loop: break
            }
        }
    }

    /// Functions in the plugin's table that are no hooks.
    mutating func checkHooks() {
        for hook in reach.hooks where HookName(rawValue: hook.name) == nil {
            note(
                .unknownHook, hook.place, "'\(hook.name)' is no hook", NearestName.hint(hook.name, among: HookName.allCases.map(\.rawValue))
            )
        }
    }

    /// Hooks and fields that a spec names.
    mutating func checkSpecs() {
        let fields = Set(APIReference.plugins.contexts.flatMap(\.fields).filter { $0.source != .made }.map(\.name))
        for call in facts.calls {
            guard case .global(let path) = facts.resolve(call.callee), ["test.run", "test.error_of"].contains(path.joined(separator: "."))
            else { continue }
            if case .string(let name)? = call.expressions.first?.kind, HookName(rawValue: name) == nil {
                note(.unknownHook, call.place, "'\(name)' is no hook", NearestName.hint(name, among: HookName.allCases.map(\.rawValue)))
            }
            guard call.expressions.count > 1, case .table(let given) = call.expressions[1].kind else { continue }
            check(given, of: "ctx", fields: fields, call.place)
        }
    }

    /// Fields of a table that stands in the code.
    mutating func check(_ table: [LuaTableField], of owner: String, fields: Set<String>, _ place: CodePlace) {
        for field in table {
            guard let key = field.key, case .string(let name) = key.kind, !fields.contains(name) else { continue }
            let place = CodePlace(file: place.file, line: key.line, function: place.function)
            note(.unknownField, place, "\(owner) has no field '\(name)'", NearestName.hint(name, among: fields))
        }
    }
}
