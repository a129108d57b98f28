import Foundation

extension String {
    /// Whether two attribute names, schema URIs or operators are the same: ASCII letters compare without case
    /// (RFC 7643 §2.1), everything else byte for byte.
    public func isSameName(as other: String) -> Bool {
        let (left, right) = (utf8, other.utf8)
        guard left.count == right.count else { return false }
        // Look-ups of names are the most frequent thing done here, hence the walk over raw bytes where there are some.
        let isSame = left.withContiguousStorageIfAvailable { left in
            right.withContiguousStorageIfAvailable { right in
                for index in left.indices {
                    let (one, two) = (left[index], right[index])
                    guard one == two || one.asciiLowercased == two.asciiLowercased else { return false }
                }
                return true
            }
        }
        return (isSame ?? nil) ?? zip(left, right).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }

    /// The form in which strings that are not `caseExact` are compared and indexed: Unicode case folding after
    /// canonical composition (NFC), so that "É" written in one or two scalars is one key (RFC 7644 §5, §7.8).
    public var caseFolded: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
        return precomposedStringWithCanonicalMapping.folding(options: .caseInsensitive, locale: nil)
            .precomposedStringWithCanonicalMapping
    }

    /// The form in which `caseExact` strings are compared and indexed: canonical composition (NFC) only.
    public var composed: String {
        if utf8.allSatisfy({ $0 < 0x80 }) { return self }
        return precomposedStringWithCanonicalMapping
    }
}

extension UInt8 {
    var asciiLowercased: UInt8 { self >= 0x41 && self <= 0x5A ? self | 0x20 : self }
}
