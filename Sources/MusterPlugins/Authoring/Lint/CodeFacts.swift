/// What is known of a value by reading the code: symbolic until all files are read.
indirect enum CodeValue {
    case unknown
    case global(String)
    case variable(Int)
    case member(CodeValue, String)
    case function(Int)
    case table(Int)
    /// What `require` of a file of the plugin gives.
    case module(String)
}

/// What a value turned out to be.
enum ResolvedValue {
    case unknown
    /// A global and fields of it: `muster`, `http`, `post`.
    case global([String])
    /// A function's parameter and fields of it.
    case parameter(CodeParameter, [String])
    case function(Int)
    case table(Int)
}

/// A parameter, by its function and place.
struct CodeParameter: Hashable {
    var function: Int
    var index: Int
}

/// Where in the code something stands.
struct CodePlace: Hashable {
    var file: String
    var line: Int
    /// The function around it.
    var function: Int
}

/// What one plugin's files say, before anybody judges it.
struct CodeFacts {
    /// A function; that of a whole file has no parent.
    struct Function {
        var parent: Int?
        var file: String
        var line: Int
        /// The variables of its parameters.
        var parameters: [Int] = []
        /// The values that it returns, where that is one.
        var returns: [CodeValue] = []
    }

    /// A local.
    struct Variable {
        enum Kind { case local, function, parameter(CodeParameter), loop }
        var name: String
        var place: CodePlace
        var kind: Kind
        var reads = 0
        var definitions: [CodeValue] = []
    }

    /// A use of a member.
    struct Access {
        var place: CodePlace
        var value: CodeValue
        var isWrite = false
    }

    /// A call; of a method where `method` has its name.
    struct Call {
        var place: CodePlace
        var callee: CodeValue
        var method: String?
        var arguments: [CodeValue]
        var expressions: [LuaExpression]
    }

    /// A value put into a table.
    struct Store {
        var place: CodePlace
        var base: CodeValue
        var key: String
        var value: CodeValue
    }

    var functions: [Function] = []
    var variables: [Variable] = []
    /// For each table constructor: its fields.
    var tables: [[String: [(place: CodePlace, value: CodeValue)]]] = []
    var accesses: [Access] = []
    var calls: [Call] = []
    var stores: [Store] = []
    /// Globals that are read or assigned to.
    var globals: [(name: String, place: CodePlace, isWrite: Bool)] = []
    /// All texts.
    var strings: Set<String> = []
    /// The functions of whole files, by the name that `require` knows.
    var files: [String: Int] = [:]

    /// What a value turned out to be, followed through locals with one definition, tables and files.
    func resolve(_ value: CodeValue, depth: Int = 0) -> ResolvedValue {
        guard depth < 64 else { return .unknown }
        switch value {
        case .unknown: return .unknown
        case .global(let name): return .global([name])
        case .function(let id): return .function(id)
        case .table(let id): return .table(id)
        case .module(let name):
            guard let id = files[name], let returned = functions[id].returns.last else { return .unknown }
            return resolve(returned, depth: depth + 1)
        case .variable(let id):
            let variable = variables[id]
            if case .parameter(let parameter) = variable.kind { return variable.definitions.isEmpty ? .parameter(parameter, []) : .unknown }
            guard variable.definitions.count == 1 else { return .unknown }
            return resolve(variable.definitions[0], depth: depth + 1)
        case .member(let base, let key):
            switch resolve(base, depth: depth + 1) {
            case .global(let path): return .global(path + [key])
            case .parameter(let parameter, let path): return .parameter(parameter, path + [key])
            case .table(let id):
                guard let fields = tables[id][key], fields.count == 1 else { return .unknown }
                return resolve(fields[0].value, depth: depth + 1)
            default: return .unknown
            }
        }
    }

    /// Puts what was stored into tables by name where it belongs. Call it once, when all files are read.
    mutating func settle() {
        for store in stores {
            guard case .table(let id) = resolve(store.base) else { continue }
            tables[id][store.key, default: []].append((store.place, store.value))
        }
    }
}
