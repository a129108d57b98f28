import SCIM

/// Looks for mistakes in a plugin's code without running it: `muster plugin check`.
struct PluginLinter {
    let manifest: PluginManifest
    /// The text of plugin.json, to find lines in.
    let manifestText: String
    /// init.lua and lib/, then the specs.
    let source: PluginSource
    let specs: [PluginFolder.Source]

    /// All findings, by file and line.
    func findings() -> [Diagnostic] {
        var findings: [Diagnostic] = []
        if let code = read([source.entry] + source.library, &findings) {
            let reach = CodeReach(code.facts)
            var lint = LintFindings(facts: code.facts, reach: reach, manifest: manifest, known: KnownNames(includesSpecs: false))
            lint.checkNames(modules: modules)
            lint.checkUnused()
            lint.checkHooks()
            lint.checkContexts()
            lint.checkCalls()
            lint.checkPermissions(manifestText)
            findings += lint.list(code.ignored)
        }
        for spec in specs {
            guard let code = read([spec], &findings) else { continue }
            var lint = LintFindings(
                facts: code.facts, reach: CodeReach(code.facts), manifest: manifest, known: KnownNames(includesSpecs: true))
            lint.checkNames(modules: modules + specs.map(\.module))
            lint.checkUnused()
            lint.checkSpecs()
            findings += lint.list(code.ignored)
        }
        return findings.sorted { ($0.file ?? "", $0.line ?? 0, $0.summary) < ($1.file ?? "", $1.line ?? 0, $1.summary) }
    }

    private var modules: [String] { source.library.map(\.module) + ["init"] }

    /// What some files say; nil where one is no Lua.
    private func read(
        _ sources: [PluginFolder.Source], _ findings: inout [Diagnostic]
    ) -> (facts: CodeFacts, ignored: [String: [Int: Set<String>]])? {
        var (reader, ignored) = (CodeReader(), [String: [Int: Set<String>]]())
        var isWhole = true
        for source in sources {
            do {
                let chunk = try LuaChunk(source.text)
                reader.read(chunk, file: source.file, module: source.module)
                ignored[source.file] = chunk.ignored
            } catch {
                findings.append(Diagnostic(.error, "syntax error: \(error.message)", file: source.file, line: error.line))
                isWhole = false
            }
        }
        guard isWhole else { return nil }
        var facts = reader.facts
        facts.settle()
        return (facts, ignored)
    }
}

/// The findings about some files that belong together.
struct LintFindings {
    let facts: CodeFacts
    let reach: CodeReach
    let manifest: PluginManifest
    let known: KnownNames
    private var found: [Diagnostic] = []

    init(facts: CodeFacts, reach: CodeReach, manifest: PluginManifest, known: KnownNames) {
        self.facts = facts
        self.reach = reach
        self.manifest = manifest
        self.known = known
    }

    mutating func note(_ rule: LintRule, _ place: CodePlace, _ summary: String, _ detail: String = "") {
        add(Diagnostic(rule.severity, summary, detail: detail, file: place.file, line: place.line, rule: rule.rawValue))
    }

    mutating func add(_ finding: Diagnostic) {
        if !found.contains(finding) { found.append(finding) }
    }

    /// What was found, without what comments switch off.
    func list(_ ignored: [String: [Int: Set<String>]]) -> [Diagnostic] {
        found.filter { finding in
            guard let file = finding.file, let line = finding.line, let rule = finding.rule else { return true }
            return ignored[file]?[line]?.contains(rule) != true
        }
    }
}

/// The names that code may use.
struct KnownNames {
    /// Globals, without the tables.
    let globals: Set<String>
    /// Tables with their members, such as `muster.http`.
    let modules: [String: Set<String>]
    /// Functions by their full names.
    let functions: [String: APIFunction]
    /// Tables that functions take.
    let shapes: [String: APIShape]

    init(includesSpecs: Bool) {
        let references = includesSpecs ? [APIReference.plugins, .specs] : [.plugins]
        var (globals, modules) = (LuaLibrary.globals.union(["_ENV"]), LuaLibrary.modules)
        var (functions, shapes) = ([String: APIFunction](), [String: APIShape]())
        for reference in references {
            for module in reference.modules where module.instanceType == nil {
                let members = module.functions.map(\.name) + module.values.map(\.name)
                if module.name.isEmpty { globals.formUnion(members) } else { modules[module.name, default: []].formUnion(members) }
                if let dot = module.name.lastIndex(of: ".") {
                    modules[String(module.name[..<dot]), default: []].insert(String(module.name[module.name.index(after: dot)...]))
                }
                for function in module.functions { functions[module.name(of: function.name)] = function }
            }
            for shape in reference.shapes { shapes[shape.name] = shape }
        }
        self.globals = globals
        self.modules = modules
        self.functions = functions
        self.shapes = shapes
    }

    /// Whether a name can be read without being declared.
    func isGlobal(_ name: String) -> Bool { globals.contains(name) || modules[name] != nil }

    /// Everything that can stand where a global stands.
    var allGlobals: [String] { globals.union(modules.keys.filter { !$0.contains(".") }).sorted() }
}
