/// Halves what fails for as long as it goes on failing.
enum Shrinking {
    /// The shortest list found whose elements still make `fails` answer true: without one half, one quarter and so on of
    /// its elements, down to single ones.
    static func shortest<Element: Sendable>(
        _ elements: [Element], fails: ([Element]) async throws -> Bool
    ) async rethrows -> [Element] {
        var (elements, size) = (elements, max(1, elements.count / 2))
        while true {
            var start = 0
            var isShorter = false
            while start < elements.count, elements.count > 1 {
                let rest = Array(elements[..<start] + elements[min(start + size, elements.count)...])
                if !rest.isEmpty, try await fails(rest) {
                    elements = rest
                    isShorter = true
                } else {
                    start += size
                }
            }
            if size == 1, !isShorter { return elements }
            size = max(1, size / 2)
        }
    }
}
