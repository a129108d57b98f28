/// Regular expressions (ECMA-262, as JSON Schema has them) of what is written in texts.
///
/// Names and operators may be in any case, and filters nest, which no regular expression can follow: those of filters and
/// paths give an outline that each valid one fulfils.
enum OpenAPIPatterns {
    /// No U+0000.
    static let text = "^[^\\u0000]*$"
    /// No U+0000, and something that is no blank.
    static let nonBlank = "^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$"
    /// Base64 in the usual or the URL alphabet (RFC 7643 §2.3.6).
    static let base64 =
        "^(?:(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?"
        + "|(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}(?:==)?|[A-Za-z0-9_-]{3}=?)?)$"
    /// Characters that an URL need not escape (RFC 9865 §2).
    static let cursor = "^[A-Za-z0-9._~-]*$"
    /// `*`, or entity tags with commas between; their quotes may be missing.
    static let entityTags: String = {
        let tag = "(?:[Ww]/)?(?:\"[!#-~]*\"|[!#-+\\--~]+)"
        return "^[ \\t]*(?:\\*|[, \\t]*\(tag)[ \\t]*(?:,[, \\t]*\(tag)[ \\t]*)*[, \\t]*)[ \\t]*$"
    }()
    /// The outline of a path (RFC 7644 §3.5.2).
    static let path = "^[A-Za-z$][^\\s\"\\[\\]()]*(?:\\[.+\\](?:\\.[A-Za-z$][A-Za-z0-9_$-]*)?)?$"
    /// How a filter begins: parentheses and `not`, a path, perhaps a bracket, an operator. An empty one means none.
    static let filter: String = {
        let opening = "(?:[( ]|[nN][oO][tT] *\\()*"
        let comparison = "[eE][qQ]|[nN][eE]|[cC][oO]|[sS][wW]|[eE][wW]|[gG][tTeE]|[lL][tTeE]"
        return "^(?:\(opening)[A-Za-z$][^ \\[]*(?:\\[\(opening)[A-Za-z$][^ ]*)? +(?:[pP][rR](?:[ )\\]].*)?|(?:\(comparison))[ \"].+))?$"
    }()

    /// One comparison, for each kind of attribute that `paths` name; nothing else than the server takes.
    static func comparisons(of paths: [OpenAPIResource.Path]) -> [String] {
        let shown = paths.filter { !$0.isHidden }
        func names(_ isMeant: (OpenAPIResource.Path) -> Bool) -> String? {
            let names = shown.filter(isMeant).map { escaped($0.text) }
            return names.isEmpty ? nil : "(?:\(names.joined(separator: "|")))"
        }
        let value = "\"[^\"\\\\\\u0000-\\u001f]*\""
        let date = "\"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z\""
        let (order, number) = ("(?:eq|ne|gt|ge|lt|le)", "-?(?:0|[1-9][0-9]{0,8})")
        var patterns: [String] = []
        if let found = names({ [.string, .reference].contains($0.leaf.type) }) {
            patterns.append("^\(found) (?:pr|(?:eq|ne|co|sw|ew|gt|ge|lt|le) \(value))$")
        }
        if let found = names({ $0.leaf.type == .boolean }) { patterns.append("^\(found) (?:pr|(?:eq|ne) (?:true|false))$") }
        if let found = names({ $0.leaf.type == .dateTime }) { patterns.append("^\(found) (?:pr|\(order) \(date))$") }
        if let found = names({ $0.leaf.type == .integer || $0.leaf.type == .decimal }) {
            patterns.append("^\(found) (?:pr|\(order) \(number))$")
        }
        if let found = names({ $0.leaf.type == .binary }) { patterns.append("^\(found) (?:pr|(?:eq|ne|co|sw|ew) \(value))$") }
        if let found = names({ $0.leaf.type == .complex }) { patterns.append("^\(found) pr$") }
        return patterns
    }

    /// The text with a backslash before what means something in a regular expression.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if "\\^$.|?*+()[]{}".contains(character) { result.append("\\") }
            result.append(character)
        }
    }
}
