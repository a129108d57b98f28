import Foundation
import SwiftCSV

/// A table as spreadsheets and personnel systems export it: CSV (RFC 4180) in UTF-8 with titles in its first row.
///
/// Cells stand between commas, semicolons or tabs, and in quotes where they hold one of these, a quote or the end of a line. A byte
/// order mark in front is read over, lines may end in CR LF, and spaces around a cell do not count. The table holds the bytes of the
/// file; rows are read one by one.
public struct CSVTable: Sendable {
    /// One row.
    public struct Row: Sendable, Hashable {
        /// The line of the file on which it begins, from 1.
        public var line: Int
        /// The cells, one for each title; "" for those that are empty. None where there is a ``problem``.
        public var cells: [String]
        /// Why it cannot be read; nil where it can.
        public var problem: String?
    }

    /// The titles of the columns.
    public let titles: [String]
    /// What stands between cells.
    public let separator: Character
    private let bytes: [UInt8]
    private let start: Int

    /// Reads the titles of a table.
    /// - Parameters:
    ///   - bytes: The file.
    ///   - separator: What stands between cells; nil to find out from the titles.
    /// - Throws: ``ImportError`` when there are no titles, or the file is no text in UTF-8.
    public init(_ bytes: [UInt8], separator: Character? = nil) throws(ImportError) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw ImportError(["the file is in UTF-16; save it as 'CSV UTF-8'"])
        }
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        if let separator, separator.asciiValue == nil || separator == "\"" || separator.isNewline {
            throw ImportError(["cells cannot be separated by '\(separator)'; use a comma, a semicolon or a tab"])
        }
        let known = separator ?? Self.separator(bytes, start)
        self.separator = known
        self.bytes = bytes
        var records = CSVRecords(bytes, from: start, separator: known.asciiValue ?? UInt8(ascii: ","))
        var first: Row?
        while first == nil, let record = records.next() { first = Self.row(record, bytes, known) }
        guard let first else { throw ImportError(["the file is empty; its first row holds the titles of the columns"]) }
        if let problem = first.problem { throw ImportError(["line \(first.line): \(problem)"]) }
        titles = first.cells
    }

    /// The rows below the titles, in order; empty ones are left out.
    public var rows: some Sequence<Row> {
        var records = CSVRecords(bytes, from: start, separator: separator.asciiValue ?? UInt8(ascii: ","))
        let (bytes, separator, count) = (bytes, separator, titles.count)
        var hasTitles = false
        return AnyIterator {
            while let record = records.next() {
                guard var row = Self.row(record, bytes, separator) else { continue }
                guard hasTitles else {
                    hasTitles = true
                    continue
                }
                if row.problem == nil, row.cells.count != count {
                    row.problem = "it has \(row.cells.count) cells, but there are \(count) columns"
                    row.cells = []
                }
                return row
            }
            return nil
        }
    }

    /// Reads the cells of a record; nil where all are empty.
    private static func row(_ record: CSVRecords.Record, _ bytes: [UInt8], _ separator: Character) -> Row? {
        func unreadable(_ problem: String) -> Row { Row(line: record.line, cells: [], problem: problem) }
        if record.isOpen { return unreadable("a quote is never closed, so that the rest of the file cannot be read") }
        guard let text = String(validating: bytes[record.bytes], as: UTF8.self) else {
            return unreadable("it is not in UTF-8; save the file as 'CSV UTF-8'")
        }
        if text.unicodeScalars.contains(where: { UncutText.standIns.contains($0) }) {
            return unreadable("it holds one of the characters U+FDD0 to U+FDD4, which stand for nothing; take them out")
        }
        do {
            // Its end tells the parser that the last cell is one, even if it is empty.
            let cells = try CSV<Titles>(string: UncutText.hidden(text) + "\n", delimiter: CSVDelimiter(unicodeScalarLiteral: separator))
                .header
                .map { UncutText.shown($0).trimmingCharacters(in: .whitespaces) }
            return cells.allSatisfy(\.isEmpty) ? nil : Row(line: record.line, cells: cells)
        } catch {
            return unreadable("a quote stands inside a cell; put the whole cell in quotes, and write each quote in it twice")
        }
    }

    /// What stands between the titles.
    private static func separator(_ bytes: [UInt8], _ start: Int) -> Character {
        let line = bytes[start...].prefix(1 << 16).drop { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }
            .prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        return CSVDelimiter.guessed(string: String(decoding: line, as: UTF8.self)).rawValue
    }
}

/// Text with the characters that end a line for the parser, but no record: it reads others in their place, which stand for nothing.
private enum UncutText {
    /// VT, FF, NEL, and the separators of lines and paragraphs.
    private static let ends: [Unicode.Scalar] = ["\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"]
    /// Characters for use inside of a program (Unicode §23.7).
    static let standIns = (UInt32(0xFDD0)...0xFDD4).compactMap { Unicode.Scalar($0) }

    static func hidden(_ text: String) -> String { replaced(text, ends, by: standIns) }
    static func shown(_ text: String) -> String { replaced(text, standIns, by: ends) }

    private static func replaced(_ text: String, _ old: [Unicode.Scalar], by new: [Unicode.Scalar]) -> String {
        guard text.unicodeScalars.contains(where: { old.contains($0) }) else { return text }
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { scalars.append(old.firstIndex(of: scalar).map { new[$0] } ?? scalar) }
        return String(scalars)
    }
}

/// A view of nothing but the first row, which the parser has for titles.
private struct Titles: CSVView {
    let rows: [[String]] = []
    let columns: [String]? = nil
    init(header: [String], text: String, delimiter: CSVDelimiter, loadColumns: Bool, rowLimit: Int?) throws {}
    func serialize(header: [String], delimiter: CSVDelimiter) -> String { "" }
}
