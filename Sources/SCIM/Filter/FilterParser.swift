extension Filter {
    /// Reads a filter (RFC 7644 §3.4.2.2, grammar of Figure 1).
    ///
    /// Operators and attribute names are read without regard to case. Beyond the grammar, Entra ID's
    /// `emails[type eq "work"].value eq "x"` is understood as `emails[type eq "work" and value eq "x"]`.
    /// - Throws: `invalidFilter` that says where and what was wanted.
    public init(parsing text: String, limits: FilterLimits = .init()) throws(SCIMError) {
        var quirks: Set<Quirk> = []
        try self.init(parsing: text, limits: limits, noting: &quirks)
    }

    /// As ``init(parsing:limits:)``, and tells whether the text went beyond the grammar.
    public init(parsing text: String, limits: FilterLimits = .init(), noting quirks: inout Set<Quirk>) throws(SCIMError) {
        guard text.utf8.count <= limits.maximumBytes else {
            throw .invalidFilter("the filter is longer than \(limits.maximumBytes) bytes")
        }
        var parser = FilterParser(Array(text.utf8), limits: limits)
        self = try parser.wholeFilter()
        if parser.hasComparedValuePath { quirks.insert(.comparedValuePath) }
    }
}

/// A reader of filters and paths over bytes. Its depth is limited, so its recursion is too.
struct FilterParser {
    private let bytes: [UInt8]
    private let limits: FilterLimits
    private var position = 0
    /// Whether a comparison stood behind brackets.
    private(set) var hasComparedValuePath = false
    private var depth = 0
    private var terms = 0

