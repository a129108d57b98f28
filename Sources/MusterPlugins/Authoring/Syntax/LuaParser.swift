/// Reads Lua 5.4 (§3, §9) by recursive descent, and refuses what Lua's own compiler refuses: jumps into the scope of a
/// local, assignments to constants, `...` where there is none.
struct LuaParser {
    /// Levels of blocks and expressions within one another; Lua's own limit is 200.
    static let depthLimit = 190
    /// Expressions that grow to the left without brackets, such as `a + b + c`, within one another.
    static let heightLimit = 600

    private var lexer: LuaLexer
    private(set) var token: LuaToken
    private var ahead: LuaToken?
    /// The line of the token before.
    private(set) var lastLine = 1
    private var depth = 0
    private var scopes: [FunctionScope] = []
    /// The height of the function that was read last.
    private(set) var height = 0

    /// A function whose body is being read.
    private struct FunctionScope {
        var isVariadic: Bool
        var locals: [LuaLocal] = []
        var labels: [(name: String, locals: Int)] = []
        var jumps: [Jump] = []
        var loops = 0
        /// The height of the tallest expression in it.
        var tallest = 0
    }

    /// A `goto` whose label has not been seen.
    private struct Jump {
        var name: String
        var line: Int
        var locals: Int
    }

    init(_ source: String) throws(LuaSyntaxError) {
        lexer = try LuaLexer(source)
        token = try lexer.next()
    }

    var ignored: [Int: Set<String>] { lexer.ignored }

    mutating func chunk() throws(LuaSyntaxError) -> LuaBlock {
        let block = try functionBody(isVariadic: true, []) { parser throws(LuaSyntaxError) in
            guard parser.token.kind == .end else { throw parser.unexpected("'<eof>' expected") }
        }
        return block
    }

    // MARK: Tokens

    func failure(_ message: String) -> LuaSyntaxError { LuaSyntaxError(message: message, line: token.line) }
    func unexpected(_ message: String) -> LuaSyntaxError { failure("\(message) near \(token.text)") }

    mutating func advance() throws(LuaSyntaxError) {
        lastLine = token.line
        if let ahead {
            token = ahead
            self.ahead = nil
        } else {
            token = try lexer.next()
        }
    }

    mutating func lookAhead() throws(LuaSyntaxError) -> LuaToken {
        if let ahead { return ahead }
        let next = try lexer.next()
        ahead = next
        return next
    }

    func isAt(_ symbol: String) -> Bool { token.kind == .symbol(symbol) }

    mutating func accept(_ symbol: String) throws(LuaSyntaxError) -> Bool {
        guard isAt(symbol) else { return false }
        try advance()
        return true
    }

    mutating func expect(_ symbol: String, opened line: Int? = nil, by opening: String = "") throws(LuaSyntaxError) {
        guard try !accept(symbol) else { return }
        guard let line, line != token.line else { throw unexpected("'\(symbol)' expected") }
        throw unexpected("'\(symbol)' expected (to close '\(opening)' at line \(line))")
    }

    mutating func name() throws(LuaSyntaxError) -> String {
        guard case .name(let name) = token.kind else { throw unexpected("<name> expected") }
        try advance()
        return name
    }

    /// Reads something one level deeper.
    mutating func nested<T>(_ body: (inout LuaParser) throws(LuaSyntaxError) -> T) throws(LuaSyntaxError) -> T {
        depth += 1
        guard depth <= Self.depthLimit else { throw failure("nested more than \(Self.depthLimit) levels deep") }
        let result = try body(&self)
        depth -= 1
        return result
    }

    /// Remembers how tall an expression is, over the bodies of functions in it.
    mutating func note(height: Int) throws(LuaSyntaxError) {
        guard height <= Self.heightLimit else {
            throw failure("an expression of more than \(Self.heightLimit) parts within one another")
        }
        scopes[scopes.count - 1].tallest = max(scope.tallest, height)
    }

    // MARK: Scopes

    private var scope: FunctionScope {
        get { scopes[scopes.count - 1] }
        set { scopes[scopes.count - 1] = newValue }
    }

    var allowsVariadic: Bool { scopes.last?.isVariadic ?? false }

    private mutating func declare(_ locals: [LuaLocal], hidden: Int = 0) throws(LuaSyntaxError) {
        scopes[scopes.count - 1].locals += (0..<hidden).map { _ in LuaLocal(name: "(for state)", line: token.line) } + locals
        guard scope.locals.count <= 200 else { throw failure("too many local variables (limit is 200)") }
    }

    /// Whether a name is a local that cannot be assigned to.
    func isConstant(_ name: String) -> Bool {
        for scope in scopes.reversed() {
            if let local = scope.locals.last(where: { $0.name == name }) { return local.isConstant }
        }
        return false
    }

