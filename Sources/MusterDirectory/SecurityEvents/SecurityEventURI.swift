/// The kinds of events that a change of a resource is told as (RFC 9967 §2.4); the raw value is the event URI.
///
/// `feed:add` and `feed:remove` (§2.3) are not among them: the feed of a tenant holds every resource of it, so that a
/// resource comes into it by its creation and leaves it by its deletion, which the RFC tells by those events alone.
package enum SecurityEventURI: String, Sendable, Hashable, CaseIterable {
    case createNotice = "urn:ietf:params:scim:event:prov:create:notice"
    case createFull = "urn:ietf:params:scim:event:prov:create:full"
    case putNotice = "urn:ietf:params:scim:event:prov:put:notice"
    case putFull = "urn:ietf:params:scim:event:prov:put:full"
    case patchNotice = "urn:ietf:params:scim:event:prov:patch:notice"
    case patchFull = "urn:ietf:params:scim:event:prov:patch:full"
    case delete = "urn:ietf:params:scim:event:prov:delete"
    case activate = "urn:ietf:params:scim:event:prov:activate"
    case deactivate = "urn:ietf:params:scim:event:prov:deactivate"
}

/// How much of a change its events tell (RFC 9967 §2.4).
package enum SecurityEventMode: String, Sendable, Hashable, CaseIterable {
    /// Which attributes changed, but not to what: no personal data leaves the directory but by a read.
    case notice
    /// The values too, as an answer to a client would hold them.
    case full

    /// The URIs of the events that can occur, for the ServiceProviderConfig (RFC 9967 §4).
    package var eventURIs: [SecurityEventURI] {
        SecurityEventURI.allCases.filter { self == .full || ![.createFull, .putFull, .patchFull].contains($0) }
    }
}
