package import MusterCore
package import SCIM

/// What `mapOutbound` shapes: a person's document at a target.
package struct OutboundInput: Sendable {
    /// The document, as the target's template made it.
    package var document: AttributeValue
    /// The person as stored, with `id`.
    package var user: Resource
    /// The person's tenant, type and id.
    package var key: ResourceKey
    /// The target's name.
    package var target: String

    package init(document: AttributeValue, user: Resource, key: ResourceKey, target: String) {
        self.document = document
        self.user = user
        self.key = key
        self.target = target
    }
}

/// What plugins make of a document.
package enum OutboundDecision: Sendable, Hashable {
    /// The document to be sent.
    case document(AttributeValue)
    /// The person is left alone, and which plugin says why.
    case skip(String)
    /// The person cannot be provisioned, and which plugin says why.
    case reject(String)
}

/// A plugin failed in `mapOutbound`, and its manifest does not say that it may be passed over.
package struct OutboundFailure: Error, Sendable, CustomStringConvertible {
    /// Which plugin, and what happened, without anything of the plugin's inside.
    package let description: String
}

/// How a plan for a person at a target ended: what `onProvisioned` and `onProvisionFailed` are told.
package struct OutboundEnding: Sendable {
    /// The same when the same end is told again, and for no other.
    package var id: String
    /// The target's name.
    package var target: String
    /// The person's tenant, type and id.
    package var key: ResourceKey
    /// The person as stored; nil where they are not in the directory any more.
    package var user: Resource?
    /// What the plan does: `create`, `update`, …
    package var action: String
    /// The account after it; nil where it is deleted.
    package var document: AttributeValue?
    /// The account's id at the target; nil where there is none.
    package var remoteID: String?
    /// What went wrong for good; nil where nothing did.
    package var error: String?

    package init(
        id: String, target: String, key: ResourceKey, user: Resource? = nil, action: String, document: AttributeValue? = nil,
        remoteID: String? = nil, error: String? = nil
    ) {
        self.id = id
        self.target = target
        self.key = key
        self.user = user
        self.action = action
        self.document = document
        self.remoteID = remoteID
        self.error = error
    }
}

/// How often a hook that hears of an ending is tried, and for how long: the plan's end waits for it.
struct OutboundRetry: Sendable {
    /// Runs, the first one among them.
    var attempts = 3
    /// The wait after the first run; each further one is twice as long.
    var base = Duration.seconds(1)
    /// What all runs and waits may take together.
    var limit = Duration.seconds(10)
}
