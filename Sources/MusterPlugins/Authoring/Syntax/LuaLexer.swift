/// A word of a Lua source.
struct LuaToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case name(String)
        case string(String)
        case number
        /// A keyword or a sign.
        case symbol(String)
        case end
    }

    var kind: Kind
    var line: Int

    /// The token as messages name it.
    var text: String {
        switch kind {
        case .name(let text), .symbol(let text): "'\(text)'"
        case .string(let text): "'\(text.prefix(40))'"
        case .number: "a number"
        case .end: "the end of the file"
        }
    }
}

/// Cuts a source into tokens (Lua 5.4 §3.1).
struct LuaLexer {
    /// The largest source that is read.
    static let limit = 1 << 20

    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    /// The line of the last token, to tell a comment behind code from one that stands alone.
    private var lastLine = 0
    /// The rules that comments switch off, by line.
    private(set) var ignored: [Int: Set<String>] = [:]

    init(_ source: String) throws(LuaSyntaxError) {
        bytes = Array(source.utf8)
        guard bytes.count <= Self.limit else { throw LuaSyntaxError(message: "the file is larger than 1 MiB", line: 1) }
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
    }

    private var byte: UInt8? { peek(0) }
    private func peek(_ offset: Int) -> UInt8? { position + offset < bytes.count ? bytes[position + offset] : nil }
    private func isAt(_ text: StaticString) -> Bool {
        position + text.utf8CodeUnitCount <= bytes.count
            && (0..<text.utf8CodeUnitCount).allSatisfy { bytes[position + $0] == text.utf8Start[$0] }
    }

    private func failure(_ message: String) -> LuaSyntaxError { LuaSyntaxError(message: message, line: line) }

