import MusterLua

extension APIReference {
    /// The names of all functions and values, such as `muster.http.get`.
    package var names: [String] {
        modules.flatMap { module in (module.functions.map(\.name) + module.values.map(\.name)).map { module.name(of: $0) } }
    }

    /// The phases of each host function: those of all functions that it does the work for, and what they are called.
    static let hostPhases: [String: (function: String, phases: APIPhases)] = {
        var found: [String: (function: String, phases: APIPhases)] = [:]
        for module in plugins.modules {
            for function in module.functions {
                for host in function.host {
                    guard let other = found[host] else {
                        found[host] = (module.name(of: function.name), function.phases)
                        continue
                    }
                    let phases = APIPhases(
                        phases: other.phases.phases.union(function.phases.phases),
                        includesLoading: other.phases.includesLoading || function.phases.includesLoading)
                    found[host] = (module.name, phases)
                }
            }
        }
        return found
    }()

    /// What prelude.lua and testkit.lua are handed, as the local `reference`.
    var luaValue: LuaValue {
        let fields = contexts.flatMap(\.fields)
        func names(_ source: APIField.Source) -> LuaValue {
            .object(LuaObject(Set(fields.filter { $0.source == source }.map(\.name)).sorted().map { .init(key: $0, value: true) }))
        }
        return [
            "functions": .array(modules.flatMap { module in module.functions.map { .string(module.name(of: $0.name)) } }),
            "values": .array(modules.flatMap { module in module.values.map { .string(module.name(of: $0.name)) } }),
            "ctx": ["given": names(.given), "lazy": names(.lazy), "made": names(.made)],
            "hooks": .object(
                LuaObject(
                    hooks.map { hook in
                        let made = hook.context.fields.filter { $0.source == .made }.map { LuaValue.string($0.name) }
                        let outcomes = hook.context.outcomes.map { LuaValue.string($0.name) }
                        return .init(
                            key: hook.name.rawValue,
                            value: [
                                "phase": .string(hook.name.phase.rawValue), "isQueued": .boolean(hook.name.phase.isQueued),
                                "made": .array(made), "outcomes": .array(outcomes),
                            ])
                    })),
            "outcomes": .object(
                LuaObject(
                    outcomes.map { outcome in
                        .init(
                            key: outcome.name,
                            value: ["shorthand": .string(outcome.shorthand), "fields": outcome.shape.fieldTypes])
                    })),
            "request": APIShape.httpRequest.fieldTypes, "mail": APIShape.mail.fieldTypes,
        ]
    }

    /// The outcomes of all hooks, each once.
    package var outcomes: [APIOutcome] {
        contexts.flatMap(\.outcomes).reduce(into: []) { found, outcome in
            if !found.contains(where: { $0.name == outcome.name }) { found.append(outcome) }
        }
    }
}

extension APIShape {
    /// What Lua's `type` says of each field; `any` where it may be anything.
    fileprivate var fieldTypes: LuaValue {
        .object(
            LuaObject(
                fields.map { field in
                    let type =
                        switch field.type {
                        case "integer": "number"
                        case let type where type.hasPrefix("table"): "table"
                        case let type where type.contains("|"): "any"
                        case let type: type
                        }
                    return .init(key: field.name, value: .string(type))
                }))
    }
}
