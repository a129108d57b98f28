/// How large a filter may be. A filter comes from outside; nothing of it may cost more than this allows.
public struct FilterLimits: Sendable, Hashable {
    /// The longest text, in bytes.
    public var maximumBytes: Int
    /// How deeply parentheses, `not` and brackets may nest.
    public var maximumDepth: Int
    /// How many comparisons a filter may hold.
    public var maximumTerms: Int

    /// Creates limits.
    public init(maximumBytes: Int = 16 << 10, maximumDepth: Int = 32, maximumTerms: Int = 500) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumTerms = maximumTerms
    }
}
