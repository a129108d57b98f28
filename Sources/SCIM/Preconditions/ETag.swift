/// An entity tag: the name of one state of a resource (RFC 7644 §3.14, RFC 9110 §8.8.3).
public struct ETag: Sendable, Hashable, CustomStringConvertible {
    /// The text between the quotes.
    public var tag: String
    /// Whether the tag has `W/` in front.
    public var isWeak: Bool

    /// Creates a tag.
    public init(_ tag: String, isWeak: Bool = true) {
        self.tag = tag
        self.isWeak = isWeak
    }

    /// Reads one tag, such as `W/"3"`, `"3"`, or a bare `3` from a client that leaves the quotes out; nil when it is none.
    public init?(parsing text: String) {
        var reader = ETagReader(text)
        guard let tag = reader.next(), reader.isAtEnd else { return nil }
        self = tag
    }

    /// Whether both stand for the same state, weak or not (RFC 9110 §8.8.3.2, weak comparison).
    public func isSameState(as other: ETag) -> Bool { tag.utf8.elementsEqual(other.tag.utf8) }

    /// The tag as it stands in a header.
    public var description: String { (isWeak ? "W/" : "") + "\"\(tag)\"" }
}

/// Walks over the tags of a header.
struct ETagReader {
    private var rest: Substring.UTF8View

    init(_ text: String) {
        rest = text[...].utf8
        skipBlanks()
    }

    var isAtEnd: Bool { rest.isEmpty }

    private mutating func skipBlanks() {
        rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    }

    /// Passes over commas; a list may have empty elements (RFC 9110 §5.6.1.2).
    /// - Returns: Whether there was one.
    mutating func skipCommas() -> Bool {
        let start = rest.startIndex
        while rest.first == UInt8(ascii: ",") {
            rest = rest.dropFirst()
            skipBlanks()
        }
        return rest.startIndex != start
    }

    /// The next tag, or nil when what follows is none.
    mutating func next() -> ETag? {
        let isWeak = rest.starts(with: "W/".utf8) || rest.starts(with: "w/".utf8)
        if isWeak { rest = rest.dropFirst(2) }
        let isQuoted = rest.first == UInt8(ascii: "\"")
        if isQuoted { rest = rest.dropFirst() }
        let tag = rest.prefix { byte in
            isQuoted
                ? byte != UInt8(ascii: "\"") && byte > 0x20 && byte != 0x7F : byte > 0x20 && byte != 0x7F && !Self.separators.contains(byte)
        }
        guard isQuoted || !tag.isEmpty else { return nil }
        rest = rest[tag.endIndex...]
        if isQuoted {
            guard rest.first == UInt8(ascii: "\"") else { return nil }
            rest = rest.dropFirst()
        }
        skipBlanks()
        return ETag(String(Substring(tag)), isWeak: isWeak)
    }

    private static let separators = Array(",\"".utf8)
}
