extension AttributeValue {
    /// Appends the value as JSON without blanks; only what must be escaped is. A decimal that is no number at all
    /// becomes null, since JSON has no word for it.
    public func write(into out: inout [UInt8]) {
        switch self {
        case .null: out.append(contentsOf: "null".utf8)
        case .boolean(let value): out.append(contentsOf: (value ? "true" : "false").utf8)
        case .integer(let value): out.append(contentsOf: String(value).utf8)
        case .decimal(let value): out.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .string(let value): Self.write(quoted: value, into: &out)
        case .array(let elements):
            out.append(UInt8(ascii: "["))
            for index in elements.indices {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                elements[index].write(into: &out)
            }
            out.append(UInt8(ascii: "]"))
        case .complex(let map):
            out.append(UInt8(ascii: "{"))
            let members = map.members
            for index in members.indices {
                if index > 0 { out.append(UInt8(ascii: ",")) }
                Self.write(quoted: members[index].name, into: &out)
                out.append(UInt8(ascii: ":"))
                members[index].value.write(into: &out)
            }
            out.append(UInt8(ascii: "}"))
        }
    }

    /// Appends `text` as a JSON string, in its quotes.
    static func write(quoted text: String, into out: inout [UInt8]) {
        out.append(UInt8(ascii: "\""))
        if text.utf8.withContiguousStorageIfAvailable({ escape($0, into: &out) }) == nil {
            Array(text.utf8).withUnsafeBufferPointer { escape($0, into: &out) }
        }
        out.append(UInt8(ascii: "\""))
    }

    /// Appends whole runs of bytes between those that must be escaped.
    private static func escape(_ bytes: UnsafeBufferPointer<UInt8>, into out: inout [UInt8]) {
        var (start, index) = (0, 0)
        while index < bytes.count {
            if bytes.isPlainWord(at: index) {
                index &+= 8
                continue
            }
            let byte = bytes[index]
            defer { index &+= 1 }
            guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
            out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
            start = index + 1
            out.append(UInt8(ascii: "\\"))
            switch byte {
            case 0x08: out.append(UInt8(ascii: "b"))
            case 0x09: out.append(UInt8(ascii: "t"))
            case 0x0A: out.append(UInt8(ascii: "n"))
            case 0x0C: out.append(UInt8(ascii: "f"))
            case 0x0D: out.append(UInt8(ascii: "r"))
            case 0..<0x20:
                out.append(contentsOf: "u00".utf8)
                for digit in [byte >> 4, byte & 15] { out.append(digit < 10 ? 48 + digit : 87 + digit) }
            default: out.append(byte)
            }
        }
        out.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    }
}
