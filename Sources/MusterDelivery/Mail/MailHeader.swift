import Foundation
import MusterCore

/// Headers of a mail, folded, and encoded where they are not plain ASCII (RFC 2047).
enum MailHeader {
    /// Lines are folded where they would grow longer, if they can be.
    private static let width = 76
    /// Bytes of text in one encoded word: 13 groups of base64, 64 characters with what stands around them.
    private static let wordBytes = 39
    /// The longest word that is left as it is; lines hold 998 bytes at most.
    private static let wordLimit = 900

    /// A header that holds a text.
    static func text(_ name: String, _ value: String) -> String {
        folded(name, isPlain(value) ? value.split(separator: " ").map(String.init) : encodedWords(value))
    }

    /// A header that holds addresses.
    static func addresses(_ name: String, _ list: [MailAddress]) -> String {
        var tokens: [String] = []
        for (number, address) in list.enumerated() {
            let name = address.name.map { phrase($0) } ?? []
            let text = name.isEmpty ? address.text : "<\(address.text)>"
            tokens += name + [text + (number < list.count - 1 ? "," : "")]
        }
        return folded(name, tokens)
    }

    /// A name in front of an address: words as they are, one quoted string, or encoded words.
    private static func phrase(_ name: String) -> [String] {
        guard isPlain(name) else { return encodedWords(name) }
        let words = name.split(separator: " ").map(String.init)
        if words.allSatisfy({ $0.utf8.allSatisfy(MailAddress.isAtomByte) }) { return words }
        return ["\"" + name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""]
    }

    /// Whether a text means itself: ASCII, nothing that reads like an encoded word, and blanks that survive folding.
    private static func isPlain(_ text: String) -> Bool {
        text.utf8.allSatisfy { 0x20...0x7E ~= $0 } && !text.contains("=?") && !text.contains("  ") && !text.hasPrefix(" ")
            && !text.hasSuffix(" ") && text.split(separator: " ").allSatisfy { $0.utf8.count <= wordLimit }
    }

    /// Each holds whole characters, so that it can be read by itself (RFC 2047 §5).
    private static func encodedWords(_ text: String) -> [String] {
        var words: [String] = []
        var chunk: [UInt8] = []
        func flush() {
            if !chunk.isEmpty { words.append("=?UTF-8?B?\(Data(chunk).base64EncodedString())?=") }
            chunk = []
        }
        for scalar in text.unicodeScalars {
            let bytes = Array(String(scalar).utf8)
            if chunk.count + bytes.count > wordBytes { flush() }
            chunk += bytes
        }
        flush()
        return words
    }

    private static func folded(_ name: String, _ tokens: [String]) -> String {
        var lines: [String] = []
        var line = name + ":"
        for (number, token) in tokens.enumerated() {
            // The first one stays beside the name: some readers take a first line without a value for an empty header.
            if number > 0, line.utf8.count + 1 + token.utf8.count > width {
                lines.append(line)
                line = ""
            }
            line += " " + token
        }
        return (lines + [line]).joined(separator: "\n")
    }
}
