/// Guesses what somebody meant who wrote a name that does not exist, for errors.
public enum NearestName {
    /// The longest name that is compared, in bytes: more is no slip of the pen.
    private static let maximumBytes = 64

    /// The name among `names` that differs from `name` in at most two letters (or in a third of a short one), or nil.
    public static func of(_ name: String, among names: some Sequence<String>) -> String? {
        let wanted = folded(name)
        guard !wanted.isEmpty, wanted.count <= maximumBytes else { return nil }
        var best: (name: String, distance: Int)?
        for candidate in names {
            let distance = distance(wanted, folded(candidate))
            if distance <= min(2, (wanted.count + 1) / 3), distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.name
    }

    /// `; did you mean 'x'?` for the end of a message, or nothing where no name is near.
    public static func suffix(_ name: String, among names: some Sequence<String>) -> String {
        of(name, among: names).map { "; did you mean '\($0)'?" } ?? ""
    }

    /// `did you mean 'x'?`, or what there is where no name is near.
    public static func hint(_ name: String, among names: some Sequence<String>) -> String {
        if let near = of(name, among: names) { return "did you mean '\(near)'?" }
        let known = names.sorted()
        return known.isEmpty ? "there is none" : "known are: \(known.joined(separator: ", "))"
    }

    /// ASCII letters in lower case, without the signs that clients put between words: `user_name` is near `userName`.
    private static func folded(_ name: String) -> [UInt8] {
        name.utf8.lazy.map(\.asciiLowercased).filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: " ") }
    }

    /// How many letters must be changed, put in, taken out or swapped with their neighbor.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard abs(left.count - right.count) <= 2 else { return .max }
        var (before, last) = ([Int](), Array(0...right.count))
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                var cost = min(last[column + 1] + 1, next[column] + 1, last[column] + (letter == other ? 0 : 1))
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cost = min(cost, before[column - 1] + 1)
                }
                next.append(cost)
            }
            (before, last) = (last, next)
        }
        return last[right.count]
    }
}
