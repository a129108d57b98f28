import SCIM
import Testing

@Suite("Reading JSON")
struct JSONReadingTests {
    @Test(
        "what RFC 8259 allows is read as it stands",
        arguments: [
            ("null", .null), (" true ", true), ("\t\r\nfalse\n", false),
            ("0", 0), ("-0", 0), ("-1", -1), ("42", 42),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .decimal(9_223_372_036_854_775_808)), ("9007199254740993", 9_007_199_254_740_993),
            ("1.0", .decimal(1)), ("-0.0", .decimal(-0.0)), ("1e2", .decimal(100)), ("1E+2", .decimal(100)),
            ("12.5e-1", .decimal(1.25)), ("5e-324", .decimal(.leastNonzeroMagnitude)), ("1e-400", .decimal(0)),
            ("\"\"", ""), ("\"a b\"", "a b"), ("\"ä漢🦄\"", "ä漢🦄"), ("\"\u{7F}\u{2028}\"", "\u{7F}\u{2028}"),
            (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"), (#""\u00e4\u6F22\ud83e\uDD84""#, "ä漢🦄"),
            (#""a\u0000b""#, "a\u{0}b"), (#""12345678\n12345678""#, "12345678\n12345678"),
            ("\"12345678ä12345678\"", "12345678ä12345678"),
            ("[]", []), ("[ ]", []), ("[1,[2,[]],{}]", [1, [2, []], [:]]),
            ("{}", [:]), ("{ \"a\" : 1 , \"b\" : null }", ["a": 1, "b": nil]), (#"{"":0}"#, ["": 0]),
        ] as [(String, AttributeValue)])
    func accepts(text: String, value: AttributeValue) throws {
        #expect(try AttributeValue(json: text) == value)
    }

    @Test(
        "what RFC 8259 does not allow is refused at its place",
        arguments: [
            ("", 0), ("  ", 2), ("nul", 0), ("nulL", 0), ("True", 0), ("tru e", 0), ("'a'", 0), ("undefined", 0), ("NaN", 0),
            ("-Infinity", 1), ("+1", 0), (".5", 0), ("01", 1), ("-01", 2), ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3), ("-", 1),
            ("0x10", 1), ("1_000", 1), ("1 2", 2), ("1e400", 0), ("-1e999", 0), ("\u{FEFF}1", 0), ("\u{A0}1", 0),
            ("\"", 1), ("\"a", 2), ("\"a\nb\"", 2), ("\"a\tb\"", 2), ("\"12345678\u{1}\"", 9), (#""\x""#, 2), (#""\u12""#, 5),
            (#""\u12g4""#, 5), (#""\"#, 2), (#""\u"#, 3), (#""\ud83e""#, 1), (#""\ud83ex""#, 1), (#""\ud83e\n""#, 1),
            (#""\ud83eA""#, 1), (#""\udd84""#, 1), (#""\udd84\ud83e""#, 1), (#""\uD83E\uD83E""#, 1),
            ("[", 1), ("[1", 2), ("[1,", 3), ("[1,]", 3), ("[,1]", 1), ("[1 2]", 3), ("[1}", 2), ("]", 0), ("[]]", 2),
            ("{", 1), ("{\"a\"", 4), ("{\"a\":", 5), ("{\"a\":1", 6), ("{\"a\":1,}", 7), ("{\"a\" 1}", 5), ("{a:1}", 1), ("{1:1}", 1),
            ("{,}", 1), ("{\"a\":1 \"b\":2}", 7), ("{\"a\":1]", 6), ("{} {}", 3), ("// c\n1", 0), ("[1]/**/", 3),
        ])
    func refuses(text: String, offset: Int) {
        let error = #expect(throws: JSONError.self) { try AttributeValue(json: text) }
        #expect(error?.offset == offset, "\(error?.reason ?? "")")
    }

    @Test(
        "bytes that are no UTF-8 are refused, in plain strings, escaped ones and names",
        arguments: [
            [0x80], [0xC3], [0xC0, 0xAF], [0xE2, 0x82], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0x61, 0xFE, 0x62],
        ] as [[UInt8]])
    func brokenUTF8(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        for document in [
            [quote] + bytes + [quote], [quote] + bytes + Array(#"\n""#.utf8), Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8),
        ] {
            #expect(throws: JSONError.self) { try AttributeValue(json: document) }
        }
    }

    @Test("the order of members and the case of names are kept")
    func order() throws {
        let value = try AttributeValue(json: #"{"z":1,"Ab":2,"m":{"q":1,"b":2}}"#)
        #expect(value.complex?.members.map(\.name) == ["z", "Ab", "m"])
        #expect(value["m"]?.complex?.members.map(\.name) == ["q", "b"])
        #expect(value["AB"] == 2)
    }

    @Test(
        "an object that names a member twice is refused, whatever the case or the escapes",
        arguments: [
            #"{"a":1,"a":2}"#, #"{"userName":1,"x":0,"USERNAME":2}"#, #"{"a":1,"\u0061":2}"#, #"{"ä":1,"\u00e4":2}"#,
            #"[{"b":{"c":1,"C":1}}]"#,
        ])
    func duplicates(text: String) {
        let error = #expect(throws: JSONError.self) { try AttributeValue(json: text) }
        #expect(error?.reason.contains("two members") == true)
    }

    @Test("names that differ in more than ASCII case, or stand in different objects, are no duplicates")
    func noDuplicates() throws {
        let value = try AttributeValue(json: #"{"ä":1,"Ä":2,"a":{"a":1},"ab":3,"ac":4,"[":5,"{":6,"@":7,"`":8}"#)
        #expect(value.complex?.count == 9)
    }

    @Test("duplicates are found in large objects too", arguments: [31, 32, 33, 500])
    func duplicatesInLargeObjects(count: Int) throws {
        let members = (0..<count).map { #""key\#($0)":\#($0)"# }.joined(separator: ",")
        let value = try AttributeValue(json: "{\(members)}")
        #expect(value.complex?.count == count)
        #expect(value["key\(count - 1)"] == .integer(Int64(count - 1)))
        for duplicate in [0, count / 2, count - 1] {
            #expect(throws: JSONError.self) { try AttributeValue(json: #"{\#(members),"KEY\#(duplicate)":0}"#) }
        }
    }

    @Test("nesting is limited, and hostile nesting ends early", arguments: ["[", "{\"a\":"])
    func depth(opening: String) throws {
        let closing = opening == "[" ? "]" : "}"
        func nested(_ depth: Int) -> String {
            String(repeating: opening, count: depth - 1) + (opening == "[" ? "[" : "{") + String(repeating: closing, count: depth)
        }
        #expect(throws: Never.self) { try AttributeValue(json: nested(64)) }
        #expect(throws: JSONError.self) { try AttributeValue(json: nested(65)) }
        #expect(throws: Never.self) { try AttributeValue(json: nested(3), limits: .init(maximumDepth: 3)) }
        #expect(throws: JSONError.self) { try AttributeValue(json: nested(4), limits: .init(maximumDepth: 3)) }
        // A limit that would exhaust the stack does not count.
        let error = #expect(throws: JSONError.self) {
            try AttributeValue(json: String(repeating: opening, count: 200_000), limits: .init(maximumDepth: .max))
        }
        #expect(error?.offset == 256 * opening.utf8.count)
    }

    @Test("siblings do not count as nesting")
    func breadth() throws {
        let text = "[" + Array(repeating: "[[]]", count: 1000).joined(separator: ",") + "]"
        #expect(try AttributeValue(json: text, limits: .init(maximumDepth: 3)).array?.count == 1000)
    }

    @Test("bytes, members and digits are limited")
    func sizes() throws {
        #expect(try AttributeValue(json: "\"1234\"", limits: .init(maximumBytes: 6)) == "1234")
        #expect(throws: JSONError.self) { try AttributeValue(json: "\"12345\"", limits: .init(maximumBytes: 6)) }
        #expect(try AttributeValue(json: #"{"a":1,"b":2}"#, limits: .init(maximumMembers: 2)).complex?.count == 2)
        #expect(throws: JSONError.self) { try AttributeValue(json: #"{"a":1,"b":2,"c":3}"#, limits: .init(maximumMembers: 2)) }
        #expect(throws: JSONError.self) { try AttributeValue(json: String(repeating: "1", count: 2000)) }
    }

    @Test("an error says what is wrong and where, without quoting the document")
    func description() {
        let error = #expect(throws: JSONError.self) { try AttributeValue(json: #"{"password":"secret"#) }
        #expect(error?.description == "the JSON is not valid at byte 19: it ends within a string")
    }
}
