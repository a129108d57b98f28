/// A path to an attribute or to parts of it (RFC 7644 §3.5.2, `PATH`; §3.10 for the URN prefix):
/// `userName`, `name.familyName`, `emails[type eq "work"].value`,
/// `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value`, or an extension's URN alone.
public struct AttributePath: Sendable, Hashable {
    /// The schema URN in front, or nil. For the base schema of the resource type it means nothing more.
    public var schema: String?
    /// The attribute's name; nil when the path is an extension's URN alone.
    public var attribute: String?
    /// Which values of a multi-valued attribute are meant, or nil for all.
    public var valueFilter: Filter?
    /// The sub-attribute, or nil for the whole attribute.
    public var subAttribute: String?

    /// Creates a path.
    public init(schema: String? = nil, attribute: String?, valueFilter: Filter? = nil, subAttribute: String? = nil) {
        self.schema = schema
        self.attribute = attribute
        self.valueFilter = valueFilter
        self.subAttribute = subAttribute
    }
}
