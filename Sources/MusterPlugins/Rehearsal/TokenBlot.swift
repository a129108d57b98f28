extension SecretMask {
    /// The text as it may be kept: without the plugin's secrets, and without the tokens and passwords of others.
    func kept(_ text: String) -> String { masked(text).withoutTokens }
}

extension String {
    /// The text with `***` in place of tokens and passwords: what stands in members of JSON, at any depth, and in fields of a
    /// form that are called `access_token`, `refresh_token`, `id_token`, `client_secret` or `password`, in any spelling such as
    /// `accessToken`.
    ///
    /// It is found in any text, also in JSON that is cut or has members twice. What holds none is as it was.
    var withoutTokens: String {
        var (scan, text) = (TokenScan(Array(utf8)), [UInt8]())
        var start = 0
        while let found = scan.next() {
            text += scan.bytes[start..<found.value.lowerBound] + Array((found.isForm ? "***" : "\"***\"").utf8)
            start = found.value.upperBound
        }
        return start == 0 ? self : String(decoding: text + scan.bytes[start...], as: UTF8.self)
    }
}

/// Finds the values of tokens and passwords in a text, one after the other.
private struct TokenScan {
    /// Names without the marks in between, and without capitals.
    private static let names: Set<[UInt8]> = Set(
        ["accesstoken", "refreshtoken", "idtoken", "clientsecret", "password"].map { Array($0.utf8) })
    /// No name is longer, whatever marks it has.
    private static let longestName = 16

    let bytes: [UInt8]
    private var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// The next value, in JSON with its quotes, and whether it stands in a form; nil at the end.
    mutating func next() -> (value: Range<Int>, isForm: Bool)? {
        while position < bytes.count {
            let byte = bytes[position]
            var found: (value: Range<Int>, isForm: Bool)?
            if byte == UInt8(ascii: "\"") { found = member(after: position).map { ($0, false) } }
            if byte == UInt8(ascii: "&") || byte == UInt8(ascii: "?") { found = field(at: position + 1).map { ($0, true) } }
            if found == nil, position == 0 { found = field(at: 0).map { ($0, true) } }
            position = found?.value.upperBound ?? position + 1
            if let found { return found }
        }
        return nil
    }

    /// Where the value of a member is whose name begins after a quote; nil where it is none of those, or says yes, no or null.
    private func member(after quote: Int) -> Range<Int>? {
        guard let nameEnd = bytes[(quote + 1)...].prefix(Self.longestName + 1).firstIndex(of: UInt8(ascii: "\"")),
            isToken(quote + 1..<nameEnd)
        else { return nil }
        let colon = skipSpace(nameEnd + 1)
        guard colon < bytes.count, bytes[colon] == UInt8(ascii: ":") else { return nil }
        let value = skipSpace(colon + 1)
        let end = end(ofValueAt: value)
        guard value < end, !["true", "false", "null"].contains(String(decoding: bytes[value..<end], as: UTF8.self)) else { return nil }
        return value..<end
    }

    /// Where the value of a form's field is whose name begins here.
    private func field(at start: Int) -> Range<Int>? {
        guard let equals = bytes[start...].prefix(Self.longestName + 1).firstIndex(of: UInt8(ascii: "=")), isToken(start..<equals)
        else { return nil }
        let end = bytes[equals...].firstIndex { $0 == UInt8(ascii: "&") || $0 == UInt8(ascii: "\"") || $0 <= 0x20 } ?? bytes.count
        return equals + 1 < end ? equals + 1..<end : nil
    }

    private func isToken(_ name: Range<Int>) -> Bool {
        let letters = bytes[name].filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
        return Self.names.contains(letters.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 })
    }

    private func skipSpace(_ start: Int) -> Int { bytes[start...].firstIndex { $0 > 0x20 } ?? bytes.count }

    /// The end of a JSON value: of a string, of an object or array with all that is in it, or of a word.
    private func end(ofValueAt start: Int) -> Int {
        var (index, depth) = (start, 0)
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                index += 1
                while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
                index = min(index + 1, bytes.count)
                if depth == 0 { return index }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                (index, depth) = (index + 1, depth + 1)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return index }
                (index, depth) = (index + 1, depth - 1)
                if depth == 0 { return index }
            case UInt8(ascii: ","), ...0x20:
                if depth == 0 { return index }
                index += 1
            default: index += 1
            }
        }
        return bytes.count
    }
}
