/// What a JSON document may cost before it is refused.
public struct JSONLimits: Sendable {
    /// How deep arrays and objects may nest; never more than 256, so that no document exhausts the stack.
    public var maximumDepth: Int
    /// The longest document, in bytes.
    public var maximumBytes: Int
    /// How many members one object may have.
    public var maximumMembers: Int

    /// Creates limits.
    public init(maximumDepth: Int = 64, maximumBytes: Int = 4 << 20, maximumMembers: Int = 10_000) {
        self.maximumDepth = maximumDepth
        self.maximumBytes = maximumBytes
        self.maximumMembers = maximumMembers
    }
}
