import SCIM

/// The documentation of the plugins' API, page by page: `muster plugin docs`.
package enum ReferenceBook {
    private static var references: [APIReference] { [.plugins, .specs] }
    private static var hooks: [APIHook] { APIReference.plugins.hooks }
    private static var contexts: [APIContext] { APIReference.plugins.contexts }
    private static var modules: [APIModule] { references.flatMap(\.modules) }
    private static var shapes: [APIShape] { references.flatMap(\.shapes) + APIReference.plugins.outcomes.map(\.shape) }

    /// The page about a name, such as `muster.http.post`, `onCreate`, `ctx.user`, `manifest`; nil where there is none.
    package static func page(_ name: String) -> ReferencePage? {
        if name == "manifest" { return manifest }
        if name == "ctx" { return context }
        if name == "hooks" { return ReferencePage(blocks: [.heading(level: 1, "Hooks"), .terms(hookTerms)]) }
        if let hook = hooks.first(where: { $0.name.rawValue == name }) { return page(hook) }
        if name.hasPrefix("ctx."), let page = field(String(name.dropFirst(4))) { return page }
        let expectation = name == "expect" ? "expect(value)" : name
        for module in modules where !module.name.isEmpty && module.name == expectation { return page(module) }
        for module in modules {
            for function in module.functions where names(of: function, in: module).contains(name) {
                return ReferencePage(blocks: blocks(function, in: module, level: 1))
            }
            for value in module.values where module.name(of: value.name) == name {
                return ReferencePage(blocks: [.heading(level: 1, name), .terms([term(value)])])
            }
        }
        return shapes.first { $0.name == name }.map { ReferencePage(blocks: blocks($0, level: 1)) }
    }

    /// Every name that has a page.
    package static var names: [String] {
        var names = ["manifest", "ctx", "hooks", "expect"] + hooks.map(\.name.rawValue) + modules.map(\.name).filter { !$0.isEmpty }
        for module in modules { names += (module.functions.map(\.name) + module.values.map(\.name)).map { module.name(of: $0) } }
        names += contexts.flatMap { context in context.names.map { "ctx.\($0)" } } + shapes.map(\.name)
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    /// What there is, each in a line.
    package static var overview: ReferencePage {
        var page = ReferencePage(blocks: [
            .heading(level: 1, "The API of plugins"),
            .text("'muster plugin docs NAME' tells more about each name, 'manifest' and 'ctx' too."),
            .heading(level: 2, "Hooks"), .terms(hookTerms),
        ])
        for module in modules where !(module.functions.isEmpty && module.values.isEmpty) {
            page.blocks.append(.heading(level: 2, title(module)))
            let functions = module.functions.map { ReferencePage.Term(name: module.name(of: $0.name), meaning: $0.sentence) }
            let values = module.values.map { ReferencePage.Term(name: module.name(of: $0.name), meaning: $0.sentence) }
            page.blocks.append(.terms(functions + values))
        }
        return page
    }

    /// All of it, as an article.
    package static var article: ReferencePage {
        var blocks: [ReferencePage.Block] = [
            .heading(level: 1, "The API of plugins"),
            .text("Every hook, field and function that a plugin in Lua can use, with the phases and permissions."),
            .heading(level: 2, "Overview"),
            .text(
                "Generated from the table that registers the API. `muster plugin docs NAME` prints the same on a terminal, "
                    + "`muster plugin definitions` makes editors know it, and `muster plugin check` holds plugins against it."),
        ]
        blocks += manifest.blocks.map(lowered) + [.heading(level: 2, "Hooks")]
        for hook in hooks { blocks += page(hook).blocks.map { lowered(lowered($0)) } }
        blocks += context.blocks.map(lowered)
        for module in modules { blocks += page(module).blocks.map(lowered) }
        blocks.append(.heading(level: 2, "Tables"))
        for shape in shapes { blocks += self.blocks(shape, level: 3) }
        return ReferencePage(blocks: blocks)
    }

    private static func lowered(_ block: ReferencePage.Block) -> ReferencePage.Block {
        if case .heading(let level, let text) = block { .heading(level: level + 1, text) } else { block }
    }

    // MARK: Hooks and ctx

    private static var hookTerms: [ReferencePage.Term] { hooks.map { .init(name: $0.name.rawValue, meaning: $0.sentence) } }

    private static func page(_ hook: APIHook) -> ReferencePage {
        ReferencePage(blocks: [
            .heading(level: 1, hook.name.rawValue), .text(hook.sentence), .code(hook.example, language: "lua"),
            .text("Its phase is `\(hook.name.phase.rawValue)`. `ctx` is a `\(hook.context.name)`:"),
            .terms(hook.context.fields.map(term) + hook.context.outcomes.map { .init(name: "\($0.name)(...)", meaning: $0.sentence) }),
        ])
    }

    private static var context: ReferencePage {
        var blocks: [ReferencePage.Block] = [
            .heading(level: 1, "ctx"),
            .text("What a hook is given. A field that is not there is an error with the line; null never appears."),
        ]
        for context in contexts {
            let names = hooks.filter { $0.context.name == context.name }.map { "`\($0.name.rawValue)`" }.joined(separator: ", ")
            blocks += [
                .heading(level: 2, context.name), .text("\(context.sentence) In \(names)."),
                .terms(context.fields.map(term) + context.outcomes.map { .init(name: "\($0.name)(...)", meaning: $0.sentence) }),
            ]
        }
        for outcome in APIReference.plugins.outcomes { blocks += self.blocks(outcome, level: 2) }
        return ReferencePage(blocks: blocks)
    }

    private static func field(_ name: String) -> ReferencePage? {
        if let outcome = APIReference.plugins.outcomes.first(where: { $0.name == name }) {
            return ReferencePage(blocks: blocks(outcome, level: 1))
        }
        let holders = contexts.filter { $0.fields.contains { $0.name == name } }
        guard !holders.isEmpty else { return nil }
        var blocks: [ReferencePage.Block] = [.heading(level: 1, "ctx.\(name)")]
        for context in holders {
            let names = hooks.filter { $0.context.name == context.name }.map { "`\($0.name.rawValue)`" }.joined(separator: ", ")
            blocks += [.text("In \(names):"), .terms(context.fields.filter { $0.name == name }.map(term))]
        }
        let types = Set(holders.flatMap(\.fields).filter { $0.name == name }.map(\.type))
        for shape in shapes where types.contains(shape.name) { blocks += self.blocks(shape, level: 2) }
        return ReferencePage(blocks: blocks)
    }

    private static func blocks(_ outcome: APIOutcome, level: Int) -> [ReferencePage.Block] {
        let names = hooks.filter { $0.context.outcomes.contains { $0.name == outcome.name } }.map { "`\($0.name.rawValue)`" }
        return [
            .heading(level: level, "ctx.\(outcome.name)"),
            .text("\(outcome.sentence) A text in place of the table is its `\(outcome.shorthand)`. It passes through `pcall`."),
            .terms(outcome.shape.fields.map(term)), .code(outcome.example, language: "lua"), .text("In \(names.joined(separator: ", "))."),
        ]
    }

    // MARK: Modules

    private static func title(_ module: APIModule) -> String {
        module.name.isEmpty ? (module.functions.contains { $0.name == "it" } ? "Globals of specs" : "Globals") : module.name
    }

    private static func page(_ module: APIModule) -> ReferencePage {
        var blocks: [ReferencePage.Block] = [.heading(level: 1, title(module)), .text(module.sentence)]
        if !module.values.isEmpty { blocks.append(.terms(module.values.map(term))) }
        for function in module.functions { blocks += self.blocks(function, in: module, level: 2) }
        return ReferencePage(blocks: blocks)
    }

    /// The names by which a function is looked up: `expect(value).equals` is `expect.equals` too.
    private static func names(of function: APIFunction, in module: APIModule) -> [String] {
        let name = module.name(of: function.name)
        return [name, name.replacing("(value)", with: "")]
    }

    private static func blocks(_ function: APIFunction, in module: APIModule, level: Int) -> [ReferencePage.Block] {
        let parameters = function.parameters.map { $0.isOptional ? "[\($0.name)]" : $0.name }.joined(separator: ", ")
        var blocks: [ReferencePage.Block] = [
            .heading(level: level, module.name(of: function.name)),
            .code("\(module.name(of: function.name))(\(parameters))", language: "lua"), .text(function.sentence),
        ]
        let returns = function.returns.map { ReferencePage.Term(name: "returns \($0.type)", meaning: $0.name + ".") }
        if !function.parameters.isEmpty || !returns.isEmpty { blocks.append(.terms(function.parameters.map(term) + returns)) }
        var notes: [String] = []
        if function.phases != .anywhere { notes.append("In the phases \(function.phases.text).") }
        if let permission = function.permission { notes.append("Permission in plugin.json: `\(permission.text)`.") }
        if !notes.isEmpty { blocks.append(.text(notes.joined(separator: " "))) }
        return blocks + [.code(function.example, language: "lua")]
    }

    private static func blocks(_ shape: APIShape, level: Int) -> [ReferencePage.Block] {
        [.heading(level: level, shape.name), .text(shape.sentence), .terms(shape.fields.map(term))]
    }

    private static func term(_ field: APIField) -> ReferencePage.Term {
        .init(name: field.name, meaning: "\(field.isOptional ? "optional " : "")`\(field.type)`. \(field.sentence)")
    }

    // MARK: The manifest

    private static var manifest: ReferencePage {
        ReferencePage(blocks: [
            .heading(level: 1, "plugin.json"),
            .text("What a plugin is and may do. It is read and checked before any of its Lua runs; an unknown field is an error."),
            .code(ManifestReference.example, language: "json"),
            .terms(ManifestReference.fields.map { .init(name: $0.path, meaning: $0.sentence) }),
        ])
    }
}
