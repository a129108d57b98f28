/// Reads one JSON document (RFC 8259) from bytes.
///
/// Stricter than the RFC where it leaves a choice that could be misused: one object may not have two members whose
/// names differ only in ASCII case, since SCIM compares names so (RFC 7643 §2.1) and two readers might pick different
/// ones; a number must fit a double; depth, size and members are limited.
struct JSONReader {
    private let bytes: UnsafeBufferPointer<UInt8>
    private let limits: JSONLimits
    private var position = 0
    private var depth = 0

    /// The most that ``JSONLimits/maximumDepth`` can allow.
    private static let deepest = 256
    /// The longest number, in bytes; a double needs 25.
    private static let longestNumber = 1024

    init(_ bytes: UnsafeBufferPointer<UInt8>, limits: JSONLimits) {
        self.bytes = bytes
        self.limits = limits
    }

    /// The document's value.
    mutating func document() throws(JSONError) -> AttributeValue {
        guard bytes.count <= limits.maximumBytes else {
            throw JSONError(offset: limits.maximumBytes, reason: "the document is longer than \(limits.maximumBytes) bytes")
        }
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw failure("there are bytes after the value") }
        return value
    }

    // MARK: Values

    private mutating func value() throws(JSONError) -> AttributeValue {
        guard let first = peek else { throw failure("it ends where a value is wanted") }
        switch first {
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "{"): return .complex(try object())
        case UInt8(ascii: "["): return .array(try array())
        case UInt8(ascii: "t"):
            try word("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value is wanted")
        }
    }

    private mutating func object() throws(JSONError) -> AttributeMap {
        try enter()
        var members: [AttributeMap.Member] = []
        if !leaves(at: UInt8(ascii: "}")) {
            members.reserveCapacity(8)
            var names = MemberNames()
            while true {
                guard peek == UInt8(ascii: "\"") else { throw failure("a member's name in quotes is wanted") }
                let start = position
                let name = try string()
                guard names.insert(name, after: members) else {
                    position = start
                    throw failure("an object has two members of this name")
                }
                guard members.count < limits.maximumMembers else {
                    throw failure("an object has more than \(limits.maximumMembers) members")
                }
                skipBlanks()
                guard peek == UInt8(ascii: ":") else { throw failure("a colon is wanted") }
                position &+= 1
                skipBlanks()
                members.append(.init(name: name, value: try value()))
                if try !continues(until: UInt8(ascii: "}")) { break }
            }
        }
        depth &-= 1
        return AttributeMap(members)
    }

    private mutating func array() throws(JSONError) -> [AttributeValue] {
        try enter()
        var elements: [AttributeValue] = []
        if !leaves(at: UInt8(ascii: "]")) {
            repeat { elements.append(try value()) } while try continues(until: UInt8(ascii: "]"))
        }
        depth &-= 1
        return elements
    }

    private mutating func word(_ word: StaticString) throws(JSONError) {
        let length = word.utf8CodeUnitCount
        guard length <= bytes.count &- position else { throw failure("true, false or null is cut off") }
        for index in 0..<length where bytes[position &+ index] != word.utf8Start[index] {
            throw failure("a value is wanted; words are true, false and null")
        }
        position &+= length
    }

    // MARK: Numbers

    private mutating func number() throws(JSONError) -> AttributeValue {
        let start = position
        var isInteger = true
        if peek == UInt8(ascii: "-") { position &+= 1 }
        if peek == UInt8(ascii: "0") {
            position &+= 1
            guard !isAtDigit else { throw failure("a number starts with a needless 0") }
        } else {
            try digits()
        }
        if peek == UInt8(ascii: ".") {
            isInteger = false
            position &+= 1
            try digits()
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            isInteger = false
            position &+= 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position &+= 1 }
            try digits()
        }
        let slice = UnsafeBufferPointer(rebasing: bytes[start..<position])
        guard slice.count <= Self.longestNumber else {
            throw JSONError(offset: start, reason: "a number is longer than \(Self.longestNumber) bytes")
        }
        if isInteger, let integer = Self.integer(slice) { return .integer(integer) }
        guard let decimal = Double(String(decoding: slice, as: UTF8.self)), decimal.isFinite else {
            throw JSONError(offset: start, reason: "a number is out of range")
        }
        return .decimal(decimal)
    }

    private var isAtDigit: Bool { peek.map { $0 &- UInt8(ascii: "0") < 10 } ?? false }

    private mutating func digits() throws(JSONError) {
        guard isAtDigit else { throw failure("a digit is wanted") }
        repeat { position &+= 1 } while isAtDigit
    }

    /// The value of digits with an optional minus in front, or nil when it does not fit.
    private static func integer(_ text: UnsafeBufferPointer<UInt8>) -> Int64? {
        let isNegative = text.first == UInt8(ascii: "-")
        var value: Int64 = 0
        for byte in isNegative ? text.dropFirst() : text[...] {
            let digit = Int64(byte &- UInt8(ascii: "0"))
            // Built up below zero, where there is one number more.
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.subtractingReportingOverflow(digit)
            if overflow || carry { return nil }
            value = sum
        }
        if isNegative { return value }
        return value == .min ? nil : -value
    }

    // MARK: Strings

    private mutating func string() throws(JSONError) -> String {
        position &+= 1
        let start = position
        var seen: UInt8 = 0
        while position < bytes.count {
            // Eight plain ASCII bytes at a time, while there are.
            while bytes.isPlainWord(at: position) { position &+= 8 }
            guard position < bytes.count else { break }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                let content = UnsafeBufferPointer(rebasing: bytes[start..<position])
                position &+= 1
                if seen < 0x80 { return String(decoding: content, as: UTF8.self) }
                return try validated(content, at: start)
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
            if byte < 0x20 { throw failure("a control character in a string is not escaped") }
            seen |= byte
            position &+= 1
        }
        throw failure("it ends within a string")
    }

    /// The rest of a string from its first backslash on.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var content = [UInt8](bytes[start..<position])
        while position < bytes.count {
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position &+= 1
                return try validated(content, at: start)
            case UInt8(ascii: "\\"):
                position &+= 1
                try unescape(into: &content)
            case 0..<0x20: throw failure("a control character in a string is not escaped")
            default:
                content.append(byte)
                position &+= 1
            }
        }
        throw failure("it ends within a string")
    }

    private mutating func unescape(into content: inout [UInt8]) throws(JSONError) {
        guard let letter = peek else { throw failure("it ends within an escape") }
        position &+= 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(letter)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let start = position &- 2
            var code = try hexadecimal()
            if code & 0xFC00 == 0xD800 {
                guard bytes.count &- position >= 2, bytes[position] == UInt8(ascii: "\\"),
                    bytes[position &+ 1] == UInt8(ascii: "u")
                else { throw JSONError(offset: start, reason: "half of a surrogate pair stands alone") }
                position &+= 2
                let low = try hexadecimal()
                guard low & 0xFC00 == 0xDC00 else {
                    throw JSONError(offset: start, reason: "half of a surrogate pair stands alone")
                }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else {
                throw JSONError(offset: start, reason: "half of a surrogate pair stands alone")
            }
            content.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default:
            position &-= 1
            throw failure("there is no such escape")
        }
    }

    private mutating func hexadecimal() throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = peek else { throw failure("it ends within an escape") }
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte &- 48)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte &- 55)
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte &- 87)
            default: throw failure("four hexadecimal digits are wanted")
            }
            position &+= 1
        }
        return value
    }

    private func validated(_ content: some Collection<UInt8>, at start: Int) throws(JSONError) -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw JSONError(offset: start, reason: "a string is not UTF-8")
        }
        return text
    }

    // MARK: Between values

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position &+= 1
            default: return
            }
        }
    }

    /// Steps over the opening bracket.
    private mutating func enter() throws(JSONError) {
        depth &+= 1
        let deepest = min(limits.maximumDepth, Self.deepest)
        guard depth <= deepest else { throw failure("it is nested more than \(deepest) deep") }
        position &+= 1
        skipBlanks()
    }

    /// Steps over `bracket` when it follows at once.
    private mutating func leaves(at bracket: UInt8) -> Bool {
        guard peek == bracket else { return false }
        position &+= 1
        return true
    }

    /// Steps over what follows a value; says whether it was a comma and not `bracket`.
    private mutating func continues(until bracket: UInt8) throws(JSONError) -> Bool {
        skipBlanks()
        switch peek {
        case UInt8(ascii: ","):
            position &+= 1
            skipBlanks()
            return true
        case bracket:
            position &+= 1
            return false
        case nil: throw failure("it ends within an object or array")
        default: throw failure("a comma or the end of the object or array is wanted")
        }
    }

    private func failure(_ reason: String) -> JSONError { JSONError(offset: position, reason: reason) }
}

/// Notices a second member of the same name in an object at little cost: a mask of 64 bits for small objects, a set
/// for large ones.
private struct MemberNames {
    private var mask: UInt64 = 0
    private var large: Set<[UInt8]> = []

    /// Where the walk over the members gives way to the set.
    private static let smallCount = 32

    /// Whether `name` is new beside `members`.
    mutating func insert(_ name: String, after members: [AttributeMap.Member]) -> Bool {
        if members.count >= Self.smallCount {
            if large.isEmpty { for member in members { large.insert(Self.folded(member.name)) } }
            return large.insert(Self.folded(name)).inserted
        }
        // Length and first byte tell most names apart; where they do not, the walk decides.
        let first = UInt64(name.utf8.first?.asciiLowercased ?? 0)
        let bit: UInt64 = 1 << ((UInt64(truncatingIfNeeded: name.utf8.count) &* 29 &+ first) & 63)
        defer { mask |= bit }
        return mask & bit == 0 || !members.contains { $0.name.isSameName(as: name) }
    }

    private static func folded(_ name: String) -> [UInt8] { name.utf8.map(\.asciiLowercased) }
}
