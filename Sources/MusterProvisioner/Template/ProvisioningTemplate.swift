package import SCIM

/// What a person becomes at a target: a JSON document in OneLogin's form, with macros such as `{$user.firstname}`.
package struct ProvisioningTemplate: Sendable, Hashable {
    /// The document with its macros.
    package var document: AttributeValue
    /// Values that an administrator named, which macros `{$parameters.NAME}` stand for; they may hold macros themselves.
    package var parameters: [String: String]

    package init(document: AttributeValue, parameters: [String: String] = [:]) {
        self.document = document
        self.parameters = parameters
    }
}
