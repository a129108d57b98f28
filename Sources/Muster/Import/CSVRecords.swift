/// The records of a CSV file (RFC 4180 §2), found without reading their cells, so that each knows its line, and one that cannot be
/// read does not take the others with it.
struct CSVRecords: Sequence, IteratorProtocol {
    /// Where a record stands.
    struct Record {
        /// The line of the file on which it begins, from 1.
        var line: Int
        /// Its bytes, without the end of the line.
        var bytes: Range<Int>
        /// Whether a quote in it is never closed; then it is the last one.
        var isOpen: Bool
    }

    private let bytes: [UInt8]
    private let separator: UInt8
    private var index: Int
    private var line = 1

    /// - Parameter start: Where the first record begins, behind a byte order mark.
    init(_ bytes: [UInt8], from start: Int, separator: UInt8) {
        self.bytes = bytes
        self.separator = separator
        index = start
    }

    mutating func next() -> Record? {
        guard index < bytes.count else { return nil }
        var record = Record(line: line, bytes: index..<index, isOpen: false)
        var isAtStartOfCell = true
        while index < bytes.count {
            let byte = bytes[index]
            if record.isOpen {
                if byte == UInt8(ascii: "\"") {
                    // Two of them stand for one.
                    if index + 1 < bytes.count, bytes[index + 1] == byte { index += 1 } else { record.isOpen = false }
                } else if isEndOfLine(byte) {
                    line += 1
                }
                index += 1
                continue
            }
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                record.bytes = record.bytes.lowerBound..<index
                index += byte == UInt8(ascii: "\r") && index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n") ? 2 : 1
                line += 1
                return record
            }
            if byte == separator {
                isAtStartOfCell = true
            } else if isAtStartOfCell, byte == UInt8(ascii: "\"") {
                record.isOpen = true
                isAtStartOfCell = false
            } else if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\t") {
                isAtStartOfCell = false
            }
            index += 1
        }
        record.bytes = record.bytes.lowerBound..<index
        return record
    }

    /// Whether a line ends with this byte, inside quotes; of CR and LF together only the second counts.
    private func isEndOfLine(_ byte: UInt8) -> Bool {
        if byte == UInt8(ascii: "\n") { return true }
        return byte == UInt8(ascii: "\r") && !(index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n"))
    }
}