    init(_ bytes: [UInt8], limits: FilterLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    mutating func wholeFilter() throws(SCIMError) -> Filter {
        let filter = try disjunction(inBrackets: false)
        skipBlanks()
        guard position == bytes.count else { throw error("'and', 'or' or the end is wanted") }
        return filter
    }

    /// A path (RFC 7644 §3.5.2, `PATH`) that fills the whole text.
    mutating func wholePath() throws(SCIMError) -> AttributePath {
        var path = try attributePath()
        if next() == UInt8(ascii: "[") {
            guard path.subAttribute == nil else { throw error("a filter in brackets follows the attribute, not a sub-attribute") }
            path.valueFilter = try bracketed()
            if next() == UInt8(ascii: ".") {
                position += 1
                path.subAttribute = try name()
            }
        }
        guard position == bytes.count else { throw error("the end of the path is wanted") }
        return path
    }

    // MARK: Logic

    private mutating func disjunction(inBrackets: Bool) throws(SCIMError) -> Filter {
        var filters = [try conjunction(inBrackets: inBrackets)]
        while takeWord("or") { filters.append(try conjunction(inBrackets: inBrackets)) }
        return filters.count == 1 ? filters[0] : .or(filters)
    }

    private mutating func conjunction(inBrackets: Bool) throws(SCIMError) -> Filter {
        var filters = [try factor(inBrackets: inBrackets)]
        while takeWord("and") { filters.append(try factor(inBrackets: inBrackets)) }
        return filters.count == 1 ? filters[0] : .and(filters)
    }

    private mutating func factor(inBrackets: Bool) throws(SCIMError) -> Filter {
        skipBlanks()
        if next() == UInt8(ascii: "(") { return try parenthesized(inBrackets: inBrackets) }
        let start = position
        if takeWord("not") {
            skipBlanks()
            if next() == UInt8(ascii: "(") { return .not(try parenthesized(inBrackets: inBrackets)) }
            position = start
        }
        return try term(inBrackets: inBrackets)
    }

    private mutating func parenthesized(inBrackets: Bool) throws(SCIMError) -> Filter {
        position += 1
        try descend()
        let filter = try disjunction(inBrackets: inBrackets)
        skipBlanks()
        guard next() == UInt8(ascii: ")") else { throw error("')' is wanted") }
        position += 1
        depth -= 1
        return filter
    }

    private mutating func bracketed() throws(SCIMError) -> Filter {
        position += 1
        try descend()
        let filter = try disjunction(inBrackets: true)
        skipBlanks()
        guard next() == UInt8(ascii: "]") else { throw error("']' is wanted") }
        position += 1
        depth -= 1
        return filter
    }

    private mutating func descend() throws(SCIMError) {
        depth += 1
        guard depth <= limits.maximumDepth else { throw error("parentheses nest deeper than \(limits.maximumDepth)") }
    }

    // MARK: Terms

    private mutating func term(inBrackets: Bool) throws(SCIMError) -> Filter {
        terms += 1
        guard terms <= limits.maximumTerms else { throw error("more than \(limits.maximumTerms) comparisons") }
        let path = try attributePath()
        guard next() == UInt8(ascii: "[") else { return try comparison(of: path) }
        guard !inBrackets else { throw error("brackets inside brackets are not allowed") }
        guard path.subAttribute == nil else { throw error("brackets follow an attribute, not a sub-attribute") }
        let filter = try bracketed()
        guard next() == UInt8(ascii: ".") else { return .valuePath(path, filter) }
        // Outside the grammar: Entra ID asks for a sub-attribute of the value that the brackets choose.
        position += 1
        hasComparedValuePath = true
        let last = try comparison(of: AttributePath(attribute: try name()))
        if case .and(let filters) = filter { return .valuePath(path, .and(filters + [last])) }
        return .valuePath(path, .and([filter, last]))
    }

    private mutating func comparison(of path: AttributePath) throws(SCIMError) -> Filter {
        guard isBlank(next()) else { throw error("a blank and an operator are wanted") }
        skipBlanks()
        let start = position
        let word = takeLetters()
        if word.isSameName(as: "pr") { return .present(path) }
        guard let operation = Filter.Operator.allCases.first(where: { $0.rawValue.isSameName(as: word) }) else {
            position = start
            throw error("an operator is wanted: eq, ne, co, sw, ew, gt, ge, lt, le or pr")
        }
        // The examples of RFC 7644 §3.5.2.2 have no blank before a quote.
        guard isBlank(next()) || next() == UInt8(ascii: "\"") else { throw error("a blank and a value are wanted") }
        skipBlanks()
        let value = try value()
        if [.co, .sw, .ew].contains(operation), value.string == nil {
            throw error("'\(operation.rawValue)' compares with a string in double quotes")
        }
        return .comparison(path, operation, value)
    }

    private mutating func value() throws(SCIMError) -> AttributeValue {
        let start = position
        if next() == UInt8(ascii: "\"") {
            position += 1
            while let byte = next(), byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
            guard position < bytes.count else {
                position = start
                throw error("the string does not end")
            }
            position += 1
        } else {
            // Control characters, line breaks among them, end it too: JSON would allow some around a value.
            while let byte = next(), byte > UInt8(ascii: " "), byte != UInt8(ascii: ")"), byte != UInt8(ascii: "]") { position += 1 }
        }
        let literal = Array(bytes[start..<position])
        switch String(decoding: literal, as: UTF8.self).lowercased() {
        case "true": return true
        case "false": return false
        case "null": return .null
        default: break
        }
        switch try? AttributeValue(json: literal) {
        case .string(let text)?: return .string(text)
        case .integer(let number)?: return .integer(number)
        case .decimal(let number)?: return .decimal(number)
        default:
            position = start
            throw error("a value is wanted: a string in double quotes, a number, true, false or null")
        }
    }

    // MARK: Names

    /// `[URN ":"] name ["." sub-attribute]`. What follows the URN's last colon is the attribute; where the text is an
    /// extension's URN alone, the registry finds that out, see ``SchemaRegistry/resolve(_:in:)``.
    private mutating func attributePath() throws(SCIMError) -> AttributePath {
        var path = AttributePath(attribute: nil)
        if let end = endOfURN() {
            path.schema = String(decoding: bytes[position..<end], as: UTF8.self)
            position = end + 1
        }
        path.attribute = try path.schema == nil ? name() : nameAfterURN()
        if next() == UInt8(ascii: ".") {
            position += 1
            path.subAttribute = try path.schema == nil ? name() : nameAfterURN()
        }
        return path
    }

    /// The position of the last colon of a URN that begins here, or nil.
    private func endOfURN() -> Int? {
        guard bytes.count - position > 4, String(decoding: bytes[position..<position + 4], as: UTF8.self).isSameName(as: "urn:")
        else { return nil }
        var last: Int?
        var index = position
        while index < bytes.count, !isBlank(bytes[index]), !"[]()\"".utf8.contains(bytes[index]) {
            if bytes[index] == UInt8(ascii: ":") { last = index }
            index += 1
        }
        return last
    }

    /// The last part of an extension's URN may begin with a digit (`…:2.0`): then its parts stand as names.
    private mutating func nameAfterURN() throws(SCIMError) -> String {
        let start = position
        while let byte = next(), isNameByte(byte) { position += 1 }
        guard position > start else { throw error("an attribute name is wanted after the URN") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func name() throws(SCIMError) -> String {
        let start = position
        guard let first = next(), isLetter(first) || first == UInt8(ascii: "$") else { throw error("an attribute name is wanted") }
        position += 1
        while let byte = next(), isNameByte(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    private mutating func takeLetters() -> String {
        let start = position
        while let byte = next(), isLetter(byte) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Takes a word that is followed by a blank or a parenthesis, with the blanks before it.
    private mutating func takeWord(_ word: String) -> Bool {
        let start = position
        skipBlanks()
        let taken = takeLetters()
        if taken.isSameName(as: word), isBlank(next()) || next() == UInt8(ascii: "(") { return true }
        position = start
        return false
    }

    private mutating func skipBlanks() { while isBlank(next()) { position += 1 } }

    private func next() -> UInt8? { position < bytes.count ? bytes[position] : nil }

    private func isBlank(_ byte: UInt8?) -> Bool { byte == UInt8(ascii: " ") }

    private func isLetter(_ byte: UInt8) -> Bool {
        let lower = byte | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
    }

    private func error(_ what: String) -> SCIMError { .invalidFilter("at character \(position + 1): \(what)") }
}
