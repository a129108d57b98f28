/// Which attributes an answer carries (RFC 7644 §3.9): the parameters `attributes` and `excludedAttributes`.
public struct AttributeSelection: Sendable, Hashable {
    /// The attributes wanted; nil for those that are returned by default.
    public var attributes: [AttributePath]?
    /// The attributes not wanted; those returned `always` come all the same.
    public var excludedAttributes: [AttributePath]

    /// Creates a selection.
    public init(attributes: [AttributePath]? = nil, excludedAttributes: [AttributePath] = []) {
        self.attributes = attributes
        self.excludedAttributes = excludedAttributes
    }

    /// Everything that is returned by default.
    public static let `default` = AttributeSelection()
}
