import Foundation

/// A text as the body of a mail: ASCII in lines of at most 76 characters (RFC 2045 §6.7 and §6.8).
///
/// Mostly ASCII it is quoted-printable, which people can read in the raw; else base64, which is shorter then.
struct MailBody {
    /// What `Content-Transfer-Encoding` says.
    let encoding: String
    /// The text, encoded; its lines end with LF.
    let encoded: String

    private static let width = 76

    /// Encodes a text, whichever way its lines end.
    init(_ text: String) {
        let bytes = Array(text.replacing("\r\n", with: "\n").replacing("\r", with: "\n").utf8)
        if bytes.count(where: { $0 >= 0x80 }) * 6 <= bytes.count {
            encoding = "quoted-printable"
            encoded = Self.quotedPrintable(bytes)
        } else {
            encoding = "base64"
            // Lines of a text end with CRLF in what base64 stands for (RFC 2046 §4.1.1).
            encoded = Self.base64(bytes.flatMap { $0 == UInt8(ascii: "\n") ? [0x0D, 0x0A] : [$0] })
        }
    }

    private static func quotedPrintable(_ bytes: [UInt8]) -> String {
        bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map { quotedPrintable(line: $0) }
            .joined(separator: "\n")
    }

    private static func quotedPrintable(line: ArraySlice<UInt8>) -> String {
        var (lines, text): ([String], String) = ([], "")
        for (index, byte) in zip(line.indices, line) {
            let token = token(byte, isFirst: text.isEmpty, isLast: index == line.endIndex - 1)
            // One place is left for the `=` of a line that goes on.
            if text.utf8.count + token.utf8.count > width - 1 {
                lines.append(text + "=")
                text = Self.token(byte, isFirst: true, isLast: index == line.endIndex - 1)
            } else {
                text += token
            }
        }
        return (lines + [text]).joined(separator: "\n")
    }

    /// Blanks at the end of a line would get lost, a dot or `From ` at its beginning could be taken for something else.
    private static func token(_ byte: UInt8, isFirst: Bool, isLast: Bool) -> String {
        let isPlain =
            switch byte {
            case UInt8(ascii: "="): false
            case UInt8(ascii: " "), UInt8(ascii: "\t"): !isLast
            case UInt8(ascii: "."), UInt8(ascii: "F"): !isFirst
            case 0x21...0x7E: true
            default: false
            }
        if isPlain { return String(UnicodeScalar(byte)) }
        let digits = String(byte, radix: 16, uppercase: true)
        return "=" + (digits.count < 2 ? "0" : "") + digits
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        stride(from: 0, to: bytes.count, by: width / 4 * 3).map { start in
            Data(bytes[start..<min(bytes.count, start + width / 4 * 3)]).base64EncodedString()
        }.joined(separator: "\n")
    }
}
