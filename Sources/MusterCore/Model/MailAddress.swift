/// A mail address that can be written into a message and handed to a mail program: what two readers could understand in two
/// ways is refused.
///
/// The local part is a dot-string (RFC 5321 §4.1.2) and the domain a host's name in ASCII. Quoted local parts, address literals
/// and comments are refused, and so is what needs SMTPUTF8 (RFC 6531).
public struct MailAddress: Sendable, Hashable {
    /// What people see in front of the address; nil for none.
    public let name: String?
    /// What stands before the `@`, as it was written.
    public let local: String
    /// The domain, in lower case.
    public let domain: String

    /// The address alone, such as `ada@example.com`.
    public var text: String { "\(local)@\(domain)" }

    /// Reads `ada@example.com` or `Ada Lovelace <ada@example.com>`; the name may be quoted.
    /// - Throws: ``MailError`` `invalid` that says what is wrong.
    public init(_ text: String) throws(MailError) {
        let shown = "'\(text.unicodeScalars.prefix(80).map { $0.isLineSafe ? String($0) : "?" }.joined())'"
        func invalid(_ problem: String) -> MailError { MailError(.invalid, "\(shown) is no mail address: \(problem)") }
        guard text.utf8.count <= 600 else { throw invalid("it is longer than 600 bytes") }
        guard text.isLineSafe else { throw invalid("it holds a line break or another control character") }
        let whole = Self.trimmed(text[...])
        var address = whole
        if whole.hasSuffix(">"), let start = whole.lastIndex(of: "<") {
            name = Self.unquoted(Self.trimmed(whole[..<start]))
            address = whole[whole.index(after: start)...].dropLast()
        } else {
            name = nil
        }
        guard let mark = address.lastIndex(of: "@") else { throw invalid("it has no '@'") }
        let (local, domain) = (address[..<mark], address[address.index(after: mark)...].lowercased())
        guard local.utf8.count <= 64, Self.isDotString(local) else {
            let isASCII = local.utf8.allSatisfy { $0 < 0x80 }
            throw invalid(isASCII ? "what stands before the '@' is not allowed there" : "what stands before the '@' is not ASCII")
        }
        guard Self.isDomain(domain) else {
            let isASCII = domain.utf8.allSatisfy { $0 < 0x80 }
            throw invalid(isASCII ? "what follows the '@' is no domain" : "write the domain in its ASCII form, which begins with xn--")
        }
        (self.local, self.domain) = (String(local), domain)
    }

    /// Whether a text is the name of a domain: labels of letters, digits and hyphens, at most 253 bytes.
    public static func isDomain(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
                1...63 ~= label.utf8.count && label.first != "-" && label.last != "-"
                    && label.utf8.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
            }
    }

    /// A local part that begins with a hyphen could be taken for an option of a program.
    private static func isDotString(_ text: Substring) -> Bool {
        text.first != "-"
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(isAtomByte) }
    }

    /// Whether a byte may stand in an atom (RFC 5322 §3.2.3).
    public static func isAtomByte(_ byte: UInt8) -> Bool { isLetterOrDigit(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte) }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: false
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop { $0 == " " }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// A name without its quotes; nil for an empty one.
    private static func unquoted(_ text: Substring) -> String? {
        guard text.count >= 2, text.first == "\"", text.last == "\"" else { return text.isEmpty ? nil : String(text) }
        var (name, isEscaped) = ("", false)
        for character in text.dropFirst().dropLast() {
            if character == "\\", !isEscaped {
                isEscaped = true
            } else {
                name.append(character)
                isEscaped = false
            }
        }
        return name.isEmpty ? nil : name
    }
}

extension MailAddress: CustomStringConvertible {
    /// The address as people write it: `Ada Lovelace <ada@example.com>`.
    public var description: String { name.map { "\($0) <\(text)>" } ?? text }
}

extension StringProtocol {
    /// Whether the text can stand in one line of a mail's head: it holds no line break and no other control character.
    public var isLineSafe: Bool { unicodeScalars.allSatisfy(\.isLineSafe) }
}

extension Unicode.Scalar {
    fileprivate var isLineSafe: Bool { ![.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory) }
}
