import SCIM
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "a dateTime is read as an instant",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00", 0), ("1970-01-01T00:00:00.001Z", 1),
            ("1969-12-31T23:59:59.999Z", -1), ("2011-05-13T04:42:34Z", 1_305_261_754_000),
            ("2011-05-13T06:42:34+02:00", 1_305_261_754_000), ("2011-05-12T23:12:34-05:30", 1_305_261_754_000),
            ("2011-05-13T04:42:34.1Z", 1_305_261_754_100), ("2011-05-13T04:42:34.123456789Z", 1_305_261_754_123),
            ("2000-02-29T00:00:00Z", 951_782_400_000), ("2024-02-29T12:00:00Z", 1_709_208_000_000),
            ("1900-03-01T00:00:00Z", -2_203_891_200_000), ("2100-02-28T23:59:59Z", 4_107_542_399_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000), ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
        ] as [(String, Int64)])
    func reads(text: String, milliseconds: Int64) {
        #expect(Timestamp(dateTime: text)?.milliseconds == milliseconds)
    }

    @Test(
        "what is no dateTime is refused",
        arguments: [
            "", "2011", "2011-05-13", "2011-05-13T04:42Z", "2011-05-13 04:42:34Z", "2011-05-13t04:42:34z", "11-05-13T04:42:34Z",
            "2011-13-01T00:00:00Z", "2011-00-01T00:00:00Z", "2011-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2011-02-30T00:00:00Z",
            "2011-04-31T00:00:00Z", "2011-01-32T00:00:00Z", "2011-01-00T00:00:00Z", "2011-01-01T24:00:00Z", "2011-01-01T00:60:00Z",
            "2011-01-01T00:00:60Z", "2011-01-01T00:00:00.Z", "2011-01-01T00:00:00+2", "2011-01-01T00:00:00+0200",
            "2011-01-01T00:00:00+15:00", "2011-01-01T00:00:00+14:01", "2011-01-01T00:00:00+02:60", "2011-01-01T00:00:00ZZ",
            "2011-01-01T00:00:00Z ", " 2011-01-01T00:00:00Z", "+2011-01-01T00:00:00Z", "２011-01-01T00:00:00Z",
            "2011-01-01T00:00:00." + String(repeating: "1", count: 100) + "Z", "yesterday",
        ])
    func refuses(text: String) {
        #expect(Timestamp(dateTime: text) == nil)
    }

    @Test("each day of eight centuries is written, read back, and follows the day before")
    func calendar() {
        var before = ""
        for day in stride(from: Int64(-150_000), through: 150_000, by: 37) {
            let instant = Timestamp(milliseconds: day * 86_400_000 + 45_296_789)
            let text = instant.dateTime
            #expect(Timestamp(dateTime: text) == instant)
            #expect(text > before)
            #expect(text.hasSuffix("T12:34:56.789Z"))
            before = text
        }
    }

    @Test("instants out of range are written as the nearest that can be")
    func extremes() {
        #expect(Timestamp(milliseconds: .max).dateTime == "9999-12-31T23:59:59.999Z")
        #expect(Timestamp(milliseconds: .min).dateTime == "0000-01-01T00:00:00.000Z")
    }
}
