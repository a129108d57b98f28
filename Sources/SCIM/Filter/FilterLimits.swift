/// How large a filter may be. A filter comes from outside; nothing of it may cost more than this allows.
public struct FilterLimits: Sendable, Hashable {
    /// The longest text, in bytes.
    public var maximumBytes: Int
    /// How deeply parentheses, `not` and brackets may nest.
    public var maximumDepth: Int
    /// How many comparisons a filter may hold.
    public var maximumTerms: Int

    /// How many comparisons of values the filters of one PATCH message may need: a second's work at most. A thousand
    /// operations that each choose one of a thousand values stay below it.
    static let comparisonsOfPatch = 2_000_000

    /// Creates limits.
    public init(maximumBytes: Int = 16 << 10, maximumDepth: Int = 32, maximumTerms: Int = 500) {
        self.maximumBytes = maximumBytes
        self.maximumDepth = maximumDepth
        self.maximumTerms = maximumTerms
    }
}
