/// One operation of a PATCH request (RFC 7644 §3.5.2).
public struct PatchOperation: Sendable, Hashable {
    /// What is done at the path.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case add, remove, replace
    }

    /// What is done.
    public var kind: Kind
    /// Where; nil means the resource itself, and `value` is then a set of attributes.
    public var path: AttributePath?
    /// With what; nil for most removes.
    public var value: AttributeValue?

    /// Creates an operation.
    public init(_ kind: Kind, path: AttributePath? = nil, value: AttributeValue? = nil) {
        self.kind = kind
        self.path = path
        self.value = value
    }
}
