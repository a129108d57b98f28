public import SCIM

/// A resource as the store keeps it.
public struct StoredResource: Sendable, Hashable {
    /// What names it.
    public var key: ResourceKey
    /// The JSON object that is answered, as UTF-8, without `meta`, without a group's `members` and without a
    /// user's `groups`: these come from columns and membership rows.
    public var document: [UInt8]
    /// Type, times and version. The version grows with every change, of members too.
    public var meta: Meta
    /// Grows when the document changes, but not when only members do: what a write by compare-and-set expects.
    public var documentVersion: Int64
    /// What members and groups show as `display`: a user's displayName or userName, a group's displayName.
    public var display: String?

    /// Creates a value.
    public init(key: ResourceKey, document: [UInt8], meta: Meta, documentVersion: Int64, display: String?) {
        self.key = key
        self.document = document
        self.meta = meta
        self.documentVersion = documentVersion
        self.display = display
    }
}