    /// Reads a function's body in a scope of its own; `end` reads what closes it.
    mutating func functionBody(
        isVariadic: Bool, _ parameters: [LuaLocal], end: (inout LuaParser) throws(LuaSyntaxError) -> Void
    ) throws(LuaSyntaxError) -> LuaBlock {
        scopes.append(FunctionScope(isVariadic: isVariadic))
        try declare(parameters)
        let block = try block()
        if let jump = scope.jumps.first {
            throw LuaSyntaxError(message: "no visible label '\(jump.name)' for goto", line: jump.line)
        }
        height = scopes.removeLast().tallest + 1
        if !scopes.isEmpty { try note(height: height) }
        try end(&self)
        return block
    }

    /// Reads statements in a scope; `tail` reads what still belongs to it.
    private mutating func block(
        isLoop: Bool = false, _ locals: [LuaLocal] = [], hidden: Int = 0,
        tail: (inout LuaParser) throws(LuaSyntaxError) -> Void = { _ throws(LuaSyntaxError) in }
    ) throws(LuaSyntaxError) -> LuaBlock {
        let (count, labels, jumps) = (scope.locals.count, scope.labels.count, scope.jumps.count)
        if isLoop { scopes[scopes.count - 1].loops += 1 }
        try declare(locals, hidden: hidden)
        let block = try statements(outside: count)
        try tail(&self)
        if isLoop { scopes[scopes.count - 1].loops -= 1 }
        scopes[scopes.count - 1].locals.removeLast(scope.locals.count - count)
        scopes[scopes.count - 1].labels.removeLast(scope.labels.count - labels)
        for index in scope.jumps.indices.dropFirst(jumps) {
            scopes[scopes.count - 1].jumps[index].locals = min(scope.jumps[index].locals, count)
        }
        return block
    }

    // MARK: Statements

    private func isBlockEnd(withUntil: Bool = true) -> Bool {
        switch token.kind {
        case .end, .symbol("end"), .symbol("else"), .symbol("elseif"): true
        case .symbol("until"): withUntil
        default: false
        }
    }

    /// - Parameter outside: The number of locals outside of the block, for labels at its end.
    private mutating func statements(outside: Int) throws(LuaSyntaxError) -> LuaBlock {
        var block = LuaBlock()
        let jumps = scope.jumps.count
        while !isBlockEnd() {
            if isAt("return") {
                block.statements.append(try returning())
                break
            }
            let statement = try nested { parser throws(LuaSyntaxError) in try parser.statement(outside: outside, jumps: jumps) }
            if let statement { block.statements.append(statement) }
        }
        return block
    }

    private mutating func returning() throws(LuaSyntaxError) -> LuaStatement {
        let line = token.line
        try advance()
        let values = isBlockEnd() || isAt(";") ? [] : try expressions()
        _ = try accept(";")
        guard isBlockEnd() else { throw unexpected("'<eof>' or 'end' expected") }
        return LuaStatement(line: line, kind: .returning(values))
    }

    private mutating func statement(outside: Int, jumps: Int) throws(LuaSyntaxError) -> LuaStatement? {
        let line = token.line
        guard case .symbol(let symbol) = token.kind else { return LuaStatement(line: line, kind: try expressionStatement()) }
        switch symbol {
        case ";":
            try advance()
            return nil
        case "if": return LuaStatement(line: line, kind: try branches())
        case "while":
            try advance()
            let condition = try expression()
            try expect("do")
            let block = try block(isLoop: true)
            try expect("end", opened: line, by: "while")
            return LuaStatement(line: line, kind: .whileLoop(condition, block))
        case "do":
            try advance()
            let block = try block()
            try expect("end", opened: line, by: "do")
            return LuaStatement(line: line, kind: .block(block))
        case "for": return LuaStatement(line: line, kind: try forLoop(line))
        case "repeat": return LuaStatement(line: line, kind: try repeatLoop(line))
        case "function": return LuaStatement(line: line, kind: try functionStatement(line))
        case "local":
            try advance()
            return LuaStatement(line: line, kind: try accept("function") ? localFunction(line) : locals())
        case "::":
            try label(outside: outside, jumps: jumps)
            return nil
        case "break":
            guard scope.loops > 0 else { throw failure("break outside a loop at line \(line)") }
            try advance()
            return LuaStatement(line: line, kind: .jump)
        case "goto": return LuaStatement(line: line, kind: try jump(line))
        default: return LuaStatement(line: line, kind: try expressionStatement())
        }
    }

    private mutating func branches() throws(LuaSyntaxError) -> LuaStatement.Kind {
        let line = token.line
        var branches: [LuaBranch] = []
        repeat {
            try advance()
            let condition = try expression()
            try expect("then")
            branches.append(LuaBranch(condition: condition, block: try block()))
        } while isAt("elseif")
        let otherwise = try accept("else") ? block() : nil
        try expect("end", opened: line, by: "if")
        return .branches(branches, otherwise: otherwise)
    }

