import SCIM

/// A text of a template, cut into what stands there and what is filled in.
struct MacroText: Sendable, Hashable {
    /// A part.
    enum Part: Sendable, Hashable {
        case text(String)
        /// The name between `{$` and `}`.
        case macro(String)
    }

    /// Longer texts are no macros, but what somebody forgot to close.
    private static let longestName = 200

    let parts: [Part]
    /// Whether a macro is opened and not closed.
    let isUnclosed: Bool

    init(_ text: String) {
        var (parts, rest, isUnclosed) = ([Part](), text[...], false)
        while let start = rest.range(of: "{$") {
            if start.lowerBound > rest.startIndex { parts.append(.text(String(rest[..<start.lowerBound]))) }
            let body = rest[start.upperBound...]
            guard let end = body.firstIndex(of: "}"), body.distance(from: body.startIndex, to: end) <= Self.longestName,
                !body[..<end].contains("{")
            else {
                isUnclosed = true
                rest = rest[start.lowerBound...]
                break
            }
            parts.append(.macro(String(body[..<end]).trimmed))
            rest = body[body.index(after: end)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        self.parts = parts
        self.isUnclosed = isUnclosed
    }

    /// The names of the macros in it.
    var macros: [String] {
        parts.compactMap { if case .macro(let name) = $0 { name } else { nil } }
    }

    /// The macro's name where the text is nothing but one.
    var only: String? {
        guard parts.count == 1, case .macro(let name) = parts[0] else { return nil }
        return name
    }
}

extension String {
    /// The text without blanks at its ends.
    fileprivate var trimmed: String {
        String(drop { $0.isWhitespace }.reversed().drop { $0.isWhitespace }.reversed())
    }

    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<String.Index>? { self[...].range(of: text) }
}

extension Substring {
    /// The first place of a text.
    fileprivate func range(of text: String) -> Range<Substring.Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
