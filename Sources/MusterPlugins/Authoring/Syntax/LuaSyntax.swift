/// A Lua file as a tree, for those who look for mistakes in it. It never runs; Lua itself compiles what runs.
package struct LuaChunk: Sendable {
    /// The statements.
    package var block: LuaBlock
    /// The rules that comments switch off, by line.
    package var ignored: [Int: Set<String>]

    /// Reads a source.
    /// - Throws: ``LuaSyntaxError`` for what Lua 5.4 refuses as well, and for what is nested too deeply.
    package init(_ source: String) throws(LuaSyntaxError) {
        var parser = try LuaParser(source)
        block = try parser.chunk()
        ignored = parser.ignored
    }
}

/// Why a source is no Lua.
package struct LuaSyntaxError: Error, Sendable, Hashable {
    /// What is wrong.
    package var message: String
    /// Counted from 1.
    package var line: Int
}

/// Statements with a scope of their own.
package struct LuaBlock: Sendable {
    package var statements: [LuaStatement] = []
}

/// A statement.
package struct LuaStatement: Sendable {
    package var line: Int
    package var kind: Kind

    /// What it does.
    package indirect enum Kind: Sendable {
        case local([LuaLocal], [LuaExpression])
        case assignment([LuaExpression], [LuaExpression])
        case call(LuaExpression)
        case block(LuaBlock)
        case whileLoop(LuaExpression, LuaBlock)
        case repeatLoop(LuaBlock, until: LuaExpression)
        case branches([LuaBranch], otherwise: LuaBlock?)
        case numericFor(LuaLocal, [LuaExpression], LuaBlock)
        case genericFor([LuaLocal], [LuaExpression], LuaBlock)
        case function(LuaExpression, LuaFunction)
        case localFunction(LuaLocal, LuaFunction)
        case returning([LuaExpression])
        case jump
    }
}

/// A condition with what follows from it.
package struct LuaBranch: Sendable {
    package var condition: LuaExpression
    package var block: LuaBlock
}

/// A local variable where it is declared.
package struct LuaLocal: Sendable {
    package var name: String
    package var line: Int
    /// Whether it is `<const>` or `<close>`.
    package var isConstant = false
}

/// A function's parameters and body; `self` is the first parameter of a method.
package struct LuaFunction: Sendable {
    package var line: Int
    package var parameters: [LuaLocal]
    package var isVariadic: Bool
    package var body: LuaBlock
}

/// A field of a table constructor.
package struct LuaTableField: Sendable {
    /// nil for the next place of the list.
    package var key: LuaExpression?
    package var value: LuaExpression
}

/// An expression.
package struct LuaExpression: Sendable {
    package var line: Int
    package var kind: Kind
    /// How many expressions stand within one another here, so that nobody who walks the tree runs out of stack.
    var height = 1

    /// What it is.
    package indirect enum Kind: Sendable {
        case null, boolean(Bool), number, variadic
        case string(String)
        case name(String)
        case index(LuaExpression, key: LuaExpression)
        case call(LuaExpression, [LuaExpression])
        case method(LuaExpression, name: String, [LuaExpression])
        case function(LuaFunction)
        case table([LuaTableField])
        case unary(LuaExpression)
        case binary(String, LuaExpression, LuaExpression)
        case parenthesized(LuaExpression)
    }
}
