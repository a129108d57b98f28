import Foundation
import RegexBuilder

/// A filter read by the rules of RFC 7644 §3.4.2.2 Figure 1, for the sake of clarity and of being another reading than
/// the product's.
///
/// Where the text departs from the figure, the RFC's own examples decide: several blanks for one, and a blank between
/// `not` and its parenthesis. Attribute names may hold and begin with `$` (RFC 7643 §2.1, §2.4 `$ref`). One form comes
/// from outside, Entra ID's `emails[type eq "work"].value eq "x"`: the comparison is of the value that the brackets choose.
indirect enum ReferenceFilter: Sendable, Hashable {
    case compare(path: [String], String, PlainJSON)
    case present(path: [String])
    case valuePath(path: [String], ReferenceFilter)
    case and(ReferenceFilter, ReferenceFilter)
    case or(ReferenceFilter, ReferenceFilter)
    case not(ReferenceFilter)

    /// Reads a filter.
    /// - Throws: ``Refusal`` where the text is none.
    init(_ text: String) throws {
        var reader = Reader(rest: text[...])
        self = try reader.filter()
        reader.skipBlanks()
        guard reader.rest.isEmpty else { throw Refusal(reader.rest) }
    }

    /// Where a text stops to be a filter.
    struct Refusal: Error, CustomStringConvertible {
        var description: String
        init(_ rest: Substring) { description = "no filter from here: '\(rest)'" }
    }

    /// Every attribute that the filter names, as schema (may be empty), attribute, sub-attribute.
    var paths: [[String]] {
        switch self {
        case .compare(let path, _, _), .present(let path): [path]
        case .valuePath(let path, let inner): inner.paths.map { path + $0.dropFirst() }
        case .and(let left, let right), .or(let left, let right): left.paths + right.paths
        case .not(let inner): inner.paths
        }
    }

    private struct Reader {
        var rest: Substring

        mutating func skipBlanks() { rest = rest.drop { $0 == " " } }

        /// `FILTER`, of which `or` binds least.
        mutating func filter() throws -> ReferenceFilter {
            var left = try conjunction()
            while takeWord(/or/) { left = .or(left, try conjunction()) }
            return left
        }

        private mutating func conjunction() throws -> ReferenceFilter {
            var left = try term()
            while takeWord(/and/) { left = .and(left, try term()) }
            return left
        }

        private mutating func term() throws -> ReferenceFilter {
            skipBlanks()
            if take(/not *\(/) { return .not(try closed(by: ")")) }
            if take(/\(/) { return try closed(by: ")") }
            let path = try path()
            guard path.count == 2, take(/\[/) else { return try comparison(of: path) }
            let inner = try closed(by: "]")
            // RFC 7643 §2.3.8: no complex attribute holds another one; so no brackets stand in brackets.
            guard !inner.hasValuePath else { throw Refusal(rest) }
            guard take(/\./) else { return .valuePath(path: path, inner) }
            return .valuePath(path: path, .and(inner, try comparison(of: try name())))
        }

        private mutating func closed(by end: Character) throws -> ReferenceFilter {
            let inner = try filter()
            skipBlanks()
            guard rest.first == end else { throw Refusal(rest) }
            rest.removeFirst()
            return inner
        }

        private mutating func comparison(of path: [String]) throws -> ReferenceFilter {
            if take(#/ +pr(?![A-Za-z0-9])/#) { return .present(path: path) }
            guard let match = rest.prefixMatch(of: (#/ +(eq|ne|co|sw|ew|gt|ge|lt|le) +/#).ignoresCase()) else { throw Refusal(rest) }
            rest = rest[match.range.upperBound...]
            let json =
                /"(?:[^"\\\u{0}-\u{1F}]|\\["\\\/bfnrt]|\\u[0-9A-Fa-f]{4})*"|true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/
            guard let value = rest.prefixMatch(of: json.matchingSemantics(.unicodeScalar)) else { throw Refusal(rest) }
            rest = rest[value.range.upperBound...]
            guard rest.first.map({ " )]".contains($0) }) ?? true else { throw Refusal(rest) }
            return .compare(path: path, match.output.1.lowercased(), try PlainJSON(Array(value.output.utf8)))
        }

        /// `attrPath`: the schema or "", the attribute, and perhaps the sub-attribute.
        private mutating func path() throws -> [String] {
            var path = [""]
            if let match = rest.prefixMatch(of: (/(urn:[^\s\[\]()"]+):(?=[A-Za-z$])/).ignoresCase()) {
                path = [String(match.output.1)]
                rest = rest[match.range.upperBound...]
            }
            path += try name().dropFirst()
            if take(/\./) { path += try name().dropFirst() }
            return path
        }

        private mutating func name() throws -> [String] {
            guard let match = rest.prefixMatch(of: /[A-Za-z$][-_$A-Za-z0-9]*/) else { throw Refusal(rest) }
            rest = rest[match.range.upperBound...]
            return ["", String(match.output)]
        }

        private mutating func takeWord(_ word: Regex<Substring>) -> Bool {
            take(
                Regex {
                    #/ */#; word; /(?=[ (])/
                })
        }

        private mutating func take(_ regex: some RegexComponent<Substring>) -> Bool {
            guard let match = try? regex.regex.ignoresCase().prefixMatch(in: rest) else { return false }
            rest = rest[match.range.upperBound...]
            return true
        }
    }

    private var hasValuePath: Bool {
        switch self {
        case .compare, .present: false
        case .valuePath: true
        case .and(let left, let right), .or(let left, let right): left.hasValuePath || right.hasValuePath
        case .not(let inner): inner.hasValuePath
        }
    }
}
