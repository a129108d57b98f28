package import SCIM

extension OutboundResponse {
    /// The longest wait that is believed.
    private static let longestWait = Duration.seconds(86_400)

    /// How long the server asks to wait by `Retry-After` (RFC 9110 §10.2.3), at most a day; nil where it does not, or not in
    /// a way that can be read.
    package func retryAfter(now: Timestamp) -> Duration? {
        guard let text = headers.first(where: { $0.name.lowercased() == "retry-after" })?.value else { return nil }
        let bare = text.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        if !bare.isEmpty, bare.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) {
            return min(.seconds(Int64(bare) ?? .max / 2), Self.longestWait)
        }
        guard let date = Timestamp(httpDate: bare, now: now) else { return nil }
        return min(max(.zero, .milliseconds(date.milliseconds - now.milliseconds)), Self.longestWait)
    }
}

extension Timestamp {
    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// Reads the date of an HTTP header (RFC 9110 §5.6.7), in any of its three forms: `Sun, 06 Nov 1994 08:49:37 GMT`,
    /// `Sunday, 06-Nov-94 08:49:37 GMT`, `Sun Nov 6 08:49:37 1994`; nil when it is none.
    /// - Parameter now: A year of two digits is never more than 50 years later.
    package init?(httpDate text: String, now: Timestamp) {
        var parts = text.replacing("-", with: " ").split(separator: " ").map(String.init)
        guard let weekday = parts.first else { return nil }
        parts.removeFirst()
        let day, month, year, time: String
        if weekday.hasSuffix(",") {
            guard parts.count == 5, parts[4] == "GMT" else { return nil }
            (day, month, year, time) = (parts[0], parts[1], parts[2], parts[3])
        } else {
            guard parts.count == 4 else { return nil }
            (month, day, time, year) = (parts[0], parts[1], parts[2], parts[3])
        }
        guard let number = Self.months.firstIndex(of: month), let date = Int(day), var years = Int(year), 0...9999 ~= years else {
            return nil
        }
        if year.count == 2 {
            let present = Int(now.dateTime.prefix(4)) ?? 2000
            years += present - present % 100
            if years > present + 50 { years -= 100 }
        }
        func padded(_ value: Int, _ width: Int) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        self.init(dateTime: "\(padded(years, 4))-\(padded(number + 1, 2))-\(padded(date, 2))T\(time)Z")
    }
}
