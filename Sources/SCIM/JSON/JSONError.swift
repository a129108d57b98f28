/// Why a JSON document was refused.
public struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The byte at which it was noticed, counted from 0.
    public let offset: Int
    /// What is wrong there, for a person; holds nothing of the document.
    public let reason: String

    /// Creates an error.
    public init(offset: Int, reason: String) {
        self.offset = offset
        self.reason = reason
    }

    /// Reason and place.
    public var description: String { "the JSON is not valid at byte \(offset): \(reason)" }
}