    /// The next token; `.end` at the end, again and again.
    mutating func next() throws(LuaSyntaxError) -> LuaToken {
        try skipBlanks()
        let start = line
        lastLine = line
        guard let byte else { return LuaToken(kind: .end, line: line) }
        if LuaName.isLetter(byte) { return LuaToken(kind: name(), line: start) }
        if LuaName.isDigit(byte) || byte == UInt8(ascii: "."), LuaName.isDigit(byte) || peek(1).map(LuaName.isDigit) == true {
            try number()
            return LuaToken(kind: .number, line: start)
        }
        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
            let text = try shortString(byte)
            lastLine = line
            return LuaToken(kind: .string(text), line: start)
        }
        if byte == UInt8(ascii: "["), let level = try longBracket() {
            let text = try longText(level, "string")
            lastLine = line
            return LuaToken(kind: .string(text), line: start)
        }
        return LuaToken(kind: .symbol(try sign()), line: start)
    }

    // MARK: Blanks and comments

    private mutating func skipBlanks() throws(LuaSyntaxError) {
        while let byte {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"): skipLineBreak()
            case UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0B, 0x0C: position += 1
            case UInt8(ascii: "-") where peek(1) == UInt8(ascii: "-"): try skipComment()
            default: return
            }
        }
    }

    private mutating func skipLineBreak() {
        let first = byte
        position += 1
        if let second = byte, second != first, second == UInt8(ascii: "\n") || second == UInt8(ascii: "\r") { position += 1 }
        line += 1
    }

    private mutating func skipComment() throws(LuaSyntaxError) {
        position += 2
        if byte == UInt8(ascii: "["), let level = try? longBracket() {
            _ = try longText(level, "comment")
            return
        }
        let start = position
        while let byte, byte != UInt8(ascii: "\n"), byte != UInt8(ascii: "\r") { position += 1 }
        note(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    /// `-- muster: ignore unused-local, phase` holds for its own line, and where it stands alone for the next one.
    private mutating func note(_ comment: String) {
        let mark = " muster: ignore "
        guard comment.hasPrefix(mark) else { return }
        let rules = comment.dropFirst(mark.count).split { $0 == "," || $0 == " " }.map(String.init)
        ignored[lastLine == line ? line : line + 1, default: []].formUnion(rules)
    }

    // MARK: Words

    private mutating func name() -> LuaToken.Kind {
        let start = position
        while let byte, LuaName.isLetter(byte) || LuaName.isDigit(byte) { position += 1 }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return LuaName.keywords.contains(text) ? .symbol(text) : .name(text)
    }

    private mutating func sign() throws(LuaSyntaxError) -> String {
        let signs: [StaticString] = [
            "...", "..", "==", "~=", "<=", ">=", "//", "<<", ">>", "::", "+", "-", "*", "/", "%", "^", "#", "&", "~", "|", "<", ">", "=",
            "(", ")", "{", "}", "[", "]", ";", ":", ",", ".",
        ]
        guard let sign = signs.first(where: { isAt($0) }) else {
            throw failure("unexpected symbol near '\(String(decoding: [byte ?? 0], as: UTF8.self))'")
        }
        position += sign.utf8CodeUnitCount
        return "\(sign)"
    }

    // MARK: Numbers

    private mutating func number() throws(LuaSyntaxError) {
        let start = position
        var exponent: [UInt8] = Array("eE".utf8)
        if byte == UInt8(ascii: "0"), peek(1) == UInt8(ascii: "x") || peek(1) == UInt8(ascii: "X") {
            exponent = Array("pP".utf8)
            position += 2
        }
        while let byte {
            if exponent.contains(byte) {
                position += 1
                if self.byte == UInt8(ascii: "+") || self.byte == UInt8(ascii: "-") { position += 1 }
            } else if Self.isHexDigit(byte) || byte == UInt8(ascii: ".") {
                position += 1
            } else {
                break
            }
        }
        if let byte, LuaName.isLetter(byte) { position += 1 }
        let text = bytes[start..<position]
        guard Self.isNumeral(text) else { throw failure("malformed number near '\(String(decoding: text, as: UTF8.self).prefix(40))'") }
    }

    /// Whether bytes are a whole numeral: digits with at most one point, and an exponent with digits.
    private static func isNumeral(_ text: ArraySlice<UInt8>) -> Bool {
        var rest = text
        let isHex = rest.count > 1 && rest.first == UInt8(ascii: "0") && rest.dropFirst().first.map { $0 | 0x20 } == UInt8(ascii: "x")
        if isHex { rest = rest.dropFirst(2) }
        let isDigit: (UInt8) -> Bool = isHex ? { isHexDigit($0) } : { LuaName.isDigit($0) }
        let whole = rest.prefix(while: isDigit)
        rest = rest[whole.endIndex...]
        var digits = whole.count
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            let part = rest.prefix(while: isDigit)
            rest = rest[part.endIndex...]
            digits += part.count
        }
        guard digits > 0 else { return false }
        guard let mark = rest.first else { return true }
        guard mark | 0x20 == (isHex ? UInt8(ascii: "p") : UInt8(ascii: "e")) else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy { LuaName.isDigit($0) }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        LuaName.isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte | 0x20
    }

    // MARK: Strings

    /// The level of a long bracket that opens here, and its opening is passed; nil for a plain `[`.
    private mutating func longBracket() throws(LuaSyntaxError) -> Int? {
        var level = 0
        while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
        guard peek(1 + level) == UInt8(ascii: "[") else {
            if level > 0 { throw failure("invalid long string delimiter") }
            return nil
        }
        position += level + 2
        return level
    }

    private mutating func longText(_ level: Int, _ what: String) throws(LuaSyntaxError) -> String {
        let start = line
        if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { skipLineBreak() }
        var text: [UInt8] = []
        while let byte {
            if byte == UInt8(ascii: "]"), (0..<level).allSatisfy({ peek(1 + $0) == UInt8(ascii: "=") }), peek(1 + level) == byte {
                position += level + 2
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                text.append(UInt8(ascii: "\n"))
                skipLineBreak()
            } else {
                text.append(byte)
                position += 1
            }
        }
        throw failure("unfinished long \(what) (starting at line \(start))")
    }

    private mutating func shortString(_ quote: UInt8) throws(LuaSyntaxError) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte {
            if byte == quote {
                position += 1
                return String(decoding: text, as: UTF8.self)
            }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { break }
            if byte == UInt8(ascii: "\\") {
                try escape(&text)
            } else {
                text.append(byte)
                position += 1
            }
        }
        throw failure("unfinished string")
    }

    private static let escapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 7, UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
        UInt8(ascii: "t"): 9, UInt8(ascii: "v"): 11, UInt8(ascii: "\\"): 92, UInt8(ascii: "\""): 34, UInt8(ascii: "'"): 39,
    ]

    private mutating func escape(_ text: inout [UInt8]) throws(LuaSyntaxError) {
        position += 1
        guard let byte else { throw failure("unfinished string") }
        if let plain = Self.escapes[byte] {
            text.append(plain)
            position += 1
            return
        }
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
            text.append(UInt8(ascii: "\n"))
            skipLineBreak()
        case UInt8(ascii: "x"):
            position += 1
            text.append(UInt8(truncatingIfNeeded: try hexDigits(2...2)))
        case UInt8(ascii: "u"): try unicode(&text)
        case UInt8(ascii: "z"):
            position += 1
            while let blank = self.byte, blank == 0x20 || 0x09...0x0D ~= blank {
                if blank == UInt8(ascii: "\n") || blank == UInt8(ascii: "\r") { skipLineBreak() } else { position += 1 }
            }
        case _ where LuaName.isDigit(byte):
            var code = 0
            var count = 0
            while count < 3, let digit = self.byte, LuaName.isDigit(digit) {
                code = code * 10 + Int(digit - UInt8(ascii: "0"))
                position += 1
                count += 1
            }
            guard code <= 255 else { throw failure("decimal escape too large") }
            text.append(UInt8(code))
        default: throw failure("invalid escape sequence '\\\(String(decoding: [byte], as: UTF8.self))'")
        }
    }

    /// `\u{…}`: up to 2^31, of which only what is Unicode matters here.
    private mutating func unicode(_ text: inout [UInt8]) throws(LuaSyntaxError) {
        position += 1
        guard byte == UInt8(ascii: "{") else { throw failure("missing '{' in \\u{xxxx}") }
        position += 1
        let code = try hexDigits(1...Int.max)
        guard byte == UInt8(ascii: "}") else { throw failure("missing '}' in \\u{xxxx}") }
        position += 1
        text += Array(String(Unicode.Scalar(UInt32(code)).map(Character.init) ?? "\u{FFFD}").utf8)
    }

    private mutating func hexDigits(_ count: ClosedRange<Int>) throws(LuaSyntaxError) -> Int {
        var (value, found) = (0, 0)
        while found < count.upperBound, let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 {
            value = value << 4 | digit
            guard value < 1 << 31 else { throw failure("UTF-8 value too large") }
            position += 1
            found += 1
        }
        guard found >= count.lowerBound else { throw failure("hexadecimal digit expected") }
        return value
    }
}
