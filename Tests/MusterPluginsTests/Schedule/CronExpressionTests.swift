import SCIM
import Testing

@testable import MusterPlugins

@Suite("Schedules")
struct CronExpressionTests {
    private func next(_ text: String, after time: String, zone: String? = nil) throws -> String? {
        try CronExpression(text, zone: zone).next(after: #require(Timestamp(dateTime: time)))?.dateTime
    }

    @Test(
        "the next time comes after the present one",
        arguments: [
            ("* * * * *", "2026-01-01T00:00:00Z", "2026-01-01T00:01:00.000Z"),
            ("* * * * *", "2026-01-01T00:00:59.999Z", "2026-01-01T00:01:00.000Z"),
            ("*/15 * * * *", "2026-01-01T00:46:00Z", "2026-01-01T01:00:00.000Z"),
            ("0 6 * * *", "2026-01-01T06:00:00Z", "2026-01-02T06:00:00.000Z"),
            ("30 23 31 12 *", "2026-12-31T23:30:00Z", "2027-12-31T23:30:00.000Z"),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00.000Z"),
            ("0 9 * * mon-fri", "2026-01-02T09:00:00Z", "2026-01-05T09:00:00.000Z"),
            ("0 9 * * 7", "2026-01-01T00:00:00Z", "2026-01-04T09:00:00.000Z"),
            ("0 0 13 * FRI", "2026-01-01T00:00:00Z", "2026-01-02T00:00:00.000Z"),
            ("5,10-20/5 1 * jan,mar *", "2026-01-31T01:20:00Z", "2026-03-01T01:05:00.000Z"),
            ("50/4 * * * *", "2026-01-01T00:51:00Z", "2026-01-01T00:54:00.000Z"),
            ("@hourly", "2026-01-01T00:30:00Z", "2026-01-01T01:00:00.000Z"),
            ("@weekly", "2026-01-01T00:30:00Z", "2026-01-04T00:00:00.000Z"),
        ])
    func next(text: String, time: String, expected: String) throws {
        #expect(try next(text, after: time) == expected)
    }

    @Test("a zone's times are its own; what it leaves out in spring is passed over, what comes twice in autumn counts once")
    func zones() throws {
        let berlin = "Europe/Berlin"
        #expect(try next("0 6 * * *", after: "2026-01-01T00:00:00Z", zone: berlin) == "2026-01-01T05:00:00.000Z")
        #expect(try next("0 6 * * *", after: "2026-07-01T00:00:00Z", zone: berlin) == "2026-07-01T04:00:00.000Z")
        #expect(try next("30 2 * * *", after: "2026-03-28T12:00:00Z", zone: berlin) == "2026-03-30T00:30:00.000Z")
        let first = try #require(try next("30 2 * * *", after: "2026-10-24T12:00:00Z", zone: berlin))
        #expect(try next("30 2 * * *", after: first, zone: berlin) == "2026-10-26T01:30:00.000Z")
        // Both times that it is half past two on that day, the next quarter past is that of the next hour or day.
        for hour in ["00", "01"] {
            #expect(try next("45 2,3 * * *", after: "2026-10-25T\(hour):50:00Z", zone: berlin) == "2026-10-25T02:45:00.000Z")
            #expect(try next("15 2 * * *", after: "2026-10-25T\(hour):30:00Z", zone: berlin) == "2026-10-26T01:15:00.000Z")
        }
    }

    @Test(
        "what is none is told with the field",
        arguments: [
            ("", "has 0 fields"), ("* * * *", "has 4 fields"), ("60 * * * *", "minute: '60' is not from 0 to 59"),
            ("* 24 * * *", "hour: '24'"), ("* * 0 * *", "day of the month: '0'"), ("* * * foo *", "month: 'foo'"),
            ("* * * * 8", "day of the week: '8'"), ("5-1 * * * *", "goes backwards"), ("*/0 * * * *", "'0' is no step"),
            ("*/x * * * *", "'x' is no step"), ("1,,2 * * * *", "minute: ''"), ("@often", "'@often' is unknown; known are @annually"),
            ("0 0 30 2 *", "never comes"), ("-1 * * * *", "minute: ''"),
        ])
    func invalid(text: String, message: String) {
        let error = #expect(throws: CronExpression.Invalid.self) { try CronExpression(text) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    }

    @Test("a zone that does not exist is named")
    func unknownZone() {
        #expect(throws: CronExpression.Invalid(message: "there is no time zone 'Europe/Atlantis'")) {
            try CronExpression("@daily", zone: "Europe/Atlantis")
        }
    }
}
