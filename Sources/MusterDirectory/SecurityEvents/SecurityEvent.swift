package import MusterCore
package import SCIM

/// What a Security Event Token says of one resource after one change (RFC 9967, RFC 8417), before it is signed.
package struct SecurityEvent: Sendable, Hashable {
    /// The token's id, `jti`: the same however often the event is read. It is the change's id for the resource that the
    /// request named, with a dot and a number behind it for what else came of the change.
    package var id: String
    /// What it has in common with the other events of the same change, and with those of no other: `txn`.
    package var transaction: String
    /// When the change was committed.
    package var time: Timestamp
    /// Whom it concerns.
    package var subject: ResourceKey
    /// The subject's path below the base URL: `/Users/42`.
    package var path: String
    /// The subject's `externalId`, where the change tells it.
    package var externalID: String?
    /// The payload of each event by its URI; several URIs tell of the same change of the same resource.
    package var events: AttributeMap

    package init(
        id: String, transaction: String, time: Timestamp, subject: ResourceKey, path: String, externalID: String? = nil,
        events: AttributeMap
    ) {
        self.id = id
        self.transaction = transaction
        self.time = time
        self.subject = subject
        self.path = path
        self.externalID = externalID
        self.events = events
    }

    /// The claims of the token (RFC 8417 §2.2), without `sub`, which RFC 9967 §2.1 forbids, and without `exp`, since what
    /// happened does not expire.
    ///
    /// Nothing in them depends on when the event is read.
    /// - Parameters:
    ///   - issuer: `iss`, such as the base URL.
    ///   - audience: `aud`; nil for whom it may concern.
    package func claims(issuer: String, audience: String?) -> AttributeValue {
        var subject: AttributeMap = ["format": "scim", "uri": .string(path)]
        if let externalID { subject.append("externalId", .string(externalID)) }
        let seconds = AttributeValue.integer(time.milliseconds.flooredSeconds)
        var claims: AttributeMap = ["iss": .string(issuer), "iat": seconds, "jti": .string(id)]
        if let audience { claims.append("aud", .string(audience)) }
        claims.append("txn", .string(transaction))
        claims.append("toe", seconds)
        claims.append("sub_id", .complex(subject))
        claims.append("events", .complex(events))
        return .complex(claims)
    }
}

extension Int64 {
    /// Milliseconds as whole seconds, rounded down.
    fileprivate var flooredSeconds: Int64 { (self - (self % 1000 + 1000) % 1000) / 1000 }
}
