package import SCIM

/// What the rules made of a person.
package struct MappingOutcome: Sendable, Hashable {
    /// Which rules fired, by position.
    package var fired: [Int] = []
    /// The display names of the groups at targets that the person goes into; nil where no rule says anything about groups.
    package var groups: [String]?
    /// The targets that the person goes to.
    package var targets: [String] = []

    /// One attribute that was set.
    package struct Setting: Sendable, Hashable {
        /// The SCIM path, such as `title` or `urn:…:enterprise:2.0:User:department`.
        package var path: String
        /// The value; null unassigns it.
        package var value: AttributeValue

        package init(path: String, value: AttributeValue) {
            self.path = path
            self.value = value
        }
    }

    /// What was set.
    package var settings: [Setting] = []

    package init() {}
}