    private mutating func forLoop(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        var variables = [LuaLocal(name: try name(), line: lastLine)]
        if try accept("=") {
            var bounds = [try expression()]
            try expect(",")
            bounds.append(try expression())
            if try accept(",") { bounds.append(try expression()) }
            try expect("do")
            let body = try block(isLoop: true, variables, hidden: 3)
            try expect("end", opened: line, by: "for")
            return .numericFor(variables[0], bounds, body)
        }
        while try accept(",") { variables.append(LuaLocal(name: try name(), line: lastLine)) }
        guard isAt("in") else { throw unexpected("'=' or 'in' expected") }
        try advance()
        let values = try expressions()
        try expect("do")
        let body = try block(isLoop: true, variables, hidden: 4)
        try expect("end", opened: line, by: "for")
        return .genericFor(variables, values, body)
    }

    private mutating func repeatLoop(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        var condition = LuaExpression(line: line, kind: .null)
        let body = try block(isLoop: true) { parser throws(LuaSyntaxError) in
            try parser.expect("until", opened: line, by: "repeat")
            condition = try parser.expression()
        }
        return .repeatLoop(body, until: condition)
    }

    private mutating func functionStatement(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        var target = LuaExpression(line: token.line, kind: .name(try name()))
        var isMethod = false
        while isAt(".") || isAt(":") {
            isMethod = isAt(":")
            try advance()
            let key = LuaExpression(line: token.line, kind: .string(try name()))
            target = try grown(LuaExpression(line: key.line, kind: .index(target, key: key)), target, key)
            if isMethod { break }
        }
        if case .name(let name) = target.kind, isConstant(name) { throw assignment(to: name) }
        return .function(target, try function(line, isMethod: isMethod))
    }

    private mutating func localFunction(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        let local = LuaLocal(name: try name(), line: lastLine)
        try declare([local])
        return .localFunction(local, try function(line, isMethod: false))
    }

    private mutating func locals() throws(LuaSyntaxError) -> LuaStatement.Kind {
        var locals: [LuaLocal] = []
        var closing = 0
        repeat {
            var local = LuaLocal(name: try name(), line: lastLine)
            if try accept("<") {
                let attribute = try name()
                guard ["const", "close"].contains(attribute) else { throw failure("unknown attribute '\(attribute)'") }
                local.isConstant = true
                closing += attribute == "close" ? 1 : 0
                try expect(">")
            }
            guard closing <= 1 else { throw failure("multiple to-be-closed variables in local list") }
            locals.append(local)
        } while try accept(",")
        let values = try accept("=") ? expressions() : []
        try declare(locals)
        return .local(locals, values)
    }

    private func assignment(to name: String) -> LuaSyntaxError { failure("attempt to assign to const variable '\(name)'") }

    private mutating func expressionStatement() throws(LuaSyntaxError) -> LuaStatement.Kind {
        let first = try suffixed()
        guard isAt("=") || isAt(",") else {
            switch first.kind {
            case .call, .method: return .call(first)
            default: throw unexpected("syntax error")
            }
        }
        var targets = [first]
        while try accept(",") {
            targets.append(try suffixed())
            guard targets.count <= Self.depthLimit else { throw failure("more than \(Self.depthLimit) targets of one assignment") }
        }
        for target in targets {
            switch target.kind {
            case .name(let name): if isConstant(name) { throw assignment(to: name) }
            case .index: break
            default: throw unexpected("syntax error")
            }
        }
        try expect("=")
        return .assignment(targets, try expressions())
    }

    // MARK: Jumps

    private mutating func jump(_ line: Int) throws(LuaSyntaxError) -> LuaStatement.Kind {
        try advance()
        let name = try name()
        if !scope.labels.contains(where: { $0.name == name }) {
            scopes[scopes.count - 1].jumps.append(Jump(name: name, line: line, locals: scope.locals.count))
        }
        return .jump
    }

    /// A label; one at the end of its block counts as outside of the scopes of the block's locals (§3.5).
    private mutating func label(outside: Int, jumps: Int) throws(LuaSyntaxError) {
        try advance()
        let name = try name()
        let line = lastLine
        try expect("::")
        while isAt(";") || isAt("::") { _ = try statement(outside: outside, jumps: jumps) }
        if scope.labels.contains(where: { $0.name == name }) {
            throw LuaSyntaxError(message: "label '\(name)' already defined", line: line)
        }
        let locals = isBlockEnd(withUntil: false) ? outside : scope.locals.count
        scopes[scopes.count - 1].labels.append((name, locals))
        for jump in scope.jumps.dropFirst(jumps) where jump.name == name && jump.locals < locals {
            throw LuaSyntaxError(message: "goto '\(name)' jumps into the scope of a local", line: jump.line)
        }
        let open = scope.jumps.prefix(jumps) + scope.jumps.dropFirst(jumps).filter { $0.name != name }
        scopes[scopes.count - 1].jumps = Array(open)
    }
}
