import SCIM
import Testing

@Suite("Writing JSON")
struct JSONWritingTests {
    @Test(
        "values are written without blanks and with no more escapes than needed",
        arguments: [
            (.null, "null"), (true, "true"), (false, "false"), (0, "0"), (.integer(.min), "-9223372036854775808"),
            (.decimal(1.5), "1.5"), (.decimal(-0.0), "-0.0"), (.decimal(1e300), "1e+300"), (.decimal(.nan), "null"),
            (.decimal(.infinity), "null"), (.decimal(-.infinity), "null"),
            ("", "\"\""), ("a/b ä漢🦄\u{2028}\u{7F}", "\"a/b ä漢🦄\u{2028}\u{7F}\""), ("\"\\", #""\"\\""#),
            ("\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{B}", #""\n\r\t\b\f\u0000\u001f\u000b""#),
            ([], "[]"), ([1, [nil]], "[1,[null]]"), ([:], "{}"), (["b": 1, "a": ["x\"y": "z"]], #"{"b":1,"a":{"x\"y":"z"}}"#),
        ] as [(AttributeValue, String)])
    func writes(value: AttributeValue, text: String) {
        #expect(value.jsonText == text)
        #expect(value.jsonBytes == Array(text.utf8))
    }

    @Test(
        "integers come back exactly",
        arguments: [0, 1, -1, 9_007_199_254_740_993, -9_007_199_254_740_993, .max, .min, .max - 1] as [Int64])
    func integers(number: Int64) throws {
        #expect(try AttributeValue(json: AttributeValue.integer(number).jsonBytes) == .integer(number))
    }

    @Test(
        "decimals come back to the last bit",
        arguments: [
            0, -0.0, 0.1, 1 / 3, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e15, 1e16, 123_456_789.125,
            -2.5e-10,
        ])
    func decimals(number: Double) throws {
        guard case .decimal(let back) = try AttributeValue(json: AttributeValue.decimal(number).jsonBytes) else {
            Issue.record("a decimal became something else")
            return
        }
        #expect(back.bitPattern == number.bitPattern)
    }

    @Test("random documents come back as they were")
    func roundTrip() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let value = Self.value(depth: 5, &random)
            #expect(try AttributeValue(json: value.jsonBytes).jsonBytes == value.jsonBytes)
            #expect(try AttributeValue(json: value.jsonBytes) == value)
        }
    }

    @Test("random damage to a document never does worse than an error")
    func damage() {
        var random = SystemRandomNumberGenerator()
        let document = Array(#"{"a":[1,-2.5e3,"x\u00e4\n",{"b":null,"c":true}],"d":"ä漢🦄"}"#.utf8)
        for _ in 0..<2000 {
            var bytes = document
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            bytes.removeLast(Int.random(in: 0...2, using: &random))
            if let value = try? AttributeValue(json: bytes) {
                #expect((try? AttributeValue(json: value.jsonBytes)) == value)
            }
        }
    }

    private static func value(depth: Int, _ random: inout SystemRandomNumberGenerator) -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
        case 0: return .null
        case 1: return .boolean(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: .min ... .max, using: &random))
        case 3: return .decimal(Double.random(in: -1e9...1e9, using: &random))
        case 4, 5: return .string(text(&random))
        case 6: return .array((0..<Int.random(in: 0...4, using: &random)).map { _ in value(depth: depth - 1, &random) })
        default:
            let count = Int.random(in: 0...4, using: &random)
            return .complex(
                AttributeMap((0..<count).map { .init(name: "\($0)" + text(&random), value: value(depth: depth - 1, &random)) }))
        }
    }

    private static func text(_ random: inout SystemRandomNumberGenerator) -> String {
        let alphabet: [Character] = ["a", "Z", "0", "\"", "\\", "/", "\n", "\u{0}", "\u{1F}", "ä", "漢", "🦄", "\u{301}", " "]
        return String((0..<Int.random(in: 0...20, using: &random)).compactMap { _ in alphabet.randomElement(using: &random) })
    }
}
