/// A group at a target.
package struct TargetGroup: Sendable, Hashable {
    /// Its id there.
    package var id: String
    /// Its displayName.
    package var name: String

    package init(id: String, name: String) {
        self.id = id
        self.name = name
    }
}
