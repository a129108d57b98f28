extension LuaParser {
    /// How tightly each operator binds to its left and to its right (Lua 5.4 §3.4.8).
    private static let priorities: [String: (left: Int, right: Int)] = [
        "or": (1, 1), "and": (2, 2), "<": (3, 3), ">": (3, 3), "<=": (3, 3), ">=": (3, 3), "~=": (3, 3), "==": (3, 3), "|": (4, 4),
        "~": (5, 5), "&": (6, 6), "<<": (7, 7), ">>": (7, 7), "..": (9, 8), "+": (10, 10), "-": (10, 10), "*": (11, 11), "/": (11, 11),
        "//": (11, 11), "%": (11, 11), "^": (14, 13),
    ]
    private static let unaryPriority = 12

    mutating func expressions() throws(LuaSyntaxError) -> [LuaExpression] {
        var list = [try expression()]
        while try accept(",") { list.append(try expression()) }
        return list
    }

    mutating func expression() throws(LuaSyntaxError) -> LuaExpression { try expression(above: 0) }

    /// An expression with the operators that bind more tightly than `limit`.
    private mutating func expression(above limit: Int) throws(LuaSyntaxError) -> LuaExpression {
        try nested { parser throws(LuaSyntaxError) in
            let line = parser.token.line
            var left: LuaExpression
            if case .symbol(let sign) = parser.token.kind, ["not", "-", "#", "~"].contains(sign) {
                try parser.advance()
                let operand = try parser.expression(above: Self.unaryPriority)
                left = try parser.grown(LuaExpression(line: line, kind: .unary(operand)), operand)
            } else {
                left = try parser.simple()
            }
            while case .symbol(let sign) = parser.token.kind, let priority = Self.priorities[sign], priority.left > limit {
                try parser.advance()
                let right = try parser.expression(above: priority.right)
                left = try parser.grown(LuaExpression(line: line, kind: .binary(sign, left, right)), left, right)
            }
            return left
        }
    }

    /// The expression with its height, which is limited.
    mutating func grown(_ expression: LuaExpression, _ parts: LuaExpression...) throws(LuaSyntaxError) -> LuaExpression {
        var expression = expression
        expression.height = 1 + (parts.map(\.height).max() ?? 0)
        try note(height: expression.height)
        return expression
    }

    private mutating func simple() throws(LuaSyntaxError) -> LuaExpression {
        let line = token.line
        func plain(_ kind: LuaExpression.Kind) -> LuaExpression { LuaExpression(line: line, kind: kind) }
        switch token.kind {
        case .number:
            try advance()
            return plain(.number)
        case .string(let text):
            try advance()
            return plain(.string(text))
        case .symbol("nil"):
            try advance()
            return plain(.null)
        case .symbol("true"), .symbol("false"):
            let flag = isAt("true")
            try advance()
            return plain(.boolean(flag))
        case .symbol("..."):
            guard allowsVariadic else { throw failure("cannot use '...' outside a vararg function") }
            try advance()
            return plain(.variadic)
        case .symbol("{"): return try table()
        case .symbol("function"):
            try advance()
            var expression = plain(.function(try function(line, isMethod: false)))
            expression.height = height
            return expression
        default: return try suffixed()
        }
    }

    /// A name or bracket with all that follows: fields, indices, calls.
    mutating func suffixed() throws(LuaSyntaxError) -> LuaExpression {
        let line = token.line
        var value: LuaExpression
        if try accept("(") {
            let inner = try expression()
            try expect(")", opened: line, by: "(")
            value = try grown(LuaExpression(line: line, kind: .parenthesized(inner)), inner)
        } else if case .name(let name) = token.kind {
            try advance()
            value = LuaExpression(line: line, kind: .name(name))
        } else {
            throw unexpected("unexpected symbol")
        }
        while let next = try suffix(value) { value = next }
        return value
    }

    /// The value with one more suffix; nil where there is none.
    private mutating func suffix(_ value: LuaExpression) throws(LuaSyntaxError) -> LuaExpression? {
        let line = token.line
        switch token.kind {
        case .symbol("."):
            try advance()
            let key = LuaExpression(line: token.line, kind: .string(try name()))
            return try grown(LuaExpression(line: line, kind: .index(value, key: key)), value)
        case .symbol("["):
            let key = try bracketed()
            return try grown(LuaExpression(line: line, kind: .index(value, key: key)), value, key)
        case .symbol(":"):
            try advance()
            let name = try name()
            let arguments = try arguments()
            return try tallest(LuaExpression(line: line, kind: .method(value, name: name, arguments)), [value] + arguments)
        case .symbol("("), .symbol("{"), .string:
            let arguments = try arguments()
            return try tallest(LuaExpression(line: line, kind: .call(value, arguments)), [value] + arguments)
        default: return nil
        }
    }

    private mutating func tallest(_ expression: LuaExpression, _ parts: [LuaExpression]) throws(LuaSyntaxError) -> LuaExpression {
        guard let tallest = parts.max(by: { $0.height < $1.height }) else { return expression }
        return try grown(expression, tallest)
    }

    private mutating func bracketed() throws(LuaSyntaxError) -> LuaExpression {
        try advance()
        let key = try expression()
        try expect("]")
        return key
    }

    private mutating func arguments() throws(LuaSyntaxError) -> [LuaExpression] {
        let line = token.line
        switch token.kind {
        case .string(let text):
            try advance()
            return [LuaExpression(line: line, kind: .string(text))]
        case .symbol("{"): return [try table()]
        case .symbol("("):
            try advance()
            let list = isAt(")") ? [] : try expressions()
            try expect(")", opened: line, by: "(")
            return list
        default: throw unexpected("function arguments expected")
        }
    }

    private mutating func table() throws(LuaSyntaxError) -> LuaExpression {
        let line = token.line
        try advance()
        var fields: [LuaTableField] = []
        while !isAt("}") {
            fields.append(try field())
            guard isAt(",") || isAt(";") else { break }
            try advance()
        }
        try expect("}", opened: line, by: "{")
        return try tallest(LuaExpression(line: line, kind: .table(fields)), fields.flatMap { [$0.key, $0.value].compactMap(\.self) })
    }

    private mutating func field() throws(LuaSyntaxError) -> LuaTableField {
        if isAt("[") {
            let key = try bracketed()
            try expect("=")
            return LuaTableField(key: key, value: try expression())
        }
        if case .name(let name) = token.kind, try lookAhead().kind == .symbol("=") {
            let key = LuaExpression(line: token.line, kind: .string(name))
            try advance()
            try advance()
            return LuaTableField(key: key, value: try expression())
        }
        return LuaTableField(key: nil, value: try expression())
    }

    /// A function from its parameters on.
    mutating func function(_ line: Int, isMethod: Bool) throws(LuaSyntaxError) -> LuaFunction {
        var parameters = isMethod ? [LuaLocal(name: "self", line: line)] : []
        var isVariadic = false
        try expect("(")
        while !isAt(")") {
            if try accept("...") {
                isVariadic = true
                break
            }
            parameters.append(LuaLocal(name: try name(), line: lastLine))
            guard try accept(",") else { break }
            if isAt(")") { throw unexpected("<name> expected") }
        }
        try expect(")")
        let body = try functionBody(isVariadic: isVariadic, parameters) { parser throws(LuaSyntaxError) in
            try parser.expect("end", opened: line, by: "function")
        }
        return LuaFunction(line: line, parameters: parameters, isVariadic: isVariadic, body: body)
    }
}
