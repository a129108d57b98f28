/// What is asked before a change is committed: first to shape it, then, when it is final, to agree; and where a value in it
/// turns out to be taken, for another one.
///
/// All parts run outside the transaction and may wait. After a version conflict they run again for the same
/// request, so they must not act on the world. A thrown `SCIMError` is the client's answer; nothing is written.
public struct ChangeInterceptor: Sendable {
    /// Whether a change of this resource type is of interest to `map` or `check`; the directory skips the rest where it is not.
    public var concerns: @Sendable (_ resourceType: String) -> Bool
    /// Returns the change, shaped. Its result is validated against the schema.
    public var map: @Sendable (ResourceChange) async throws -> ResourceChange
    /// Sees the final change; returns or throws.
    public var check: @Sendable (ResourceChange) async throws -> Void
    /// Returns the change with another value, or nil to leave the refusal as it is. The result is validated and checked
    /// like the change itself, but not mapped again. Called only for changes of which a value is taken.
    public var resolve: @Sendable (ResourceChange, UniquenessConflict) async throws -> ResourceChange?

    /// Creates an interceptor; the parts that are left out agree to everything.
    public init(
        concerns: @escaping @Sendable (String) -> Bool = { _ in true },
        map: @escaping @Sendable (ResourceChange) async throws -> ResourceChange = { $0 },
        check: @escaping @Sendable (ResourceChange) async throws -> Void = { _ in },
        resolve: @escaping @Sendable (ResourceChange, UniquenessConflict) async throws -> ResourceChange? = { _, _ in nil }
    ) {
        self.concerns = concerns
        self.map = map
        self.check = check
        self.resolve = resolve
    }
}
