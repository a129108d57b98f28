extension String {
    /// Whether this is a URI with a scheme (RFC 3986 §3): `https://example.com/a`, `urn:x:y`, `data:image/png;base64,…`.
    var isAbsoluteURI: Bool { uriShape == .absolute }

    /// Whether this is a URI or a relative reference (RFC 3986 §4.1), such as `../Users/1` or an id; not an empty one.
    var isURIReference: Bool { uriShape != nil }

    private enum URIShape { case absolute, relative }

    /// The shape by the characters and their order; nil when this is no URI reference. Hosts and ports are not looked into.
    private var uriShape: URIShape? {
        var (bytes, result) = (self, URIShape?.none)
        // Pictures come as long `data:` URLs, hence the walk over raw bytes.
        bytes.withUTF8 { result = Self.shape(of: $0) }
        return result
    }

    private static func shape(of bytes: UnsafeBufferPointer<UInt8>) -> URIShape? {
        guard !bytes.isEmpty else { return nil }
        // A scheme begins with a letter and ends with the first colon; a relative reference has no colon in its first segment.
        var (start, hasFragment) = (0, false)
        if let colon = bytes.firstIndex(where: \.endsFirstPart), bytes[colon] == UInt8(ascii: ":") {
            guard bytes[0].isURILetter, bytes[..<colon].allSatisfy(\.isOfScheme), colon + 1 < bytes.count else { return nil }
            start = colon + 1
        }
        var place = start
        while place < bytes.count {
            switch bytes[place] {
            case UInt8(ascii: "%"):
                guard place + 2 < bytes.count, bytes[place + 1].isHexDigit, bytes[place + 2].isHexDigit else { return nil }
                place += 2
            case UInt8(ascii: "#"):
                if hasFragment { return nil }
                hasFragment = true
            case let byte where !byte.isOfURI: return nil
            default: break
            }
            place += 1
        }
        return start > 0 ? .absolute : .relative
    }
}

extension UInt8 {
    fileprivate var isURILetter: Bool { (0x61...0x7A).contains(asciiLowercased) }

    /// `:`, `/`, `?` and `#`.
    fileprivate var endsFirstPart: Bool { self == 0x3A || self == 0x2F || self == 0x3F || self == 0x23 }

    fileprivate var isHexDigit: Bool { (0x30...0x39).contains(self) || (0x61...0x66).contains(asciiLowercased) }

    /// Letters, digits, `+`, `-` and `.`.
    fileprivate var isOfScheme: Bool {
        isURILetter || (0x30...0x39).contains(self) || self == UInt8(ascii: "+") || self == UInt8(ascii: "-") || self == UInt8(ascii: ".")
    }

    /// Unreserved and reserved characters but `#` (RFC 3986 §2.2, §2.3).
    fileprivate var isOfURI: Bool {
        if isURILetter { return true }
        switch self {
        case 0x21, 0x24, 0x26...0x3B, 0x3D, 0x3F, 0x40, 0x5B, 0x5D, 0x5F, 0x7E: return true
        default: return false
        }
    }
}
