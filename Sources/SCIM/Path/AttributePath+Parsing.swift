extension AttributePath {
    /// The longest path that is read, in bytes: a filter in it may name a few hundred members.
    private static let maximumBytes = 16 << 10

    /// Reads a path (RFC 7644 §3.5.2).
    ///
    /// What follows the last colon of a URN is read as the attribute. An extension's URN alone cannot be told from that
    /// without a registry; ``SchemaRegistry/resolve(_:in:)`` understands both.
    /// - Throws: `invalidPath` that says where and what was wanted.
    public init(parsing text: String) throws(SCIMError) {
        guard text.utf8.count <= Self.maximumBytes else {
            throw .invalidPath("the path is longer than \(Self.maximumBytes) bytes")
        }
        var parser = FilterParser(Array(text.utf8), limits: FilterLimits(maximumBytes: Self.maximumBytes))
        do throws(SCIMError) {
            self = try parser.wholePath()
        } catch {
            throw .invalidPath("path '\(text.prefix(100))': \(error.detail)")
        }
    }
}
