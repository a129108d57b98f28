package import MusterCore
package import SCIM

/// What a site's scripts say about provisioning; each is asked with the name of the target.
package struct ProvisioningHooks: Sendable {
    /// What a hook made of a document.
    package enum Mapped: Sendable, Hashable {
        /// The document as it shall be sent.
        case document(AttributeValue)
        /// The person is left alone this time, and why.
        case skip(String)
        /// The person cannot be provisioned until somebody repairs something, and what.
        case reject(String)
    }

    /// How a plan ended.
    package struct Ending: Sendable {
        /// The target.
        package var target: String
        /// Whose account: tenant, type and id.
        package var subject: ResourceKey
        /// The person; nil where they are not in the directory any more.
        package var person: Person?
        /// What was done.
        package var plan: ProvisioningPlan
        /// The id at the target, where there is one.
        package var remoteID: String?
        /// What went wrong for good; nil where nothing did.
        package var error: String?
        /// Stable for the plan: the same when it is told again.
        package var key: String

        package init(
            target: String, subject: ResourceKey, person: Person?, plan: ProvisioningPlan, remoteID: String?, error: String?, key: String
        ) {
            self.target = target
            self.subject = subject
            self.person = person
            self.plan = plan
            self.remoteID = remoteID
            self.error = error
            self.key = key
        }
    }

    /// Shapes the document before it is planned. Who is not active is deactivated whatever comes of it. May run again for one plan,
    /// so it must not act on the world.
    package var map: @Sendable (_ document: AttributeValue, _ person: Person, _ target: String) async throws -> Mapped
    /// Hears of plans that were carried out, and of those that failed for good. At least once.
    package var ended: @Sendable (Ending) async -> Void

    package init(
        map: @escaping @Sendable (AttributeValue, Person, String) async throws -> Mapped = { document, _, _ in .document(document) },
        ended: @escaping @Sendable (Ending) async -> Void = { _ in }
    ) {
        self.map = map
        self.ended = ended
    }
}
