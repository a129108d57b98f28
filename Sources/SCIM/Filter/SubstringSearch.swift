/// Finds one text within others in time that grows with their length alone (Knuth, Morris and Pratt): both come from
/// outside, and trying each place anew would let a few long strings keep a server busy.
struct SubstringSearch: Sendable {
    private let wanted: [UInt8]
    /// For each position of ``wanted``: how many bytes still match when the next one does not.
    private let fallback: [Int]

    /// Prepares the search for `text`.
    init(_ text: String) {
        wanted = Array(text.utf8)
        var fallback = [Int](repeating: 0, count: wanted.count)
        var matched = 0
        for index in wanted.indices.dropFirst() {
            while matched > 0, wanted[index] != wanted[matched] { matched = fallback[matched - 1] }
            if wanted[index] == wanted[matched] { matched += 1 }
            fallback[index] = matched
        }
        self.fallback = fallback
    }

    /// Whether `text` holds the text that is looked for.
    func isFound(in text: String) -> Bool {
        guard !wanted.isEmpty else { return true }
        guard text.utf8.count >= wanted.count else { return false }
        var matched = 0
        for byte in text.utf8 {
            while matched > 0, byte != wanted[matched] { matched = fallback[matched - 1] }
            if byte == wanted[matched] { matched += 1 }
            if matched == wanted.count { return true }
        }
        return false
    }
}
