import Foundation
import SCIM

/// What commands print.
enum Output {
    /// Writes a line at once, also where standard output is a pipe.
    static func line(_ text: String = "") { self.text(text + "\n") }

    /// Writes a text at once.
    static func text(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }

    /// Says something beside the result, on standard error.
    static func note(_ text: String) {
        FileHandle.standardError.write(Data((harmless(text) + "\n").utf8))
    }

    /// Prints rows below their titles, aligned.
    static func table(_ titles: [String], _ rows: [[String]], empty: String) {
        guard !rows.isEmpty else { return line(empty) }
        let lines = [titles] + rows.map { $0.map(harmless) }
        let widths = titles.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
        for row in lines {
            let cells = row.enumerated().map { column, cell in
                column == row.count - 1 ? cell : cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
            }
            line(cells.joined(separator: "  "))
        }
    }

    /// A text for one cell or line: what others have written may neither break the table nor command the terminal.
    static func harmless(_ text: String) -> String {
        String(String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 }))
    }

    /// Prints a list as one JSON array.
    static func json(_ values: [AttributeValue]) { line(AttributeValue.array(values).jsonText) }
}
