public import SCIM

/// What a change could not have, since another resource of the type has it.
public struct UniquenessConflict: Sendable, Hashable {
    /// The attribute, as the index names it: `userName`, or `urn:…:User:badge`.
    public var path: String
    /// What the change wanted there; of several values all.
    public var value: AttributeValue?
    /// How many times a value was found to be taken in this change, this time included.
    public var attempt: Int

    /// Creates a value.
    public init(path: String, value: AttributeValue?, attempt: Int) {
        self.path = path
        self.value = value
        self.attempt = attempt
    }
}
