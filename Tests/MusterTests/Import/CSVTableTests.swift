import Muster
import Testing

@Suite("Tables of people in CSV")
struct CSVTableTests {
    private func rows(_ text: String, separator: Character? = nil) throws -> [CSVTable.Row] {
        Array(try CSVTable(Array(text.utf8), separator: separator).rows)
    }

    @Test(
        "finds out what stands between cells, ends of lines, quotes and the byte order mark",
        arguments: [
            "a,b\n1,2\n", "a;b\n1;2\n", "a\tb\n1\t2\n", "\u{FEFF}a,b\r\n1,2\r\n", "a,b\r1,2", "\n\na,b\n\n1,2\n,\n\n",
            "\"a\",\"b\"\n\"1\",\"2\"",
            "a , b\n 1 , 2 \n", "\u{FEFF}\"a\";\"b\"\n1;2",
        ])
    func forms(text: String) throws {
        let table = try CSVTable(Array(text.utf8))
        #expect(table.titles == ["a", "b"])
        #expect(Array(table.rows).map(\.cells) == [["1", "2"]])
    }

    @Test(
        "reads cells in quotes whole",
        arguments: [
            ("a,b\n\"x, y\",2", "x, y"), ("a,b\n\"say \"\"hi\"\"\",2", "say \"hi\""), ("a,b\n\"two\r\nlines\",2", "two\r\nlines"),
            ("a,b\n\"\",2", ""), ("a,b\n\"Zoë 🌍\",2", "Zoë 🌍"), ("a,b\n  \"x\"  ,2", "x"), ("a;b\nx, y;2", "x, y"),
        ])
    func quotes(text: String, cell: String) throws {
        #expect(try rows(text).map(\.cells) == [[cell, "2"]])
    }

    @Test("ends a row at CR and LF alone", arguments: ["\u{B}", "\u{C}", "\u{85}", "\u{2028}", "\u{2029}"])
    func otherEndsOfLines(end: String) throws {
        #expect(try rows("a,b\nx\(end)y,2\n3,\"4\(end)\"").map(\.cells) == [["x\(end)y", "2"], ["3", "4\(end)"]])
    }

    @Test("a character that stands in for an end of line refuses its row")
    func standIns() throws {
        let rows = Array(try CSVTable(Array("a,b\n".utf8) + [0xEF, 0xB7, 0x90] + Array(",2\n3,4".utf8)).rows)
        #expect(rows[0].problem?.hasPrefix("it holds one of the characters U+FDD0 to U+FDD4") == true)
        #expect(rows[1].cells == ["3", "4"])
    }

    @Test("counts the lines of the file, those inside quotes and empty ones too")
    func lines() throws {
        #expect(try rows("a,b\n\n\"x\ny\rz\r\n\",1\n,,\n3,4\r\n5,6").map(\.line) == [3, 8, 9])
    }

    @Test(
        "says what is wrong with a row, and reads those below",
        arguments: [
            ("1", "it has 1 cells, but there are 2 columns"), ("1,2,3", "it has 3 cells, but there are 2 columns"),
            ("5\" disk,2", "a quote stands inside a cell"), ("\"1\"x,2", "a quote stands inside a cell"),
        ])
    func brokenRows(row: String, problem: String) throws {
        let rows = try rows("a,b\n\(row)\n3,4\n")
        #expect(rows.count == 2)
        #expect(rows[0].line == 2 && rows[0].cells.isEmpty && rows[0].problem?.hasPrefix(problem) == true, "\(rows[0])")
        #expect(rows[1].cells == ["3", "4"] && rows[1].problem == nil)
    }

    @Test("a quote that is never closed takes the rest of the file, and says so where it begins")
    func openQuote() throws {
        let rows = try rows("a,b\n1,2\n\"3,4\n5,6\n")
        #expect(rows.map(\.line) == [2, 3])
        #expect(rows[1].problem == "a quote is never closed, so that the rest of the file cannot be read")
    }

    @Test("a row that is not in UTF-8 is one bad row; a file in UTF-16 is refused with what to do")
    func encodings() throws {
        let rows = Array(try CSVTable(Array("a,b\n".utf8) + [0x5A, 0x6F, 0xEB, 0x2C, 0x32, 0x0A] + Array("3,4".utf8)).rows)
        #expect(rows[0].problem == "it is not in UTF-8; save the file as 'CSV UTF-8'" && rows[1].cells == ["3", "4"])
        #expect(throws: ImportError(["the file is in UTF-16; save it as 'CSV UTF-8'"])) { try CSVTable([0xFF, 0xFE, 0x61, 0]) }
    }

    @Test("files without titles are refused", arguments: ["", "\n\n", "\u{FEFF}", ",,\n"])
    func empty(text: String) {
        #expect(throws: ImportError(["the file is empty; its first row holds the titles of the columns"])) {
            try CSVTable(Array(text.utf8))
        }
    }

    @Test("a separator may be named; one that cannot be one is refused")
    func separators() throws {
        #expect(try rows("a|b\n1|2", separator: "|").map(\.cells) == [["1", "2"]])
        #expect(try rows("a,b;c\n1,2;3", separator: ";").map(\.cells) == [["1,2", "3"]])
        for wrong: Character in ["\"", "\n", "→"] { #expect(throws: ImportError.self) { try rows("a\n1", separator: wrong) } }
    }
}
