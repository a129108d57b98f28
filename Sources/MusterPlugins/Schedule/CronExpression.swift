import Foundation
package import SCIM

/// When something is to be done again and again: the five fields of cron, minute, hour, day of the month, month, day of the week.
///
/// Each field is `*`, a number, a range `1-5`, a step `*/15` or `10-40/10`, or several of them with commas; months and
/// days of the week have names too (`jan`, `mon`), and Sunday is 0 or 7. Where both days are restricted, either suffices.
/// `@hourly`, `@daily`, `@weekly`, `@monthly` and `@yearly` are short for the usual ones. Times are in UTC unless a zone
/// is named; a time that a zone leaves out in spring is passed over, one that comes twice in autumn counts once.
package struct CronExpression: Sendable, Hashable {
    /// Why a text is none.
    struct Invalid: Error, Hashable {
        let message: String
    }

    /// The text that it was read from.
    package let text: String
    private let minutes: [Int]
    private let hours: [Int]
    private let days: Set<Int>
    private let months: Set<Int>
    private let weekdays: Set<Int>
    private let needsBothDays: Bool
    private let zone: TimeZone

    /// The name of the time zone in which the fields are read; `GMT` for UTC.
    var zoneName: String { zone.identifier }

    /// A field: its name, its numbers, and the names of the numbers from the first on.
    private struct Field {
        var name: String
        var range: ClosedRange<Int>
        var words: [String] = []
    }

    private static let fields = [
        Field(name: "minute", range: 0...59), Field(name: "hour", range: 0...23), Field(name: "day of the month", range: 1...31),
        Field(name: "month", range: 1...12, words: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]),
        Field(name: "day of the week", range: 0...7, words: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]),
    ]
    private static let aliases = [
        "@hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *",
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
    ]

    /// Reads an expression.
    /// - Parameter zone: The name of a time zone, such as `Europe/Berlin`; nil for UTC.
    init(_ text: String, zone: String? = nil) throws(Invalid) {
        guard let zone = zone.map({ TimeZone(identifier: $0) }) ?? .gmt else {
            throw Invalid(message: "there is no time zone '\(zone ?? "")'")
        }
        let known = Self.aliases.keys.sorted().joined(separator: ", ")
        if text.hasPrefix("@"), Self.aliases[text] == nil { throw Invalid(message: "'\(text)' is unknown; known are \(known)") }
        let parts = (Self.aliases[text] ?? text).split(whereSeparator: \.isWhitespace)
        guard text.utf8.count <= 256, parts.count == Self.fields.count else {
            throw Invalid(message: "has \(parts.count) fields instead of five: minute, hour, day of the month, month, day of the week")
        }
        var sets: [Set<Int>] = []
        for (field, part) in zip(Self.fields, parts) { sets.append(try Self.numbers(part, field)) }
        self.text = text
        (minutes, hours, days, months) = (sets[0].sorted(), sets[1].sorted(), sets[2], sets[3])
        weekdays = Set(sets[4].map { $0 % 7 })
        needsBothDays = parts[2].hasPrefix("*") || parts[4].hasPrefix("*")
        self.zone = zone
        guard next(after: Timestamp(milliseconds: 0)) != nil else { throw Invalid(message: "'\(text)' never comes") }
    }

    private static func numbers(_ part: Substring, _ field: Field) throws(Invalid) -> Set<Int> {
        var found: Set<Int> = []
        for element in part.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = element.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            var range = field.range
            if sides[0] != "*" {
                let ends = sides[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
                let first = try number(ends[0], field)
                // A lone number with a step goes on to the end of the range.
                let last = ends.count > 1 ? try number(ends[1], field) : sides.count > 1 ? field.range.upperBound : first
                guard first <= last else { throw Invalid(message: "\(field.name): '\(element)' goes backwards") }
                range = first...last
            }
            var step = 1
            if sides.count > 1 {
                guard let number = Int(sides[1]), number >= 1 else { throw Invalid(message: "\(field.name): '\(sides[1])' is no step") }
                step = number
            }
            found.formUnion(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        return found
    }

    private static func number(_ text: Substring, _ field: Field) throws(Invalid) -> Int {
        if let index = field.words.firstIndex(of: text.lowercased()) { return field.range.lowerBound + index }
        guard let number = Int(text), field.range.contains(number) else {
            throw Invalid(message: "\(field.name): '\(text)' is not from \(field.range.lowerBound) to \(field.range.upperBound)")
        }
        return number
    }

    /// The first time after `time`; nil when none comes within eight years, such as for the 30th of February.
    package func next(after time: Timestamp) -> Timestamp? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let start = Date(timeIntervalSince1970: Double(time.milliseconds) / 1000)
        var day = calendar.startOfDay(for: start)
        // What its own day's clock has shown before is over.
        let shown = calendar.dateComponents([.hour, .minute], from: start)
        var past = (hour: shown.hour ?? 0, minute: shown.minute ?? 0)
        for _ in 0..<(8 * 366) {
            let parts = calendar.dateComponents([.year, .month, .day, .weekday], from: day)
            if matches(parts), let found = self.time(on: parts, past: past, after: start, calendar) { return found }
            past = (0, -1)
            guard let following = calendar.date(byAdding: .day, value: 1, to: day) else { return nil }
            day = calendar.startOfDay(for: following)
        }
        return nil
    }

    private func matches(_ day: DateComponents) -> Bool {
        guard let month = day.month, let number = day.day, let weekday = day.weekday, months.contains(month) else { return false }
        let (fits, fitsWeek) = (days.contains(number), weekdays.contains(weekday - 1))
        return needsBothDays ? fits && fitsWeek : fits || fitsWeek
    }

    /// The first time of a day after `start`.
    /// - Parameter past: What the clock of that day has shown by then.
    private func time(
        on day: DateComponents, past: (hour: Int, minute: Int), after start: Date, _ calendar: Calendar
    ) -> Timestamp? {
        for hour in hours where hour >= past.hour {
            for minute in minutes where (hour, minute) > past {
                var parts = DateComponents(year: day.year, month: day.month, day: day.day, hour: hour, minute: minute)
                parts.timeZone = zone
                guard let date = calendar.date(from: parts), date > start else { continue }
                let found = calendar.dateComponents([.hour, .minute], from: date)
                // In the hour that is left out in spring the calendar answers with another one.
                guard found.hour == hour, found.minute == minute else { continue }
                return Timestamp(milliseconds: Int64(date.timeIntervalSince1970) * 1000)
            }
        }
        return nil
    }
}
