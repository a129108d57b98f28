import SCIM

extension LintFindings {
    /// Fields of `ctx`: those that no hook has, and those that the hooks which lead here do not have.
    mutating func checkContexts() {
        for access in facts.accesses {
            guard case .parameter(let parameter, let path) = facts.resolve(access.value), let hooks = contexts(of: parameter) else {
                continue
            }
            if path.count == 1 {
                checkField(path[0], hooks, access.place)
            } else if path.count == 2, path[0] == "config" {
                checkSetting(path[1], access.place)
            } else if path.count == 2 {
                checkPart(path[1], of: path[0], hooks, access.place)
            }
        }
    }

    /// The hooks whose `ctx` a parameter is; nil where it is none.
    func contexts(of parameter: CodeParameter) -> [APIHook]? {
        guard let names = reach.contexts[parameter], !names.isEmpty else { return nil }
        return APIReference.plugins.hooks.filter { names.contains($0.name) }
    }

    private mutating func checkField(_ name: String, _ hooks: [APIHook], _ place: CodePlace) {
        let there = Set(hooks.flatMap(\.context.names))
        guard !there.contains(name) else { return }
        let elsewhere = APIReference.plugins.hooks.filter { $0.context.names.contains(name) }.map(\.name.rawValue)
        let here = hooks.map(\.name.rawValue).joined(separator: ", ")
        let hint =
            elsewhere.isEmpty
            ? NearestName.hint(name, among: there)
            : "it is there in \(elsewhere.joined(separator: ", "))" + NearestName.suffix(name, among: there)
        note(.unknownField, place, "ctx has no field '\(name)' in \(here)", hint)
    }

    private mutating func checkSetting(_ name: String, _ place: CodePlace) {
        guard case .refused = manifest.config.additional, manifest.config.property(name) == nil else { return }
        let names = manifest.config.properties.map(\.name)
        note(.unknownSetting, place, "plugin.json describes no setting '\(name)'", NearestName.hint(name, among: names))
    }

    /// A part of a field whose type is known.
    private mutating func checkPart(_ name: String, of field: String, _ hooks: [APIHook], _ place: CodePlace) {
        let types = Set(
            hooks.flatMap { $0.context.fields.filter { $0.name == field }.flatMap { $0.type.split(separator: "|").map(String.init) } })
        guard !types.isEmpty else { return }
        let shapes = types.compactMap { known.shapes[$0] }
        if shapes.count == types.count {
            let parts = Set(shapes.flatMap { $0.fields.map(\.name) })
            guard !parts.contains(name) else { return }
            note(.unknownField, place, "ctx.\(field) has no field '\(name)'", NearestName.hint(name, among: parts))
            return
        }
        let attributes = types.compactMap { Self.attributes[$0] }
        guard attributes.count == types.count else { return }
        let names = Set(attributes.joined())
        guard !names.contains(name), let near = NearestName.of(name, among: names) else { return }
        note(.unknownAttribute, place, "RFC 7643 has no attribute '\(name)' in ctx.\(field)", "did you mean '\(near)'?")
    }

    /// The attributes of the resource types, as Lua names them: with regard to case.
    private static let attributes: [String: Set<String>] = {
        let common: Set = ["id", "externalId", "meta", "schemas"]
        return [
            "muster.User": common.union(Schema.user.attributes.map(\.name)),
            "muster.Group": common.union(Schema.group.attributes.map(\.name)),
        ]
    }()

    /// Calls: outcomes and functions with a colon, fields of the tables they take, and phases.
    mutating func checkCalls() {
        for call in facts.calls {
            let callee = facts.resolve(call.callee)
            if let method = call.method {
                checkColon(callee, method, call.place)
                continue
            }
            switch callee {
            case .global(let path):
                let name = path.joined(separator: ".")
                if let function = known.functions[name] {
                    checkTables(call, function, name)
                    checkPhase(function, name, call.place)
                }
                if ["pcall", "xpcall"].contains(name), let first = call.arguments.first, case .global(let inner) = facts.resolve(first),
                    let function = known.functions[inner.joined(separator: ".")]
                {
                    checkPhase(function, inner.joined(separator: "."), call.place)
                }
            case .parameter(let parameter, let path):
                guard path.count == 1, let hooks = contexts(of: parameter),
                    let outcome = hooks.lazy.flatMap(\.context.outcomes).first(where: { $0.name == path[0] }),
                    case .table(let given)? = call.expressions.first?.kind
                else { continue }
                check(given, of: "ctx.\(outcome.name)", fields: Set(outcome.shape.fields.map(\.name)), call.place)
            default: break
            }
        }
    }

    private mutating func checkColon(_ receiver: ResolvedValue, _ method: String, _ place: CodePlace) {
        switch receiver {
        case .global(let path) where known.modules[path.joined(separator: ".")]?.contains(method) == true:
            let name = path.joined(separator: ".")
            note(
                .callWithColon, place, "\(name):\(method) hands \(name) over as first argument",
                "call it as \(name).\(method)(...), with a dot")
        case .parameter(let parameter, let path):
            guard let hooks = contexts(of: parameter) else { return }
            let isOutcome = path.isEmpty && hooks.contains { $0.context.outcomes.contains { $0.name == method } }
            guard isOutcome || path == ["groups"] else { return }
            let name = (["ctx"] + path).joined(separator: ".")
            note(
                .callWithColon, place, "\(name):\(method) hands \(name) over as first argument", "call it as \(name).\(method), with a dot")
        default: break
        }
    }

    private mutating func checkTables(_ call: CodeFacts.Call, _ function: APIFunction, _ name: String) {
        for (parameter, expression) in zip(function.parameters, call.expressions) {
            guard let shape = known.shapes[parameter.type], case .table(let given) = expression.kind else { continue }
            check(given, of: "\(name): \(parameter.name)", fields: Set(shape.fields.map(\.name)), call.place)
        }
    }

    private mutating func checkPhase(_ function: APIFunction, _ name: String, _ place: CodePlace) {
        let refusals = reach.sites[place.function].compactMap { site in
            switch site {
            case .loading: function.phases.refusal(of: name, in: nil)
            case .hook(let hook): function.phases.refusal(of: name, in: hook)
            }
        }
        for refusal in refusals.sorted() { note(.phase, place, refusal) }
    }
}

extension APIContext {
    /// The names of all that `ctx` has.
    var names: [String] { fields.map(\.name) + outcomes.map(\.name) }
}
