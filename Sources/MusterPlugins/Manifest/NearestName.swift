/// Guesses what somebody meant who wrote a name that does not exist.
package enum NearestName {
    /// The one of `names` that differs least from `name`, or nil when none is near.
    package static func of(_ name: String, among names: some Sequence<String>) -> String? {
        let limit = max(2, name.count / 3)
        let near = names.map { (name: $0, distance: distance(name.lowercased(), $0.lowercased())) }
            .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
        return near.flatMap { $0.distance <= limit ? $0.name : nil }
    }

    /// `did you mean 'http'?`, or what there is where nothing is near.
    package static func hint(_ name: String, among names: [String]) -> String {
        if let near = of(name, among: names) { return "did you mean '\(near)'?" }
        return names.isEmpty ? "there is none" : "known are: \(names.sorted().joined(separator: ", "))"
    }

    /// The number of characters to insert, delete, change or swap with their neighbour.
    private static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.prefix(64)), Array(right.prefix(64)))
        var older: [Int] = []
        var previous = Array(0...b.count)
        for row in 0..<a.count {
            var current = [row + 1]
            for column in 0..<b.count {
                var cost = min(previous[column] + (a[row] == b[column] ? 0 : 1), previous[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, a[row] == b[column - 1], a[row - 1] == b[column] { cost = min(cost, older[column - 1] + 1) }
                current.append(cost)
            }
            (older, previous) = (previous, current)
        }
        return previous[b.count]
    }
}
