/// Durable state. The transaction is the closure: synchronous inside, asynchronous outside, so that neither Lua nor
/// HTTP can run while it is open.
public protocol Store: Sendable {
    /// Runs `body` on one consistent state.
    /// - Parameter extent: Whether the work is short; see ``ReadExtent``.
    func read<T: Sendable>(
        _ extent: ReadExtent, _ body: @escaping @Sendable (any ReadTransaction) throws -> T
    ) async throws -> T

    /// Runs `body` in a transaction and returns once it is durable.
    ///
    /// What several callers write may share one commit; each has a savepoint of its own. When `body` throws, nothing
    /// of it is written and the error is rethrown. `body` may run more than once.
    func write<T: Sendable>(_ body: @escaping @Sendable (any WriteTransaction) throws -> T) async throws -> T
}

/// How much a read looks at.
public enum ReadExtent: Sendable {
    /// A few rows found by key: may run on the caller's own thread.
    case point
    /// Many rows: runs where it can hold up nobody.
    case scan
}

extension Store {
    /// Runs `body`, a short read, on one consistent state.
    public func read<T: Sendable>(_ body: @escaping @Sendable (any ReadTransaction) throws -> T) async throws -> T {
        try await read(.point, body)
    }
}
