/// From which hooks each function of a plugin is reached, and which parameters are a hook's `ctx`.
///
/// Followed are calls of local functions, of functions in the plugin's own tables and files, functions handed to others
/// (`pcall`, `muster.once`, `table.sort`), and functions within functions.
struct CodeReach {
    /// Where a function runs.
    enum Site: Hashable {
        case loading
        case hook(HookName)
    }

    /// The sites of each function, by its number.
    private(set) var sites: [Set<Site>]
    /// The hooks whose `ctx` a parameter is.
    private(set) var contexts: [CodeParameter: Set<HookName>] = [:]
    /// The functions in the plugin's table, by name.
    private(set) var hooks: [(name: String, place: CodePlace, function: Int?)] = []

    init(_ facts: CodeFacts) {
        sites = facts.functions.map { $0.parent == nil ? [.loading] : [] }
        if case .table(let id) = facts.resolve(.module("init")) {
            for (name, fields) in facts.tables[id].sorted(by: { $0.key < $1.key }) {
                for field in fields {
                    guard case .function(let function) = facts.resolve(field.value) else {
                        hooks.append((name, field.place, nil))
                        continue
                    }
                    hooks.append((name, field.place, function))
                    guard let hook = HookName(rawValue: name) else { continue }
                    sites[function].insert(.hook(hook))
                    contexts[CodeParameter(function: function, index: 0), default: []].insert(hook)
                }
            }
        }
        let edges = facts.calls.flatMap { Self.edges($0, facts) } + Self.nesting(facts)
        var isChanging = true
        while isChanging {
            isChanging = false
            for edge in edges where follow(edge) { isChanging = true }
        }
    }

    /// One function that runs another.
    private struct Edge {
        var from: Int
        var to: Int
        /// For each argument that is a parameter of somebody: which it becomes.
        var handed: [(from: CodeParameter, to: CodeParameter)] = []
    }

    private mutating func follow(_ edge: Edge) -> Bool {
        let before = sites[edge.to].count
        sites[edge.to].formUnion(sites[edge.from])
        var isChanged = sites[edge.to].count != before
        for (from, to) in edge.handed {
            guard let hooks = contexts[from], !hooks.isSubset(of: contexts[to] ?? []) else { continue }
            contexts[to, default: []].formUnion(hooks)
            isChanged = true
        }
        return isChanged
    }

    private static func nesting(_ facts: CodeFacts) -> [Edge] {
        facts.functions.enumerated().compactMap { id, function in
            guard let parent = function.parent, facts.functions[parent].parent != nil else { return nil }
            return Edge(from: parent, to: id)
        }
    }

    private static func edges(_ call: CodeFacts.Call, _ facts: CodeFacts) -> [Edge] {
        let arguments = call.arguments.map { facts.resolve($0) }
        func edge(to function: Int, _ handed: ArraySlice<ResolvedValue>) -> Edge {
            var edge = Edge(from: call.place.function, to: function)
            for (index, value) in handed.enumerated() {
                guard case .parameter(let parameter, []) = value else { continue }
                edge.handed.append((parameter, CodeParameter(function: function, index: index)))
            }
            return edge
        }
        let callee = facts.resolve(call.callee)
        if case .function(let id) = callee, call.method == nil { return [edge(to: id, arguments[...])] }
        var passed = 0
        if case .global(let path) = callee { passed = path == ["pcall"] ? 1 : path == ["xpcall"] ? 2 : 0 }
        return arguments.enumerated().compactMap { index, value in
            guard case .function(let id) = value else { return nil }
            return edge(to: id, index == 0 && passed > 0 ? arguments.dropFirst(passed) : [])
        }
    }
}
