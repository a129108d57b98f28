import ArgumentParser

/// A length of time as people write it: `90d`, `24h`, `30m`, `10s`, `2w`.
struct TimeSpan: ExpressibleByArgument, CustomStringConvertible {
    private static let seconds: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800]
    /// Longer ones are slips.
    private static let longest: Int64 = 100 * 366 * 86_400

    static let day = TimeSpan(text: "24h", duration: .seconds(86_400))

    private let text: String
    let duration: Duration

    private init(text: String, duration: Duration) {
        self.text = text
        self.duration = duration
    }

    init?(argument: String) {
        guard let unit = argument.last.flatMap({ Self.seconds[$0] }), argument.count <= 12, argument.dropLast().allSatisfy(\.isNumber),
            let number = Int64(argument.dropLast()), case let (total, false) = number.multipliedReportingOverflow(by: unit),
            total <= Self.longest
        else { return nil }
        self.init(text: argument, duration: .seconds(total))
    }

    var description: String { text }
    var defaultValueDescription: String { text }
}
