package import MusterLua

extension LuaValue {
    /// The value as an expression of Lua, on one line.
    package var luaSource: String {
        switch self {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .integer(let number): number == .min ? "math.mininteger" : "\(number)"
        case .number(let number): number.isNaN ? "(0/0)" : number.isInfinite ? (number < 0 ? "(-1/0)" : "(1/0)") : "\(number)"
        case .string(let text): text.luaSource
        case .array(let elements): "{" + elements.map(\.luaSource).joined(separator: ", ") + "}"
        case .object(let object):
            "{"
                + object.members.map { "\(LuaName.isName($0.key) ? $0.key : "[\($0.key.luaSource)]") = \($0.value.luaSource)" }
                .joined(separator: ", ") + "}"
        case .empty: "{}"
        }
    }
}

extension String {
    /// The text as a string of Lua, on one line.
    package var luaSource: String {
        var source = "\""
        for scalar in unicodeScalars {
            switch scalar {
            case "\"": source += "\\\""
            case "\\": source += "\\\\"
            case "\n": source += "\\n"
            case "\r": source += "\\r"
            case "\t": source += "\\t"
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                let digits = String(scalar.value)
                source += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
            default: source.unicodeScalars.append(scalar)
            }
        }
        return source + "\""
    }
}

/// Lua's names.
package enum LuaName {
    /// The words that are no names.
    package static let keywords: Set<String> = [
        "and", "break", "do", "else", "elseif", "end", "false", "for", "function", "goto", "if", "in", "local", "nil", "not", "or",
        "repeat", "return", "then", "true", "until", "while",
    ]

    /// Whether a text can stand as a name, so that a field needs no brackets.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, !keywords.contains(text) else { return false }
        return !isDigit(first) && text.utf8.allSatisfy { isLetter($0) || isDigit($0) }
    }

    static func isLetter(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }

    static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
