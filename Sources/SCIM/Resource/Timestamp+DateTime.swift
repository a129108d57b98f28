extension Timestamp {
    /// Reads an XML Schema `dateTime` such as `2011-05-13T04:42:34.123Z` or `2011-05-13T06:42:34+02:00`; nil when it is
    /// none.
    ///
    /// Years have four digits. Without a zone it counts as UTC. Digits beyond milliseconds are dropped; `24:00:00` and
    /// leap seconds are refused.
    public init?(dateTime: String) {
        guard dateTime.utf8.count <= 64 else { return nil }
        var reader = DigitReader(dateTime)
        guard let year = reader.number(4), reader.skip("-"), let month = reader.number(2), reader.skip("-"),
            let day = reader.number(2), reader.skip("T"), let hour = reader.number(2), reader.skip(":"),
            let minute = reader.number(2), reader.skip(":"), let second = reader.number(2)
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= Self.days(in: month, of: year), hour < 24, minute < 60, second < 60
        else { return nil }
        var fraction = 0
        if reader.skip(".") {
            guard let value = reader.milliseconds() else { return nil }
            fraction = value
        }
        guard let offset = reader.zone(), reader.isAtEnd else { return nil }
        let seconds = Self.dayNumber(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset * 60
        self.init(milliseconds: Int64(seconds * 1000 + fraction))
    }

    /// The instant as `2011-05-13T04:42:34.123Z`, always in UTC with milliseconds, so that texts sort like instants.
    /// The years 0 to 9999 can be written; what lies outside is written as the nearest instant that can.
    public var dateTime: String {
        let (earliest, latest): (Int64, Int64) = (-62_167_219_200_000, 253_402_300_799_999)
        let clamped = Int(min(max(milliseconds, earliest), latest))
        let (days, rest) = (clamped.flooredDivision(by: 86_400_000), clamped - clamped.flooredDivision(by: 86_400_000) * 86_400_000)
        let date = Self.civilDate(days)
        var text: [UInt8] = []
        text.reserveCapacity(24)
        func append(_ number: Int, _ width: Int, _ end: Unicode.Scalar) {
            var divisor = [1, 10, 100, 1000][width - 1]
            while divisor > 0 {
                text.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
                divisor /= 10
            }
            text.append(UInt8(ascii: end))
        }
        append(date.year, 4, "-")
        append(date.month, 2, "-")
        append(date.day, 2, "T")
        append(rest / 3_600_000, 2, ":")
        append(rest / 60_000 % 60, 2, ":")
        append(rest / 1000 % 60, 2, ".")
        append(rest % 1000, 3, "Z")
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: The Gregorian calendar, counted in days from 1970-01-01. Years begin in March, so that a leap day is the last.

    private static func days(in month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let era = shifted.flooredDivision(by: 400)
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    private static func civilDate(_ number: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = number + 719_468
        let era = shifted.flooredDivision(by: 146_097)
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1)
    }
}

extension Int {
    /// The quotient rounded down, for a positive divisor.
    fileprivate func flooredDivision(by divisor: Int) -> Int {
        self >= 0 ? self / divisor : (self + 1) / divisor - 1
    }
}

/// Walks over the ASCII text of a dateTime.
private struct DigitReader {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var isAtEnd: Bool { position == bytes.count }

    private mutating func digit() -> Int? {
        guard position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 else { return nil }
        position += 1
        return Int(bytes[position - 1] - UInt8(ascii: "0"))
    }

    mutating func number(_ width: Int) -> Int? {
        var value = 0
        for _ in 0..<width {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: sign) else { return false }
        position += 1
        return true
    }

    /// The digits after the point, as milliseconds; nil when there is none.
    mutating func milliseconds() -> Int? {
        guard var value = digit() else { return nil }
        value *= 100
        var weight = 10
        while let digit = digit() {
            value += digit * weight
            weight /= 10
        }
        return value
    }

    /// The offset from UTC in minutes, or nil when what follows is no zone; no zone at all is UTC.
    mutating func zone() -> Int? {
        if isAtEnd || skip("Z") { return 0 }
        let isEast = skip("+")
        guard isEast || skip("-"), let hours = number(2), skip(":"), let minutes = number(2) else { return nil }
        guard minutes < 60, hours < 14 || (hours == 14 && minutes == 0) else { return nil }
        return (hours * 60 + minutes) * (isEast ? 1 : -1)
    }
}
