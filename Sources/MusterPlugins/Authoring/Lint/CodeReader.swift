/// Walks the files of a plugin and writes down what they say.
struct CodeReader {
    private(set) var facts = CodeFacts()
    private var file = ""
    private var function = 0
    private var scopes: [[String: Int]] = []

    /// Reads one file.
    /// - Parameter module: The name by which `require` knows it.
    mutating func read(_ chunk: LuaChunk, file: String, module: String) {
        self.file = file
        facts.functions.append(.init(parent: nil, file: file, line: 1))
        function = facts.functions.count - 1
        facts.files[module] = function
        scopes = []
        walk(chunk.block)
    }

    private func place(_ line: Int) -> CodePlace { CodePlace(file: file, line: line, function: function) }

    // MARK: Variables

    private mutating func declare(_ local: LuaLocal, _ kind: CodeFacts.Variable.Kind, _ value: CodeValue? = nil) {
        facts.variables.append(.init(name: local.name, place: place(local.line), kind: kind, definitions: value.map { [$0] } ?? []))
        scopes[scopes.count - 1][local.name] = facts.variables.count - 1
    }

    private func variable(_ name: String) -> Int? { scopes.last { $0[name] != nil }?[name] }

    // MARK: Statements

    private mutating func walk(_ block: LuaBlock, then tail: (inout CodeReader) -> Void = { _ in }) {
        scopes.append([:])
        for statement in block.statements { walk(statement) }
        tail(&self)
        scopes.removeLast()
    }

    private mutating func walk(_ statement: LuaStatement) {
        switch statement.kind {
        case .local(let locals, let expressions):
            let values = visit(expressions)
            for (index, local) in locals.enumerated() {
                let value = index < values.count ? values[index] : expressions.isEmpty ? nil : .unknown
                let isFunction = if case .function = value { true } else { false }
                declare(local, isFunction ? .function : .local, value)
            }
        case .assignment(let targets, let expressions):
            let values = visit(expressions)
            for (index, target) in targets.enumerated() { assign(target, index < values.count ? values[index] : .unknown) }
        case .call(let expression): _ = visit(expression)
        case .block(let block): walk(block)
        case .whileLoop(let condition, let block):
            _ = visit(condition)
            walk(block)
        case .repeatLoop(let block, let condition): walk(block) { _ = $0.visit(condition) }
        case .branches(let branches, let otherwise):
            for branch in branches {
                _ = visit(branch.condition)
                walk(branch.block)
            }
            if let otherwise { walk(otherwise) }
        case .numericFor(let local, let bounds, let block): loop([local], bounds, block)
        case .genericFor(let locals, let values, let block): loop(locals, values, block)
        case .function(let target, let function):
            let value = visit(function)
            assign(target, value)
        case .localFunction(let local, let function):
            declare(local, .function)
            let id = facts.variables.count - 1
            facts.variables[id].definitions = [visit(function)]
        case .returning(let expressions):
            let values = visit(expressions)
            if values.count == 1 { facts.functions[function].returns.append(values[0]) }
        case .jump: break
        }
    }

    private mutating func loop(_ locals: [LuaLocal], _ values: [LuaExpression], _ block: LuaBlock) {
        _ = visit(values)
        scopes.append([:])
        for local in locals { declare(local, .loop, .unknown) }
        walk(block)
        scopes.removeLast()
    }

    private mutating func assign(_ target: LuaExpression, _ value: CodeValue) {
        switch target.kind {
        case .name(let name):
            if let id = variable(name) {
                facts.variables[id].definitions.append(value)
            } else {
                facts.globals.append((name, place(target.line), true))
            }
        case .index(let base, let key):
            let base = visit(base)
            guard case .string(let name) = key.kind else {
                _ = visit(key)
                return
            }
            facts.accesses.append(.init(place: place(target.line), value: .member(base, name), isWrite: true))
            facts.stores.append(.init(place: place(target.line), base: base, key: name, value: value))
        default: _ = visit(target)
        }
    }

    // MARK: Expressions

    private mutating func visit(_ expressions: [LuaExpression]) -> [CodeValue] {
        var values: [CodeValue] = []
        for expression in expressions { values.append(visit(expression)) }
        return values
    }

    private mutating func visit(_ expression: LuaExpression) -> CodeValue {
        switch expression.kind {
        case .null, .boolean, .number, .variadic: return .unknown
        case .string(let text):
            facts.strings.insert(text)
            return .unknown
        case .name(let name):
            if let id = variable(name) {
                facts.variables[id].reads += 1
                return .variable(id)
            }
            facts.globals.append((name, place(expression.line), false))
            return .global(name)
        case .index(let base, let key):
            let base = visit(base)
            guard case .string(let name) = key.kind else {
                _ = visit(key)
                return .unknown
            }
            let value = CodeValue.member(base, name)
            facts.accesses.append(.init(place: place(key.line), value: value))
            return value
        case .call(let callee, let arguments): return call(expression, callee, arguments)
        case .method(let receiver, let name, let arguments):
            let value = visit(receiver)
            let values = visit(arguments)
            facts.calls.append(
                .init(place: place(expression.line), callee: value, method: name, arguments: values, expressions: arguments))
            return .unknown
        case .function(let function): return visit(function)
        case .table(let fields): return table(fields)
        case .unary(let operand):
            _ = visit(operand)
            return .unknown
        case .binary(_, let left, let right):
            _ = visit(left)
            _ = visit(right)
            return .unknown
        case .parenthesized(let inner): return visit(inner)
        }
    }

    private mutating func call(_ expression: LuaExpression, _ callee: LuaExpression, _ arguments: [LuaExpression]) -> CodeValue {
        let value = visit(callee)
        let values = visit(arguments)
        facts.calls.append(
            .init(place: place(expression.line), callee: value, method: nil, arguments: values, expressions: arguments))
        if case .global("require") = value, case .string(let name)? = arguments.first?.kind { return .module(name) }
        return .unknown
    }

    private mutating func table(_ fields: [LuaTableField]) -> CodeValue {
        facts.tables.append([:])
        let id = facts.tables.count - 1
        for field in fields {
            let value = visit(field.value)
            guard let key = field.key else { continue }
            if case .string(let name) = key.kind {
                facts.tables[id][name, default: []].append((place(key.line), value))
            } else {
                _ = visit(key)
            }
        }
        return .table(id)
    }

    private mutating func visit(_ function: LuaFunction) -> CodeValue {
        let outer = self.function
        facts.functions.append(.init(parent: outer, file: file, line: function.line))
        let id = facts.functions.count - 1
        self.function = id
        scopes.append([:])
        for (index, parameter) in function.parameters.enumerated() {
            declare(parameter, .parameter(CodeParameter(function: id, index: index)))
            facts.functions[id].parameters.append(facts.variables.count - 1)
        }
        walk(function.body)
        scopes.removeLast()
        self.function = outer
        return .function(id)
    }
}
