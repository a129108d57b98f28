/// Why a transaction did not happen.
public struct StoreError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    public enum Code: Sendable, Hashable {
        /// The resource, or the delivery's lease, is no longer the one that was expected. Read again and retry.
        case conflict
        /// Another resource has the value of the attribute named by `path`.
        case uniqueness(path: String)
        /// There is no such row.
        case notFound
        /// A member of a group does not exist.
        case unknownMember(id: String)
        /// The store is shut, full or damaged.
        case unavailable
    }

    /// The kind.
    public var code: Code
    /// What happened, for a person.
    public var message: String

    /// Creates an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}

extension StoreError: Equatable {
    /// Whether the codes are equal.
    public static func == (left: StoreError, right: StoreError) -> Bool { left.code == right.code }
}
